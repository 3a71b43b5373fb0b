/**
 * What a stack costs in a month, computed from the resources of its plan. A type that is not priced here is
 * named, so that nothing is left out without a word. Pure.
 */
import { PRICES, type PriceName } from "./prices.ts";
import { SECONDS_A_MONTH, tracesOf, type Usage } from "./usage.ts";

/** A resource of a plan, as far as its price depends on it. */
export interface PricedResource {
  /** For example `aws:sqs/queue:Queue`. */
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** One line of an estimate. */
export interface CostLine {
  /** The resource's name in the program. */
  readonly resource: string;
  /** What is paid for: the same words whatever the size, so that two estimates can be compared. */
  readonly what: string;
  /** What the quantity comes from, for example `512 MB for 100 ms`. */
  readonly detail?: string;
  readonly price: PriceName;
  /** How many of what the price is for. */
  readonly quantity: number;
  readonly usd: number;
}

export interface Estimate {
  readonly lines: readonly CostLine[];
  /** A month in USD. */
  readonly totalUsd: number;
  /** Types that cost something or may, and have no price here; with how many there are. */
  readonly notPriced: Readonly<Record<string, number>>;
}

type Part = readonly [what: string, price: PriceName, quantity: number, detail?: string];

/** How one type is priced. */
type Pricer = (inputs: PricedResource["inputs"], usage: Usage, service: Service) => readonly Part[];

/** The function that users call, and that the usage is of. */
interface Service {
  readonly main: string;
  readonly memoryGb: number;
  readonly arm: boolean;
}

const number = (value: unknown, fallback: number): number =>
  typeof value === "number" ? value : fallback;

const list = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? (value as Readonly<Record<string, unknown>>[]) : [];

const GB_IN_KB = 1_000_000;

const functionParts: Pricer = (inputs, { requests, durationMs }, { memoryGb, arm }) => {
  const tracing = inputs["tracingConfig"] as { mode?: string } | undefined;
  const traces: readonly Part[] =
    tracing?.mode === "Active" ? [["traces recorded", "trace", tracesOf(requests)]] : [];
  return [
    ["requests", "lambdaRequest", requests],
    [
      "compute",
      arm ? "lambdaArmSecond" : "lambdaX86Second",
      (requests * durationMs * memoryGb) / 1000,
      `${memoryGb * 1024} MB for ${durationMs} ms`,
    ],
    ...traces,
  ];
};

/** Metrics that an alarm reads: each of them is paid for. */
const alarmMetrics = (inputs: PricedResource["inputs"]): number => {
  const queries = list(inputs["metricQueries"]).filter(({ metric }) => metric !== undefined);
  return Math.max(1, queries.length);
};

/** Types that cost by what they are and how they are used. */
const PRICERS: Readonly<Record<string, Pricer>> = {
  "aws:lambda/function:Function": (inputs, usage, service) =>
    // Only the service's own function is called by users; a hook is called a few times a release.
    inputs["name"] === service.main ? functionParts(inputs, usage, service) : [],
  "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": (
    inputs,
    _usage,
    { memoryGb, arm },
  ) => [
    [
      "instances kept ready",
      arm ? "lambdaProvisionedArmSecond" : "lambdaProvisionedX86Second",
      number(inputs["provisionedConcurrentExecutions"], 1) * memoryGb * SECONDS_A_MONTH,
    ],
  ],
  // Two alarms of one metric each, which Application Auto Scaling makes itself.
  "aws:appautoscaling/policy:Policy": () => [["alarms of auto scaling", "alarmMetric", 2]],
  "aws:cloudwatch/logGroup:LogGroup": (inputs, { requests, logKb }, { main }) => {
    if (!String(inputs["name"]).endsWith(`/${main}`)) return [];
    const gb = (requests * logKb) / GB_IN_KB;
    const months = number(inputs["retentionInDays"], 365) / 30;
    return [
      ["log lines written", "logsWritten", gb],
      // Stored lines are compressed to about 15 % (CloudWatch pricing).
      ["log lines stored", "logsStored", gb * months * 0.15],
    ];
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": (inputs) => [
    ["alarm", "alarmMetric", alarmMetrics(inputs)],
  ],
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": () => [["composite alarm", "compositeAlarm", 1]],
  "aws:cloudwatch/dashboard:Dashboard": () => [["dashboard", "dashboard", 1]],
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": () => [
    ["metric from log lines", "customMetric", 1],
  ],
  "aws:kms/key:Key": () => [["encryption key", "key", 1]],
  "aws:secretsmanager/secret:Secret": () => [["secret", "secret", 1]],
  "aws:sns/topicSubscription:TopicSubscription": (inputs, { incidents }) => [
    [
      "notifications",
      inputs["protocol"] === "email" ? "emailNotification" : "httpsNotification",
      incidents,
    ],
  ],
  "aws:sns/topic:Topic": (_inputs, { incidents }) => [["messages", "topicPublish", incidents]],
  "aws:s3/bucket:Bucket": () => [["objects, about 100 MB", "objectStored", 0.1]],
  "aws:ec2/natGateway:NatGateway": (_inputs, { natGb }) => [
    ["NAT gateway", "natGateway", 1],
    ["traffic through it", "natTraffic", natGb],
  ],
  "aws:ec2/eip:Eip": () => [["public address", "publicAddress", 1]],
  "aws:ec2/vpcEndpoint:VpcEndpoint": (inputs) =>
    inputs["vpcEndpointType"] === "Interface"
      ? [["interface endpoint", "interfaceEndpoint", Math.max(1, list(inputs["subnetIds"]).length)]]
      : [],
  "aws:dynamodb/table:Table": (_inputs, { requests }) => [
    ["one write a call", "tableWrite", requests],
    ["one read a call", "tableRead", requests],
    ["items stored, 1 GB", "tableStored", 1],
  ],
  "aws:apigatewayv2/api:Api": (_inputs, { requests }) => [
    ["API requests", "httpApiRequest", requests],
  ],
  "aws:apigateway/restApi:RestApi": (_inputs, { requests }) => [
    ["API requests", "restApiRequest", requests],
  ],
};

/** Services whose resources cost nothing by themselves, and single types that are settings of others. */
const FREE_SERVICES: readonly string[] = ["iam", "codedeploy", "xray", "budgets", "chatbot"];
const FREE_TYPES: readonly string[] = [
  "aws:appautoscaling/scheduledAction:ScheduledAction",
  "aws:appautoscaling/target:Target",
  "aws:lambda/alias:Alias",
  "aws:lambda/permission:Permission",
  "aws:lambda/functionUrl:FunctionUrl",
  "aws:lambda/eventSourceMapping:EventSourceMapping",
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  "aws:cloudwatch/queryDefinition:QueryDefinition",
  "aws:cloudwatch/eventRule:EventRule",
  "aws:cloudwatch/eventTarget:EventTarget",
  "aws:kms/alias:Alias",
  "aws:sns/topicPolicy:TopicPolicy",
  // Paid for by its messages: a dead-letter queue has none on a good day.
  "aws:sqs/queue:Queue",
  "aws:sqs/queuePolicy:QueuePolicy",
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
];
/** Parts of a bucket, a network or an API that are paid for with the whole. */
const FREE_FORMS: readonly RegExp[] = [
  /^aws:s3\/bucket(?!:Bucket$)/,
  /^aws:s3\/bucketObject/,
  /^aws:ec2\/(vpc|subnet|route|routeTable|routeTableAssociation|internetGateway|securityGroup|mainRouteTableAssociation|defaultSecurityGroup|vpcEndpoint\w+):/,
  /^aws:vpc\/securityGroup\w+Rule:/,
  /^aws:apigateway(v2)?\/(?!api:|restApi:)/,
];

const isFree = (type: string): boolean =>
  FREE_SERVICES.includes(type.slice("aws:".length).split("/", 1)[0] ?? "") ||
  FREE_TYPES.includes(type) ||
  FREE_FORMS.some((form) => form.test(type));

function serviceOf(resources: readonly PricedResource[], main: string): Service {
  const { inputs = {} } =
    resources.find(
      ({ type, inputs }) => type === "aws:lambda/function:Function" && inputs["name"] === main,
    ) ?? {};
  return {
    main,
    memoryGb: number(inputs["memorySize"], 128) / 1024,
    arm: list(inputs["architectures"]).includes("arm64" as never),
  };
}

/** Custom metrics that the handler emits: the first ones of an account are free, which is not counted here. */
const OWN_METRICS = 6;

/** Estimates a month of the resources of a plan. `main` is the name of the function that users call. */
export function estimate(
  resources: readonly PricedResource[],
  usage: Usage,
  main: string,
): Estimate {
  const lines: CostLine[] = [];
  const notPriced: Record<string, number> = {};
  const add = (resource: string, [what, price, quantity, detail]: Part): void => {
    const usd = quantity * PRICES[price].usd;
    if (usd <= 0) return;
    lines.push({ resource, what, ...(detail !== undefined && { detail }), price, quantity, usd });
  };
  const service = serviceOf(resources, main);
  for (const { type, name, inputs } of resources.filter(({ type }) => type.startsWith("aws:"))) {
    const pricer = PRICERS[type];
    if (pricer) for (const part of pricer(inputs, usage, service)) add(name, part);
    else if (!isFree(type)) notPriced[type] = (notPriced[type] ?? 0) + 1;
  }
  if (resources.some(({ type }) => type === "aws:lambda/function:Function")) {
    add("handler", ["metrics of its own", "customMetric", OWN_METRICS]);
  }
  const totalUsd = lines.reduce((total, { usd }) => total + usd, 0);
  return { lines: lines.toSorted((a, b) => b.usd - a.usd), totalUsd, notPriced };
}
