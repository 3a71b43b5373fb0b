import { expect } from "chai";
import { costOf, PRICES } from "../../../infra/observability/prices.ts";
import { estimate } from "../../../local/cost/estimate.ts";
import type { PricedResource } from "../../../local/cost/pricing.ts";
import { renderEstimate } from "../../../local/cost/render.ts";
import { sampled, tracesOf, type Usage } from "../../../local/cost/usage.ts";

const usage: Usage = {
  requests: 2e6,
  durationMs: 200,
  logKb: 2,
  networkGb: 5,
  storedGb: 1,
  incidents: 0,
};
const handler = (inputs: PricedResource["inputs"] = {}): PricedResource => ({
  type: "aws:lambda/function:Function",
  name: "function",
  inputs: { name: "parcels", memorySize: 512, architectures: ["arm64"], ...inputs },
});
const other = (type: string, inputs: PricedResource["inputs"] = {}): PricedResource => ({
  type,
  name: "other",
  inputs,
});
const lineOf = (resources: PricedResource[], what: string, of = usage) =>
  estimate(resources, of, "parcels").lines.find((line) => line.what === what);

describe("the estimate of a stack's cost", () => {
  it("multiplies calls, their duration and the memory by the price of the processor", () => {
    const compute = lineOf([handler()], "compute");

    // Two million calls of 0.2 s at half a GB.
    expect(compute).to.include({ quantity: 200_000, price: "lambdaArmSecond" });
    expect(compute?.usd).to.be.closeTo(2.67, 0.01);
    expect(lineOf([handler({ architectures: ["x86_64"] })], "compute")?.price).to.equal(
      "lambdaX86Second",
    );
  });

  it("counts a call for the function that users call, and for no other", () => {
    const hook = { ...handler({ name: "hook" }), name: "hook" };
    const one = estimate([handler()], usage, "parcels");

    expect(estimate([handler(), hook], usage, "parcels").totalUsd).to.equal(one.totalUsd);
  });

  it("counts log lines by the level that the function logs at, unless told how many KB", () => {
    const logs = other("aws:cloudwatch/logGroup:LogGroup", {
      name: "/custom/parcels",
      retentionInDays: 14,
    });
    const at = (level: string) =>
      handler({
        loggingConfig: { logGroup: "/custom/parcels" },
        environment: { variables: { POWERTOOLS_LOG_LEVEL: level } },
      });
    const written = (level: string, logKb?: number) =>
      lineOf([logs, at(level)], "log lines written", { ...usage, logKb })?.quantity ?? 0;

    expect(written("info", 2)).to.equal(4);
    expect(written("debug")).to.be.greaterThan(written("info"));
    expect(written("info")).to.be.greaterThan(written("warn"));
    expect(written("error")).to.equal(written("warn"));
  });

  it("counts the lines of no other log group, but for an API's of each request", () => {
    const group = (name: string) => other("aws:cloudwatch/logGroup:LogGroup", { name });
    const arn = "arn:aws:logs:eu-west-1:111111111111:log-group:/api/access:*";
    const stage = other("aws:apigateway/stage:Stage", {
      accessLogSettings: { destinationArn: arn },
    });

    expect(
      estimate([handler(), group("/other")], usage).lines.map(({ what }) => what),
    ).not.to.include("log lines written");
    expect(
      lineOf([handler(), stage, group("/api/access")], "log lines written")?.quantity,
    ).to.equal(1);
  });

  it("counts each metric that an alarm computes with", () => {
    const metricQueries = [{ expression: "a / b" }, { metric: {} }, { metric: {} }];
    const alarm = other("aws:cloudwatch/metricAlarm:MetricAlarm", { metricQueries });

    expect(lineOf([alarm], "alarm")).to.include({ price: "alarmMetric", quantity: 2 });
  });

  it("takes calls off the ordinary price that instances kept ready can take", () => {
    const ready = (instances: number) =>
      other("aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig", {
        functionName: "parcels",
        provisionedConcurrentExecutions: instances,
      });
    // 2,628,000 calls of 2 s a month are two at a time.
    const busy: Usage = { ...usage, requests: 2_628_000, durationMs: 2000 };
    const [half, all] = [1, 3].map((instances) => [handler(), ready(instances)]);

    expect(lineOf(half ?? [], "compute", busy)?.quantity).to.be.closeTo(1_314_000, 1);
    expect(lineOf(half ?? [], "compute on instances kept ready", busy)?.quantity).to.be.closeTo(
      1_314_000,
      1,
    );
    expect(lineOf(all ?? [], "compute", busy)).to.equal(undefined);
    // Half a GB for 730 hours, three times.
    expect(lineOf(all ?? [], "instances kept ready", busy)?.quantity).to.equal(1.5 * 730 * 3600);
  });

  it("names what it has no price for, and leaves out what is free", () => {
    const { notPriced, lines } = estimate(
      [
        other("aws:redshift/cluster:Cluster"),
        other("aws:redshift/cluster:Cluster"),
        other("aws:iam/role:Role"),
        other("lambda-service:infra:Storage"),
        other("pulumi:providers:aws"),
      ],
      usage,
    );

    expect(notPriced).to.deep.equal({ "aws:redshift/cluster:Cluster": 2 });
    expect(lines).to.be.empty;
  });

  for (const [what, type, inputs] of [
    ["a copy of a table elsewhere", "aws:dynamodb/table:Table", { replicas: [{}] }],
    ["a flow log in a bucket", "aws:ec2/flowLog:FlowLog", { logDestinationType: "s3" }],
    ["a web socket", "aws:apigatewayv2/api:Api", { protocolType: "WEBSOCKET" }],
    [
      "a message to a telephone",
      "aws:sns/topicSubscription:TopicSubscription",
      { protocol: "sms" },
    ],
    [
      "pollers of one's own",
      "aws:lambda/eventSourceMapping:EventSourceMapping",
      { provisionedPollerConfig: { minimumPollers: 2 } },
    ],
    [
      "a large cache",
      "aws:apigateway/stage:Stage",
      { cacheClusterEnabled: true, cacheClusterSize: "237" },
    ],
  ] as const) {
    it(`names ${what} as not priced rather than to guess`, () => {
      const { notPriced, lines } = estimate([other(type, inputs)], usage);
      expect(notPriced).to.deep.equal({ [type]: 1 });
      expect(lines).to.be.empty;
    });
  }

  it("counts polls of a queue that Lambda reads, and nothing of one for dead letters", () => {
    const queue = (name: string) => other("aws:sqs/queue:Queue", { name });
    const arn = (name: string) => `arn:aws:sqs:eu-west-1:111111111111:${name}`;
    const source = other("aws:lambda/eventSourceMapping:EventSourceMapping", {
      eventSourceArn: arn("jobs"),
    });
    const failing = handler({ deadLetterConfig: { targetArn: arn("failed") } });

    expect(lineOf([queue("jobs"), source], "polls of an idle queue")?.quantity).to.equal(657_000);
    expect(lineOf([queue("jobs"), source], "messages")?.quantity).to.equal(6e6);
    const schedule = other("aws:scheduler/schedule:Schedule", {
      target: { arn: "a function", deadLetterConfig: { arn: arn("failed") } },
    });
    const mapping = other("aws:lambda/eventSourceMapping:EventSourceMapping", {
      destinationConfig: { onFailure: { destinationArn: arn("failed") } },
    });
    for (const one of [failing, schedule, mapping]) {
      expect(lineOf([queue("failed"), one], "messages")).to.equal(undefined);
      expect(lineOf([queue("other"), one], "messages")?.quantity).to.equal(6e6);
    }
    const redrive = JSON.stringify({ deadLetterTargetArn: arn("failed"), maxReceiveCount: 3 });
    const jobs = other("aws:sqs/queue:Queue", { name: "jobs", redrivePolicy: redrive });
    expect(estimate([jobs, queue("failed"), source], usage).lines).to.have.length(2);
  });

  it("knows that Lambda traces the first call of a second and a twentieth of the others", () => {
    expect(tracesOf(1000)).to.equal(1000);
    expect(tracesOf(730 * 3600 + 1000)).to.equal(730 * 3600 + 50);
  });

  it("counts traces by a sampling rule where an API that traces comes first, and only there", () => {
    const traced = handler({ tracingConfig: { mode: "Active" } });
    const rule = other("aws:xray/samplingRule:SamplingRule", { reservoirSize: 0, fixedRate: 0.1 });
    const stage = other("aws:apigateway/stage:Stage", { xrayTracingEnabled: true });

    expect(lineOf([traced, rule, stage], "traces recorded")?.quantity).to.equal(200_000);
    expect(lineOf([traced, rule], "traces recorded")?.quantity).to.equal(2e6);
    expect(lineOf([handler()], "traces recorded")).to.equal(undefined);
    const passing = handler({ tracingConfig: { mode: "PassThrough" } });
    expect(lineOf([passing, rule], "traces recorded")).to.equal(undefined);
    expect(lineOf([passing, rule, stage], "traces recorded")?.quantity).to.equal(200_000);
    expect(sampled(100, 0, 1)).to.equal(100);
  });

  it("is printed with each price, its origin and AWS's page for it", () => {
    const text = renderEstimate(
      estimate([handler()], usage, "parcels"),
      usage,
      "Estimate",
      "us-east-1",
    );

    expect(text).to.match(/\$2\.67 {2}function: compute, 512 MB for 200 ms/);
    expect(text).to.match(/prices of 2026-\d\d, .+; in force: .*aws\.amazon\.com\/lambda\/pricing/);
    expect(text).to.match(/\$\d+\.\d\d a month, list prices of us-east-1/);
    expect(text).not.to.include("the stack is in");
  });

  it("says so where the stack is in a region of other prices", () => {
    const text = renderEstimate(estimate([], usage), usage, "Estimate", "eu-central-1");
    expect(text).to.include("the stack is in eu-central-1, where list prices differ");
  });
});

describe("the list of prices", () => {
  for (const [name, price] of Object.entries(PRICES)) {
    it(`says of ${name} where and when it was read, and which page states the one in force`, () => {
      expect(price.usd).to.be.greaterThan(0);
      expect(price.per).not.to.equal("");
      expect(price.source).to.match(/\w{4}/);
      expect(price.read).to.match(/^20\d\d-(0[1-9]|1[0-2])$/);
      expect(price.page).to.match(/^aws\.amazon\.com\/[a-z0-9/-]+\/pricing$/);
    });
  }

  it("falls by tiers, each for what lies within it", () => {
    expect(costOf("httpApiRequest", 300e6)).to.be.closeTo(300, 1e-6);
    expect(costOf("httpApiRequest", 301e6)).to.be.closeTo(300.9, 1e-6);
    expect(costOf("restApiRequest", 0)).to.equal(0);
  });
});
