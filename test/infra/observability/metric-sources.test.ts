/**
 * What alarms, the dashboard and releases read is what somebody emits, and what the handler emits is read. What is
 * emitted is taken from the lines that the real handler writes and, for AWS's own metrics, from AWS's documents.
 */
import { expect } from "chai";
import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { alarmInput } from "local-aws/cloud/types/observability.ts";
import { HANDLER_METRICS } from "../../../function/platform/metric-names.ts";
import { compositeAlarms, ringing, serviceAlarms } from "../../../infra/observability/alarms.ts";
import { dashboardBody } from "../../../infra/observability/dashboard.ts";
import { makeMemoryMetric } from "../../../infra/observability/memory-filter.ts";
import { optionAlarms } from "../../../infra/options.ts";
import { apiAlarms } from "../../../infra/api/alarms.ts";
import { parseSettings, type Settings } from "../../../infra/settings/parse.ts";
import { canaryAlarms } from "../../../ops/release/canary-alarms.ts";
import type { EmfLine } from "../../function/support/emf.ts";
import { context, harness, httpEvent, rejection } from "../../function/support/harness.ts";
import { rawSettings } from "../../../ops/support/stack-config.ts";
import { withMocks } from "../../support/mocks.ts";
import { EVERY_OPTION } from "../../support/every-option.ts";
import { testConfig } from "../../support/settings.ts";

const NAMESPACE = "shop-metrics";
const VERSION = "7";
const settings = parseSettings(
  rawSettings(
    testConfig("production", {
      ...EVERY_OPTION,
      serviceName: "orders",
      silenceAlarmMinutes: 15,
      trafficShift: "Canary10Percent5Minutes",
    }),
  ),
);
const location = { partition: "aws", region: "ap-southeast-2", accountId: "210987654321" };

/** A metric in one text, for example `AWS/Lambda Errors FunctionName=f`. */
const textOf = (
  namespace: string,
  metricName: string,
  dimensions: Readonly<Record<string, string>>,
): string => {
  const pairs = Object.entries(dimensions).map(([name, value]) => `${name}=${value}`);
  return [namespace, metricName, ...pairs.sort()].join(" ");
};

/** Events of every kind that the handler meets, and the lines of metrics that it writes. */
async function handlerLines(): Promise<EmfLine[]> {
  const variables = {
    ENVIRONMENT: settings.environment,
    POWERTOOLS_SERVICE_NAME: settings.serviceName,
    POWERTOOLS_METRICS_NAMESPACE: NAMESPACE,
    AWS_LAMBDA_FUNCTION_VERSION: VERSION,
  };
  const outside = ({ word }: { word: string }) => {
    if (word === "fail") throw new TypeError("a failure");
  };
  const { handle, metrics } = harness({
    variables,
    outside,
    startsCold: true,
    callers: { partialBatches: true },
  });
  await handle({ word: "good" }, context());
  await rejection(handle({ word: 7 }, context()));
  await rejection(handle({ word: "fail" }, context()));
  await handle({ word: "smoke" }, context());
  await handle(httpEvent({ word: "good" }), context());
  await handle(httpEvent({ word: 7 }), context());
  await handle(httpEvent({ word: "fail" }), context());
  return metrics();
}

interface Emitted {
  /** By text, with the unit of each. */
  readonly metrics: ReadonlyMap<string, string | undefined>;
  readonly names: ReadonlySet<string>;
}

const emitted = (lines: readonly EmfLine[]): Emitted => {
  const found = lines.flatMap((line) =>
    line._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
      Metrics.flatMap(({ Name, Unit }) =>
        Dimensions.map((set) => {
          const dimensions = Object.fromEntries(set.map((name) => [name, String(line[name])]));
          return { name: Name, unit: Unit, text: textOf(Namespace, Name, dimensions) };
        }),
      ),
    ),
  );
  return {
    metrics: new Map(found.map(({ text, unit }) => [text, unit])),
    names: new Set(found.map(({ name }) => name)),
  };
};

const FUNCTION = "orders-function-production";
const ALIAS = { FunctionName: FUNCTION, Resource: `${FUNCTION}:live` };

/** What AWS emits of this service: metric names under each set of dimensions, and where AWS says so. */
const AWS: readonly {
  readonly namespace: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly names: readonly string[];
  readonly source: string;
}[] = [
  {
    namespace: "AWS/Lambda",
    dimensions: ALIAS,
    names: ["Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"],
    source: "Lambda developer guide, Types of metrics for Lambda functions, Resource dimension",
  },
  {
    namespace: "AWS/Lambda",
    dimensions: ALIAS,
    names: ["ProvisionedConcurrencySpilloverInvocations", "ProvisionedConcurrencyUtilization"],
    source: "Lambda developer guide, Monitoring concurrency, Provisioned concurrency metrics",
  },
  {
    namespace: "AWS/Lambda",
    dimensions: { FunctionName: FUNCTION },
    names: ["ConcurrentExecutions"],
    source: "Lambda developer guide, Monitoring concurrency, Standard concurrency metrics",
  },
  {
    namespace: "AWS/Lambda",
    dimensions: { ...ALIAS, ExecutedVersion: VERSION },
    names: ["Invocations", "Errors", "Throttles", "Duration"],
    source:
      "Lambda developer guide, Types of metrics for Lambda functions, ExecutedVersion dimension",
  },
  {
    namespace: "AWS/Lambda",
    dimensions: { FunctionName: FUNCTION },
    names: ["AsyncEventAge", "AsyncEventsDropped", "DeadLetterErrors"],
    source: "Lambda developer guide, Asynchronous invocation metrics",
  },
  {
    namespace: "AWS/Lambda",
    dimensions: { FunctionName: "orders-hook-production" },
    names: ["Invocations"],
    source: "Lambda developer guide, Types of metrics for Lambda functions, FunctionName dimension",
  },
  {
    namespace: "AWS/Lambda",
    dimensions: {},
    names: ["ClaimedAccountConcurrency"],
    source: "Lambda developer guide, Concurrency metrics",
  },
  {
    namespace: "AWS/SQS",
    dimensions: { QueueName: "orders-dlq-production" },
    names: [
      "ApproximateNumberOfMessagesVisible",
      "ApproximateAgeOfOldestMessage",
      "NumberOfMessagesSent",
    ],
    source: "SQS developer guide, Available CloudWatch metrics for Amazon SQS",
  },
  {
    namespace: "AWS/Logs",
    dimensions: { LogGroupName: `/aws/lambda/${FUNCTION}` },
    names: ["IncomingBytes"],
    source: "CloudWatch Logs user guide, Monitoring with CloudWatch metrics",
  },
  {
    namespace: "AWS/ApiGateway",
    dimensions: { ApiName: "orders-api-production", Stage: "live" },
    names: ["4XXError", "5XXError", "Count", "IntegrationLatency", "Latency"],
    source: "API Gateway developer guide, Amazon API Gateway dimensions and metrics",
  },
  {
    namespace: "AWS/ApiGateway",
    dimensions: { ApiId: "{apiId}", Stage: "$default" },
    names: ["4xx", "5xx", "Count", "IntegrationLatency", "Latency"],
    source: "API Gateway developer guide, Monitor CloudWatch metrics for HTTP APIs",
  },
];

const awsMetrics = AWS.flatMap(({ namespace, dimensions, names }) =>
  names.map((name) => textOf(namespace, name, dimensions)),
);

/** What AWS emits of what event sources make, whatever their names in config. */
const OF_SOURCES: readonly { readonly emitted: RegExp; readonly source: string }[] = [
  {
    emitted:
      /^AWS\/SQS (ApproximateNumberOfMessagesVisible|ApproximateAgeOfOldestMessage) QueueName=orders-(dlq-)?[a-z]+-production(\.fifo)?$/,
    source: "SQS developer guide, Available CloudWatch metrics for Amazon SQS",
  },
  {
    emitted: new RegExp(`^AWS/Lambda IteratorAge FunctionName=${FUNCTION}$`),
    source: "Lambda developer guide, Types of metrics for Lambda functions, Performance metrics",
  },
  {
    emitted: /^AWS\/Scheduler InvocationDroppedCount ScheduleGroup=orders-schedules-production$/,
    source: "EventBridge Scheduler user guide, Monitoring with Amazon CloudWatch",
  },
  {
    emitted: /^AWS\/DynamoDB UserErrors$/,
    source: "DynamoDB developer guide, DynamoDB Metrics and dimensions: by account and region",
  },
  {
    emitted: /^AWS\/DynamoDB ConditionalCheckFailedRequests TableName=orders-table-production$/,
    source: "DynamoDB developer guide, DynamoDB Metrics and dimensions: by table",
  },
  {
    emitted:
      /^AWS\/DynamoDB (?:(?:Read|Write)ThrottleEvents|Consumed(?:Read|Write)CapacityUnits) TableName=orders-table-production$/,
    source: "DynamoDB developer guide, DynamoDB Metrics and dimensions: by table",
  },
  {
    emitted:
      /^AWS\/DynamoDB (?:SystemErrors|SuccessfulRequestLatency) Operation=(?:DeleteItem|GetItem|PutItem|TransactWriteItems) TableName=orders-table-production$/,
    source: "DynamoDB developer guide, DynamoDB Metrics and dimensions: by table and operation",
  },
];

/** What the program's metric filters make of the log. */
async function filterMetrics(): Promise<string[]> {
  const run = await withMocks(() => {
    makeMemoryMetric(settings, NAMESPACE, `/aws/lambda/${FUNCTION}`, {});
    return {};
  });
  return run.all("aws:cloudwatch/logMetricFilter:LogMetricFilter").map(({ inputs }) => {
    const { namespace, name } = inputs["metricTransformation"] as Record<string, string>;
    return textOf(namespace ?? "", name ?? "", {});
  });
}

interface Read {
  readonly by: string;
  readonly text: string;
}

/** What an alarm of CloudWatch's API reads. */
const alarmReads = ({
  AlarmName = "",
  Namespace = "",
  MetricName,
  Dimensions,
  Metrics = [],
}: MetricAlarm): Read[] => {
  const own = MetricName === undefined ? [] : [{ Namespace, MetricName, Dimensions }];
  return [...own, ...Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])].map(
    (metric) => ({
      by: AlarmName,
      text: textOf(
        metric.Namespace ?? "",
        metric.MetricName ?? "",
        Object.fromEntries((metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
      ),
    }),
  );
};

const alarms = { ...serviceAlarms(settings, NAMESPACE), ...optionAlarms(settings) };
/** An HTTP API is counted by other names. */
const http = { ...settings, api: "http" } as const;
const alarmed = [
  ...Object.entries({ ...alarms, ...prefixed(apiAlarms(http)) }).map(
    ([name, { rule }]) => alarmInput({ name, ...rule }) as MetricAlarm,
  ),
  ...(canaryAlarms(
    {
      ...settings,
      functionName: FUNCTION,
      aliasName: "live",
      metricsNamespace: NAMESPACE,
    },
    VERSION,
  ) as MetricAlarm[]),
].flatMap(alarmReads);

function prefixed<T>(all: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [`http-${name}`, one]));
}

const SEARCH = /SEARCH\('\{([^}]+)\} (.+?)', '[^']+', \d+\)/;

/** A search over versions, as the metric of the one that answered. */
function searchRead(expression: string): string {
  const [, schema = "", terms = ""] = SEARCH.exec(expression) ?? [];
  const [namespace = "", ...names] = schema.split(",");
  const { MetricName = "", ...given } = Object.fromEntries(
    [...terms.matchAll(/(\w+)="([^"]+)"/g)].map(([, name = "", value = ""]) => [name, value]),
  );
  const searched = names.map((name) => [name, given[name] ?? VERSION]);
  return textOf(namespace, MetricName, Object.fromEntries(searched) as Record<string, string>);
}

/** What the dashboard's widgets read. */
function dashboardReads(settings: Settings): Read[] {
  const { widgets } = dashboardBody({
    location,
    settings,
    namespace: NAMESPACE,
    ringing: ringing(alarms, compositeAlarms(alarms)),
  }) as {
    readonly widgets: readonly {
      readonly properties: {
        readonly title?: string;
        readonly metrics?: readonly (readonly (string | { readonly expression?: string })[])[];
      };
    }[];
  };
  return widgets.flatMap(({ properties: { title = "", metrics = [] } }) =>
    metrics.flatMap((line) => {
      const by = `widget "${title}"`;
      const [first] = line;
      if (typeof first === "object") {
        return first.expression?.startsWith("SEARCH")
          ? [{ by, text: searchRead(first.expression) }]
          : [];
      }
      const words = line.filter((word) => typeof word === "string");
      const [namespace = "", metricName = "", ...pairs] = words;
      const dimensions = Object.fromEntries(
        pairs.flatMap((name, index) => (index % 2 === 0 ? [[name, pairs[index + 1]]] : [])),
      ) as Record<string, string>;
      return [{ by, text: textOf(namespace, metricName, dimensions) }];
    }),
  );
}

/** What the handler emits and nobody looks at, each with the reason. */
const DELIBERATE: Readonly<Record<string, string>> = {
  ErrorCount: "the sum of RefusedCount and FailedCount, which are read apart",
};

describe("the metrics", () => {
  let handler: Emitted;
  let filtered: readonly string[];
  before(async () => {
    handler = emitted(await handlerLines());
    filtered = await filterMetrics();
  });
  const shown = [...dashboardReads(settings), ...dashboardReads(http)];

  const notEmitted = (reads: readonly Read[]): string[] => {
    const known = new Set([...handler.metrics.keys(), ...awsMetrics, ...filtered]);
    const isEmitted = (text: string) =>
      known.has(text) || OF_SOURCES.some(({ emitted }) => emitted.test(text));
    return reads.filter(({ text }) => !isEmitted(text)).map(({ by, text }) => `${by}: ${text}`);
  };

  it("that alarms read are emitted, in exactly these dimensions", () => {
    expect(alarmed).to.have.length.above(30);
    expect(notEmitted(alarmed)).to.deep.equal([]);
  });

  it("that the dashboard reads are emitted, in exactly these dimensions", () => {
    expect(shown).to.have.length.above(30);
    expect(notEmitted(shown)).to.deep.equal([]);
  });

  it("that the handler emits are alarmed on, shown, or left out for a reason", () => {
    const read = new Set([...alarmed, ...shown].map(({ text }) => text));
    const readNames = new Set(
      [...handler.metrics.keys()]
        .filter((text) => read.has(text))
        .map((text) => text.split(" ")[1]),
    );
    const unread = [...handler.names].filter((name) => !readNames.has(name));

    expect(unread).to.have.members(Object.keys(DELIBERATE));
  });

  it("that the handler emits are those of its list, in the list's units, and by version where it says so", () => {
    const all = (metricName: string) =>
      textOf(NAMESPACE, metricName, { service: "orders", environment: "production" });
    const one = (metricName: string) =>
      textOf(NAMESPACE, metricName, {
        service: "orders",
        environment: "production",
        version: VERSION,
      });
    const expected = Object.entries(HANDLER_METRICS).flatMap(([name, metric]) => [
      [all(name), metric.unit],
      ...("byVersion" in metric ? [[one(name), metric.unit]] : []),
    ]);

    expect([...handler.metrics]).to.have.deep.members(expected);
  });
});
