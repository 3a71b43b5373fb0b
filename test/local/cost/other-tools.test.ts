/**
 * What infracost computes for the same resources: the amounts of its own test data of 2026-08, which come from AWS's
 * price list. Nothing here is computed from this project's prices.
 */
import { expect } from "chai";
import { estimate } from "../../../local/cost/estimate.ts";
import type { PricedResource } from "../../../local/cost/pricing.ts";
import { DEFAULT_USAGE, type Usage } from "../../../local/cost/usage.ts";

const MAIN = "parcels";
const fn = (memorySize: number, architecture: string): PricedResource => ({
  type: "aws:lambda/function:Function",
  name: "function",
  inputs: { name: MAIN, memorySize, architectures: [architecture] },
});
const of = (type: string, inputs: PricedResource["inputs"] = {}): PricedResource => ({
  type,
  name: "one",
  inputs,
});

type Row = readonly [
  what: string,
  resources: readonly PricedResource[],
  usage: Partial<Usage>,
  /** Amounts by what they are for; others are not judged. */
  amounts: Readonly<Record<string, number>>,
];

const NAT = of("aws:ec2/natGateway:NatGateway");
const ROWS: readonly Row[] = [
  [
    "a NAT gateway with 100 GB",
    [NAT],
    { networkGb: 100 },
    { "NAT gateway": 32.85, "traffic through it": 4.5 },
  ],
  [
    "an interface endpoint in two zones with 1,000 GB",
    [
      of("aws:ec2/vpcEndpoint:VpcEndpoint", {
        vpcEndpointType: "Interface",
        subnetIds: ["a", "b"],
      }),
    ],
    { networkGb: 1000 },
    { "interface endpoint": 14.6, "traffic through it": 10 },
  ],
  ["a public address", [of("aws:ec2/eip:Eip")], {}, { "public address": 3.65 }],
  ["a key", [of("aws:kms/key:Key")], {}, { "encryption key": 1 }],
  ["a secret", [of("aws:secretsmanager/secret:Secret")], {}, { secret: 0.4 }],
  [
    "an advanced parameter",
    [of("aws:ssm/parameter:Parameter", { tier: "Advanced" })],
    {},
    { "advanced parameter": 0.05 },
  ],
  // A message is three requests.
  [
    "2 M requests of a queue",
    [of("aws:sqs/queue:Queue", { name: "q" })],
    { requests: 2e6 / 3 },
    { messages: 0.8 },
  ],
  [
    "1 M of a FIFO queue",
    [of("aws:sqs/queue:Queue", { name: "q.fifo", fifoQueue: true })],
    { requests: 1e6 / 3 },
    { messages: 0.5 },
  ],
  [
    "1,000 M requests of an HTTP API",
    [of("aws:apigatewayv2/api:Api", { protocolType: "HTTP" })],
    { requests: 1e9 },
    { "API requests": 930 },
  ],
  [
    "21,000 M requests of a REST API, up to the last tier",
    [of("aws:apigateway/restApi:RestApi")],
    { requests: 20e9 },
    { "API requests": 48_253.1 },
  ],
  [
    "the smallest cache of a REST API",
    [of("aws:apigateway/stage:Stage", { cacheClusterEnabled: true, cacheClusterSize: "0.5" })],
    {},
    { cache: 14.6 },
  ],
  [
    "1 M events on a bus",
    [of("aws:cloudwatch/eventBus:EventBus")],
    { requests: 1e6 },
    { events: 1 },
  ],
  [
    "1,000 GB of logs",
    [
      fn(128, "arm64"),
      of("aws:cloudwatch/logGroup:LogGroup", { name: `/aws/lambda/${MAIN}`, retentionInDays: 14 }),
    ],
    { requests: 1e6, logKb: 1000 },
    { "log lines written": 500 },
  ],
  [
    "a table on demand",
    [
      of("aws:dynamodb/table:Table", {
        billingMode: "PAY_PER_REQUEST",
        pointInTimeRecovery: { enabled: true },
      }),
    ],
    { requests: 8e6, storedGb: 230 },
    { "reads, one a call": 1, "items stored": 57.5, "backups to any point in time": 46 },
  ],
  [
    "writes of that table",
    [of("aws:dynamodb/table:Table", { billingMode: "PAY_PER_REQUEST" })],
    { requests: 3e6 },
    { "writes, one a call and index": 1.88 },
  ],
  [
    "1 M changes of the service's own table, published",
    [
      of("aws:dynamodb/table:Table", { name: "orders", billingMode: "PAY_PER_REQUEST" }),
      of("aws:lambda/function:Function", {
        environment: { variables: { TABLE_NAME: "orders", CHANGES_BUS: "default" } },
      }),
    ],
    { requests: 1e6 },
    // A put is one unit and a transaction of three items six: 7 x 0.625; a read of 4 KB; an event.
    {
      "writes, as if every call were a change": 4.38,
      "reads, one a call": 0.13,
      "changes published": 1,
    },
  ],
  [
    "a table of provisioned capacity",
    [of("aws:dynamodb/table:Table", { writeCapacity: 20, readCapacity: 30 })],
    {},
    { "write capacity": 9.49, "read capacity": 2.85 },
  ],
  [
    "a function of 512 MB on x86",
    [fn(512, "x86_64")],
    { requests: 1e5, durationMs: 350 },
    { requests: 0.02, compute: 0.29 },
  ],
  ["the same on arm", [fn(512, "arm64")], { requests: 1e5, durationMs: 350 }, { compute: 0.23 }],
  [
    "compute beyond the first tier on x86",
    [fn(1024, "x86_64")],
    { requests: 15e9, durationMs: 1000 },
    { compute: 235_000.2 },
  ],
  [
    "compute beyond both tiers on arm",
    [fn(1024, "arm64")],
    { requests: 18.75e9 + 56.002e9, durationMs: 1000 },
    { compute: 100_000.5 + 135_001.13 + 597_356.53 },
  ],
  ["an alarm", [of("aws:cloudwatch/metricAlarm:MetricAlarm", { period: 60 })], {}, { alarm: 0.1 }],
  [
    "an alarm below a minute",
    [of("aws:cloudwatch/metricAlarm:MetricAlarm", { period: 10 })],
    {},
    { alarm: 0.3 },
  ],
  [
    "an alarm of two metrics",
    [
      of("aws:cloudwatch/metricAlarm:MetricAlarm", {
        metricQueries: [
          { metric: { period: 120 } },
          { metric: { period: 120 } },
          { expression: "a/b" },
        ],
      }),
    ],
    {},
    { alarm: 0.2 },
  ],
  ["a dashboard", [of("aws:cloudwatch/dashboard:Dashboard")], {}, { dashboard: 3 }],
  [
    "100,000 notifications by HTTPS",
    [of("aws:sns/topicSubscription:TopicSubscription", { protocol: "https" })],
    { incidents: 1e5 },
    { notifications: 0.06 },
  ],
  [
    "100,000 emails",
    [of("aws:sns/topicSubscription:TopicSubscription", { protocol: "email" })],
    { incidents: 1e5 },
    { notifications: 2 },
  ],
  ["1 M messages of a topic", [of("aws:sns/topic:Topic")], { incidents: 1e6 }, { messages: 0.5 }],
  [
    "a web ACL of 16 rules",
    [of("aws:wafv2/webAcl:WebAcl", { rules: Array.from({ length: 16 }, () => ({})) })],
    { requests: 1e6 },
    { "web ACL": 5, "rules of the web ACL": 16, "requests inspected": 0.6 },
  ],
];

describe("an estimate agrees with infracost's", () => {
  for (const [what, resources, usage, amounts] of ROWS) {
    it(`for ${what}`, () => {
      const { lines, notPriced } = estimate(resources, { ...DEFAULT_USAGE, ...usage }, MAIN);
      expect(notPriced).to.deep.equal({});
      for (const [name, usd] of Object.entries(amounts)) {
        const line = lines.find((one) => one.what === name);
        // It prints two decimals.
        expect(line?.usd, name).to.be.closeTo(usd, Math.max(0.005, usd * 1e-6));
      }
    });
  }
});
