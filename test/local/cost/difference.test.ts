import { expect } from "chai";
import { difference } from "../../../local/cost/difference.ts";
import { estimate } from "../../../local/cost/estimate.ts";
import type { PricedResource } from "../../../local/cost/pricing.ts";
import { renderDifference } from "../../../local/cost/render-difference.ts";
import type { Usage } from "../../../local/cost/usage.ts";

const usage: Usage = {
  requests: 1e6,
  durationMs: 100,
  logKb: 1,
  networkGb: 0,
  storedGb: 1,
  incidents: 0,
};
const handler = (memorySize: number): PricedResource => ({
  type: "aws:lambda/function:Function",
  name: "function",
  inputs: { name: "parcels", memorySize, architectures: ["arm64"] },
});
const other = (type: string, name = "other"): PricedResource => ({ type, name, inputs: {} });
const of = (...resources: PricedResource[]) => estimate(resources, usage, "parcels");

describe("the difference of two estimates", () => {
  it("is empty for the same resources in another order", () => {
    const alarm = other("aws:cloudwatch/metricAlarm:MetricAlarm");
    const same = difference(of(handler(256), alarm), of(alarm, handler(256)));

    expect(same.lines).to.deep.equal([]);
    expect(same.usd).to.equal(0);
    expect(renderDifference(same, usage, "Estimate", "us-east-1")).to.match(
      /\nno difference: \$\d+\.\d\d a month$/,
    );
  });

  it("shows a larger memory as one line that says both sizes", () => {
    const { lines, usd } = difference(of(handler(256)), of(handler(512)));

    // A million calls of 0.1 s: a quarter of a GB more is 25,000 GB-seconds.
    expect(usd).to.be.closeTo(25_000 * 0.0000133334, 1e-9);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include({
      resource: "function",
      what: "compute",
      before: "256 MB for 100 ms",
      after: "512 MB for 100 ms",
    });
  });

  it("has what comes and what goes, and adds up to the change of the total", () => {
    const before = of(handler(256), other("aws:cloudwatch/dashboard:Dashboard", "old-board"));
    const after = of(handler(256), other("aws:ec2/natGateway:NatGateway", "gateway"));
    const { lines, usd } = difference(before, after);

    expect(lines.map(({ resource, usd }) => [resource, Math.sign(usd)])).to.deep.equal([
      ["gateway", 1],
      ["old-board", -1],
    ]);
    expect(usd).to.be.closeTo(
      lines.reduce((total, line) => total + line.usd, 0),
      1e-9,
    );
    expect(usd).to.be.closeTo(after.totalUsd - before.totalUsd, 1e-9);
  });

  it("names types without a price whose number changes, and no others", () => {
    const [cluster, broker] = ["aws:redshift/cluster:Cluster", "aws:mq/broker:Broker"];
    const { notPriced, lines } = difference(of(other(broker)), of(other(broker), other(cluster)));

    expect(notPriced).to.deep.equal({ [cluster]: { before: 0, after: 1 } });
    expect(lines).to.be.empty;
    expect(
      renderDifference({ ...difference(of(), of()), notPriced }, usage, "Estimate", "us-east-1"),
    ).to.include(`not priced: ${cluster}, 0 before, 1 after`);
  });
});
