import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { functionPart, metricName, type Scope } from "../names.ts";
import type { Alarm, CompositeAlarm, Severity } from "./alarms.ts";

/** What every alarm gets from the stack that it is in. */
export interface AlarmContext {
  readonly scope: Scope;
  /** The alarm's text. */
  readonly text: (alarm: Pick<Alarm, "severity" | "meaning" | "runbook">) => string;
  /** Topics that are told when it turns red. */
  readonly topics: (severity: Severity) => pulumi.Input<string>[];
  /** Topics that are told when it is over. */
  readonly okTopics: (severity: Severity) => pulumi.Input<string>[];
}

/** Makes alarms from data, each named after its metric. An alarm that is part of another tells nobody. */
export const makeAlarms = (
  { scope, text, topics, okTopics }: AlarmContext,
  alarms: Readonly<Record<string, Alarm>>,
  opts: pulumi.CustomResourceOptions,
): Record<string, aws.cloudwatch.MetricAlarm> =>
  Object.fromEntries(
    Object.entries(alarms).map(([metric, alarm]) => [
      metric,
      new aws.cloudwatch.MetricAlarm(
        functionPart(scope, `${metric}-alarm`),
        {
          name: metricName(scope, metric),
          alarmDescription: text(alarm),
          ...alarm.rule,
          ...(!alarm.part && {
            alarmActions: topics(alarm.severity),
            okActions: okTopics(alarm.severity),
          }),
        },
        opts,
      ),
    ]),
  );

/** How long a composite alarm waits for the one that may suppress it, in seconds: metrics differ by a minute. */
export const SUPPRESSOR_WAIT_SECONDS = 120;

/** Makes composite alarms, in their order: one may name those before it. */
export function makeCompositeAlarms(
  { scope, text, topics, okTopics }: AlarmContext,
  composites: Readonly<Record<string, CompositeAlarm>>,
  parts: Readonly<Record<string, pulumi.Resource>>,
  opts: pulumi.CustomResourceOptions,
): Record<string, aws.cloudwatch.CompositeAlarm> {
  const made: Record<string, aws.cloudwatch.CompositeAlarm> = {};
  for (const [metric, composite] of Object.entries(composites)) {
    const named = [
      ...composite.anyOf,
      ...Object.values(composite.orElse ?? {}),
      ...(composite.unless ?? []),
      composite.suppressor?.metric ?? "",
    ];
    made[metric] = new aws.cloudwatch.CompositeAlarm(
      functionPart(scope, `${metric}-alarm`),
      {
        alarmName: metricName(scope, metric),
        alarmDescription: text(composite),
        alarmRule: alarmRule(scope, composite),
        ...(!composite.part && {
          alarmActions: topics(composite.severity),
          okActions: okTopics(composite.severity),
        }),
        ...(composite.suppressor && {
          actionsSuppressor: {
            alarm: metricName(scope, composite.suppressor.metric),
            waitPeriod: SUPPRESSOR_WAIT_SECONDS,
            extensionPeriod: composite.suppressor.extensionSeconds,
          },
        }),
      },
      // CloudWatch refuses a rule with an alarm that does not exist, and the end of one that a rule names.
      { ...opts, dependsOn: named.flatMap((name) => parts[name] ?? made[name] ?? []) },
    );
  }
  return made;
}

/** The rule in CloudWatch's words. */
export function alarmRule(
  scope: Scope,
  { anyOf, orElse, unless = [] }: Pick<CompositeAlarm, "anyOf" | "orElse" | "unless">,
): string {
  const red = (metric: string) => `ALARM("${metricName(scope, metric)}")`;
  const either = orElse ? [`(${red(orElse.red)} AND NOT ${red(orElse.without)})`] : [];
  const any = `(${[...anyOf.map(red), ...either].join(" OR ")})`;
  return [any, ...unless.map((metric) => `NOT ${red(metric)}`)].join(" AND ");
}
