import * as pulumi from "@pulumi/pulumi";
import {
  type Alarm,
  deadLetterAlarms,
  functionAlarms,
  refusalAlarms,
} from "./observability/alarms.ts";
import { makeAlarms } from "./observability/make-alarms.ts";
import { ownAlarms } from "./own/alarms.ts";
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
    const make = (alarms: Readonly<Record<string, Alarm>>) =>
      makeAlarms(settings, alarms, { parent: this });
    const metricsNamespace = pulumi.getProject();
    this.releaseAlarmNames = make(functionAlarms(settings, metricsNamespace));
    this.alarmNames = [
      ...this.releaseAlarmNames,
      ...make(refusalAlarms(settings, metricsNamespace)),
      ...make(deadLetterAlarms(settings)),
      ...make(ownAlarms(settings)),
    ];
    this.registerOutputs({ alarmNames: this.alarmNames });
  }
}
