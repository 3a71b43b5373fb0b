import { expect } from "chai";
import { estimate, type PricedResource } from "../../../local/cost/estimate.ts";
import { PRICES } from "../../../local/cost/prices.ts";
import { renderEstimate } from "../../../local/cost/render.ts";
import { tracesOf, type Usage } from "../../../local/cost/usage.ts";

const usage: Usage = { requests: 2e6, durationMs: 200, logKb: 2, natGb: 5, incidents: 0 };
const handler: PricedResource = {
  type: "aws:lambda/function:Function",
  name: "function",
  inputs: { name: "orders", memorySize: 512, architectures: ["arm64"] },
};
const other = (type: string, inputs: Record<string, unknown> = {}): PricedResource => ({
  type,
  name: "other",
  inputs,
});

describe("the estimate of a stack's cost", () => {
  it("multiplies calls, their duration and the memory by the price of the processor", () => {
    const { lines } = estimate([handler], usage, "orders");
    const compute = lines.find(({ price }) => price === "lambdaArmSecond");

    // Two million calls of 0.2 s at half a GB.
    expect(compute?.quantity).to.equal(200_000);
    expect(compute?.usd).to.be.closeTo(2.67, 0.01);
  });

  it("counts a call for the function that users call, and for no other", () => {
    const hook = { ...handler, name: "hook", inputs: { ...handler.inputs, name: "hook" } };
    const one = estimate([handler], usage, "orders");

    expect(estimate([handler, hook], usage, "orders").totalUsd).to.equal(one.totalUsd);
  });

  it("counts each metric that an alarm computes with", () => {
    const metricQueries = [{ expression: "a / b" }, { metric: {} }, { metric: {} }];
    const alarm = other("aws:cloudwatch/metricAlarm:MetricAlarm", { metricQueries });
    const { lines } = estimate([alarm], usage, "orders");

    expect(lines).to.have.length(1);
    expect(lines[0]).to.include({ price: "alarmMetric", quantity: 2 });
  });

  it("names what it has no price for, and leaves out what is free", () => {
    const { notPriced, lines } = estimate(
      [
        other("aws:redshift/cluster:Cluster"),
        other("aws:redshift/cluster:Cluster"),
        other("aws:iam/role:Role"),
        other("lambda-service:infra:Storage"),
      ],
      usage,
      "orders",
    );

    expect(notPriced).to.deep.equal({ "aws:redshift/cluster:Cluster": 2 });
    expect(lines).to.be.empty;
  });

  it("prices a table and a NAT gateway that somebody adds", () => {
    const table = estimate([other("aws:dynamodb/table:Table")], usage, "orders");
    const gateway = estimate([other("aws:ec2/natGateway:NatGateway")], usage, "orders");

    expect(table.totalUsd).to.be.greaterThan(1);
    expect(gateway.totalUsd).to.be.closeTo(32.85 + 5 * 0.045, 0.001);
  });

  it("knows that Lambda traces the first call of a second and a twentieth of the others", () => {
    expect(tracesOf(1000)).to.equal(1000);
    expect(tracesOf(730 * 3600 + 1000)).to.equal(730 * 3600 + 50);
  });

  it("is printed with each price, its page and its month", () => {
    const text = renderEstimate(estimate([handler], usage, "orders"), usage, "Estimate");

    expect(text).to.match(/\$2\.67 {2}function: compute, 512 MB for 200 ms/);
    expect(text).to.include("prices of 2026-08 from aws.amazon.com/cloudwatch/pricing");
    expect(text).to.match(/\$\d+\.\d\d a month, list prices/);
    for (const { source, read } of Object.values(PRICES)) {
      expect(source).to.match(/^aws\.amazon\.com\//);
      expect(read).to.match(/^\d{4}-\d\d$/);
    }
  });
});
