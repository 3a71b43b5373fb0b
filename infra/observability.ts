import * as pulumi from "@pulumi/pulumi";
import type { AwsLocation } from "./arns.ts";
import {
  type Alarm,
  compositeAlarms,
  NO_FAULTS,
  RELEASE_ALARMS,
  ringing,
  serviceAlarms,
} from "./observability/alarms.ts";
import { makeCostAlerts } from "./observability/cost-alerts.ts";
import { Destinations } from "./observability/destinations.ts";
import { makeAlarms, makeCompositeAlarms } from "./observability/make-alarms.ts";
import { makeDashboard } from "./observability/make-dashboard.ts";
import { makeMemoryMetric } from "./observability/memory-filter.ts";
import { alarmText } from "./observability/text.ts";
import { withApiId } from "./api/metrics.ts";
import { optionAlarms } from "./options.ts";
import { ownFunctionOf } from "./functions/settings.ts";
import { ownAlarms } from "./own/alarms.ts";
import type { Settings } from "./settings.ts";

export interface ObservabilityArgs {
  readonly settings: Settings;
  readonly location: AwsLocation;
  /** Bounds what the roles made here can ever be given. */
  readonly boundaryArn: pulumi.Input<string>;
  /** Encrypts the topics. */
  readonly alarmsKeyArn: pulumi.Input<string>;
  /** Namespace of the handler's own metrics. */
  readonly metricsNamespace: string;
  readonly lambda: { readonly logGroupName: pulumi.Input<string> };
  /** Id of the API in front of the function; undefined where there is none. */
  readonly apiId?: pulumi.Input<string> | undefined;
  /** Who is told, where another function of the service has it already. Default: made here. */
  readonly destinations?: Destinations | undefined;
}

/** What watches a function: alarms by severity, who is told of them, the dashboard. */
export class Observability extends pulumi.ComponentResource {
  /** Those that say that something is wrong while they are red. */
  readonly alarmNames: pulumi.Output<string>[];
  /** Those that stop a deployment which somebody starts without `npm run release`: that brings alarms of its own. */
  readonly releaseAlarmNames: pulumi.Output<string>[];
  readonly destinations: Destinations;

  constructor(name: string, args: ObservabilityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lambda-service:infra:Observability", name, {}, opts);
    const { settings, location, metricsNamespace } = args;
    const child = { parent: this };
    const destinations = args.destinations ?? new Destinations("destinations", args, child);
    const context = {
      scope: settings,
      text: (alarm: Parameters<typeof alarmText>[2]) => alarmText(location, settings, alarm),
      topics: destinations.topics.bind(destinations),
      okTopics: destinations.okTopics.bind(destinations),
    };

    makeMemoryMetric(settings, metricsNamespace, args.lambda.logGroupName, child);
    const described = alarmsOf(settings, metricsNamespace, args.apiId);
    const alarms = makeAlarms(context, described, child);
    const composed = compositeAlarms(described);
    const composites = makeCompositeAlarms(context, composed, alarms, child);

    // Costs are those of the whole service.
    if (settings.functionId === undefined) {
      makeCostAlerts({ settings, topicArn: destinations.topicArns.P4 }, child);
    }
    makeDashboard(
      { settings, location, namespace: metricsNamespace, ringing: ringing(described, composed) },
      args.apiId,
      child,
    );

    this.releaseAlarmNames = RELEASE_ALARMS.flatMap((metric) => alarms[metric]?.name ?? []);
    this.destinations = destinations;
    this.alarmNames = [
      ...Object.entries(alarms).map(([metric, { name }]) => [metric, name] as const),
      ...Object.entries(composites).map(([metric, { alarmName }]) => [metric, alarmName] as const),
    ].flatMap(([metric, alarmName]) => (NO_FAULTS.includes(metric) ? [] : alarmName));
    this.registerOutputs({ alarmNames: this.alarmNames });
  }
}

/** Every alarm of a function by metric, those that a team adds among them. */
export function alarmsOf(
  settings: Settings,
  metricsNamespace: string,
  apiId?: pulumi.Input<string>,
): Record<string, Alarm> {
  const own = ownFunctionOf(settings);
  return {
    ...serviceAlarms(settings, metricsNamespace),
    ...withApiId(optionAlarms(settings), apiId),
    ...(own === undefined ? ownAlarms(settings) : own.alarms?.(settings)),
  };
}
