/** What CloudWatch and SNS are paid for. */
import { groupAt, type Inputs, listAt, numberAt, textAt } from "../inputs.ts";
import { type Context, fixed, ofType, type PricerTable } from "../pricing.ts";
import { logKbOf } from "../log-volume.ts";

const GB_IN_KB = 1_000_000;

/** Stored lines are compressed to about 15 % (CloudWatch pricing, example of logs). */
const COMPRESSED = 0.15;

/** An access log's line of a request. */
const ACCESS_LOG_KB = 0.5;

/** KB a call that arrive in a log group. */
function kbOfGroup(inputs: Inputs, context: Context): number {
  const { main } = context.service;
  const name = textAt(inputs, "name");
  if (main !== "" && name === mainLogGroup(context)) return logKbOf(context);
  const isAccessLog = ["aws:apigateway/stage:Stage", "aws:apigatewayv2/stage:Stage"].some((type) =>
    ofType(context, type).some((stage) =>
      textAt(groupAt(stage.inputs, "accessLogSettings"), "destinationArn").includes(`:${name}`),
    ),
  );
  return isAccessLog ? ACCESS_LOG_KB : 0;
}

function mainLogGroup({ resources, service: { main } }: Context): string {
  const inputs = ofType({ resources }, "aws:lambda/function:Function").find(
    (one) => textAt(one.inputs, "name") === main,
  )?.inputs;
  const named = textAt(groupAt(inputs ?? {}, "loggingConfig"), "logGroup");
  return named || `/aws/lambda/${main}`;
}

/** Metrics that an alarm reads, each of which is paid for; a band of what is normal takes three. */
function alarmMetrics(inputs: Inputs): number {
  const queries = listAt(inputs, "metricQueries") as readonly Inputs[];
  const metrics = Math.max(1, queries.filter(({ metric }) => metric !== undefined).length);
  return textAt(inputs, "thresholdMetricId") === "" ? metrics : metrics * 3;
}

function isFast(inputs: Inputs): boolean {
  const periods = [inputs, ...(listAt(inputs, "metricQueries") as readonly Inputs[])].map((one) =>
    numberAt(one["metric"] === undefined ? one : groupAt(one, "metric"), "period", 60),
  );
  return periods.some((seconds) => seconds < 60);
}

export const OBSERVABILITY_TYPES: PricerTable = {
  "aws:cloudwatch/logGroup:LogGroup": ({ inputs }, context) => {
    const kb = kbOfGroup(inputs, context);
    const gb = (context.usage.requests * kb) / GB_IN_KB;
    // Without a retention they are kept for ever: a year of them is counted.
    const days = numberAt(inputs, "retentionInDays", 0) || 365;
    return [
      ["log lines written", "logsWritten", gb, `${Number(kb.toFixed(2))} KB a call`],
      ["log lines stored", "logsStored", (gb * days * COMPRESSED) / 30, `${days} days`],
    ];
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": ({ inputs }) => [
    ["alarm", isFast(inputs) ? "fastAlarmMetric" : "alarmMetric", alarmMetrics(inputs)],
  ],
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": fixed("composite alarm", "compositeAlarm"),
  "aws:cloudwatch/dashboard:Dashboard": fixed("dashboard", "dashboard"),
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": fixed("metric from log lines", "customMetric"),
  "aws:sns/topic:Topic": (_topic, { usage: { incidents } }) => [
    ["messages", "topicPublish", incidents],
  ],
  "aws:sns/topicSubscription:TopicSubscription": ({ inputs }, { usage: { incidents } }) => {
    const protocol = textAt(inputs, "protocol");
    if (protocol.startsWith("email")) return [["notifications", "emailNotification", incidents]];
    if (protocol.startsWith("http")) return [["notifications", "httpsNotification", incidents]];
    // Deliveries to queues and functions are free; messages to telephones are not, and have no price here.
    return protocol === "sqs" || protocol === "lambda" ? [] : undefined;
  },
};
