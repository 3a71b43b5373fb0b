import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Alarm, deadLetterAlarms, functionAlarms } from "./observability/alarms.ts";
import { metricName } from "./names.ts";
import type { Settings } from "./settings.ts";

export interface ObservabilityArgs {
  readonly settings: Settings;
}

/** What watches the service: its alarms. */
export class Observability extends pulumi.ComponentResource {
  readonly alarmNames: pulumi.Output<string>[];
  /** Those that a release is judged by: the function's own. Old dead letters must not stop a hotfix. */
  readonly releaseAlarmNames: pulumi.Output<string>[];

  constructor(
    name: string,
    { settings }: ObservabilityArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("lambda-service:infra:Observability", name, {}, opts);
    const make = ([metric, alarm]: [string, Alarm]) =>
      new aws.cloudwatch.MetricAlarm(
        `${metric}-alarm`,
        { name: metricName(settings, metric), ...alarm },
        { parent: this },
      ).name;
    this.releaseAlarmNames = Object.entries(functionAlarms(settings)).map(make);
    this.alarmNames = [
      ...this.releaseAlarmNames,
      ...Object.entries(deadLetterAlarms(settings)).map(make),
    ];
    this.registerOutputs({ alarmNames: this.alarmNames });
  }
}
