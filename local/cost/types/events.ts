/** What the ways in are paid for: queues, events, schedules and APIs. Each is priced as if all calls came by it. */
import { groupAt, listAt, nameInArn, textAt } from "../inputs.ts";
import {
  type Context,
  ofType,
  type Part,
  type PricedResource,
  type PricerTable,
} from "../pricing.ts";
import { HOURS_A_MONTH } from "../usage.ts";

/** Sent, received and deleted. A batch is received and deleted with fewer. */
const REQUESTS_A_MESSAGE = 3;

/** Five pollers that each wait 20 s (Lambda guide, "Using Lambda with Amazon SQS"). */
const IDLE_POLLS = (5 * HOURS_A_MONTH * 3600) / 20;

const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";

const isSource = (queue: string, context: Context): boolean =>
  ofType(context, MAPPING).some(
    ({ inputs }) => nameInArn(textAt(inputs, "eventSourceArn")) === queue,
  );

/** Inputs that name where something is put that could not be handled. */
const DEAD_LETTERS = /dead_?letter|onFailure/i;

/** Whether some resource puts there what it could not handle: on a good day, nothing. */
const isDeadLetterQueue = (queue: string, { resources }: Context): boolean =>
  resources.some(({ inputs }) => namesDeadLetters(inputs, queue, false));

function namesDeadLetters(value: unknown, queue: string, within: boolean): boolean {
  if (typeof value === "string") {
    if (within) return nameInArn(value) === queue;
    // A policy of its own, as JSON.
    return value.includes("deadLetterTargetArn") && value.includes(`:${queue}"`);
  }
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, item]) =>
    namesDeadLetters(item, queue, within || DEAD_LETTERS.test(key)),
  );
}

/** How often a schedule calls in a month. A cron is taken for once a minute, as often as one can be. */
export function callsOf(expression: string): number {
  if (expression.startsWith("at(")) return 1;
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  const minutes = { minute: 1, hour: 60, day: 1440 };
  if (rate === null) return HOURS_A_MONTH * 60;
  return (HOURS_A_MONTH * 60) / (Number(rate[1]) * minutes[rate[2] as keyof typeof minutes]);
}

const restRequests = (_api: PricedResource, { usage: { requests } }: Context): readonly Part[] => [
  ["API requests", "restApiRequest", requests],
  answers(requests),
];

/** What an answer in JSON comes to, with its headers. */
const ANSWER_KB = 1;
const KB_IN_GB = 1e6;

/** To callers outside of AWS, which all are taken to be. */
const answers = (requests: number): Part => [
  "answers to the internet",
  "apiTraffic",
  (requests * ANSWER_KB) / KB_IN_GB,
  `${ANSWER_KB} KB each`,
];

/** API Gateway guide, "Amazon API Gateway dimensions and metrics": two of errors, the count, two of latency. */
const METRICS_A_ROUTE = 5;

/** Methods in the bodies of all APIs; those without a body are not known here. */
function routes(context: Context): number {
  const apis = [API, "aws:apigatewayv2/api:Api"].flatMap((type) => ofType(context, type));
  return apis.reduce((total, { inputs }) => {
    const { paths = {} } = JSON.parse(textAt(inputs, "body") || "{}") as {
      readonly paths?: Readonly<Record<string, object>>;
    };
    const methods = Object.values(paths).flatMap((operations) => Object.keys(operations));
    return total + methods.length;
  }, 0);
}

const routeMetrics = (context: Context): readonly Part[] => [
  ["metrics of each route", "customMetric", routes(context) * METRICS_A_ROUTE],
];

const API = "aws:apigateway/restApi:RestApi";

/** GB of a stage's cache that has a price here. */
const CACHE_GB = "0.5";

export const EVENT_TYPES: PricerTable = {
  "aws:sqs/queue:Queue": ({ inputs }, context) => {
    const name = textAt(inputs, "name");
    if (isDeadLetterQueue(name, context)) return [];
    const price = inputs["fifoQueue"] === true ? "fifoQueueRequest" : "queueRequest";
    const messages = context.usage.requests * REQUESTS_A_MESSAGE;
    return [
      ["messages", price, messages, "sent, received, deleted"],
      ...(isSource(name, context)
        ? ([["polls of an idle queue", price, IDLE_POLLS]] satisfies Part[])
        : []),
    ];
  },
  // Rules are free, and so are the events of AWS itself; what others put on a bus is not.
  "aws:cloudwatch/eventBus:EventBus": (_bus, { usage: { requests } }) => [
    ["events", "customEvent", requests],
  ],
  "aws:cloudwatch/eventArchive:EventArchive": (_archive, { usage: { requests } }) => [
    ["events archived, of 1 KB", "archivedEvents", requests / 1e6],
  ],
  "aws:scheduler/schedule:Schedule": ({ inputs }) => [
    ["calls", "schedule", callsOf(textAt(inputs, "scheduleExpression"))],
  ],
  "aws:pipes/pipe:Pipe": (_pipe, { usage: { requests } }) => [
    ["requests", "pipeRequest", requests],
  ],
  [API]: restRequests,
  "aws:apigateway/methodSettings:MethodSettings": ({ inputs }, context) =>
    groupAt(inputs, "settings")["metricsEnabled"] === true ? routeMetrics(context) : [],
  "aws:apigateway/stage:Stage": ({ inputs }) => {
    if (inputs["cacheClusterEnabled"] !== true) return [];
    return textAt(inputs, "cacheClusterSize") === CACHE_GB
      ? [["cache", "apiCacheHour", HOURS_A_MONTH]]
      : undefined;
  },
  "aws:apigatewayv2/api:Api": ({ inputs }, { usage: { requests } }) =>
    // Messages and minutes of a connection: nothing here says how many.
    textAt(inputs, "protocolType") === "WEBSOCKET"
      ? undefined
      : [["API requests", "httpApiRequest", requests], answers(requests)],
  "aws:apigatewayv2/stage:Stage": ({ inputs }, context) =>
    groupAt(inputs, "defaultRouteSettings")["detailedMetricsEnabled"] === true
      ? routeMetrics(context)
      : [],
  // Aliases of AWS's own resources are answered free of charge (Route 53 pricing, "Alias queries"); how often others
  // are asked for, nothing here says.
  "aws:route53/record:Record": ({ inputs }) =>
    listAt(inputs, "aliases").length > 0 ? [] : undefined,
  "aws:wafv2/webAcl:WebAcl": ({ inputs }, { usage: { requests } }) => [
    ["web ACL", "webAcl", 1],
    ["rules of the web ACL", "webAclRule", listAt(inputs, "rules").length],
    ["requests inspected", "webAclRequest", requests],
  ],
};
