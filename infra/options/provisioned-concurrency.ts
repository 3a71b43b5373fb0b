import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { functionName } from "../names.ts";
import type { Settings } from "../settings.ts";
import { isProvisioned, isScaled, scalableResourceId } from "./concurrency.ts";

const SCALING = {
  serviceNamespace: "lambda",
  scalableDimension: "lambda:function:ProvisionedConcurrency",
} as const;

/** Application Auto Scaling's own default is none; a minute apart, its two alarms would chase one another. */
const SCALE_IN_COOLDOWN_SECONDS = 300;

/**
 * Keeps environments warm for the alias, as many as the settings say; nothing where they say none.
 *
 * Who owns which number: without a maximum the config does. With one, auto scaling owns how many there are and the
 * config the range; with schedules, they own the range too, and the config says where it begins. What is not the
 * config's is left alone by updates, also after `pulumi refresh`.
 *
 * Nothing here shifts with a release: Lambda moves what is kept warm to the version that the alias points at. While
 * a canary runs, Lambda refuses changes; so an update comes before its release, never within.
 */
export function makeProvisionedConcurrency(
  settings: Settings,
  alias: aws.lambda.Alias,
  part: (name: string) => string,
  opts: pulumi.CustomResourceOptions,
): void {
  if (!isProvisioned(settings)) return;
  const { provisionedConcurrency: minimum, provisionedConcurrencyMaximum: maximum } = settings;
  const scaled = isScaled(settings);
  const provisioned = new aws.lambda.ProvisionedConcurrencyConfig(
    part("provisioned-concurrency"),
    {
      functionName: functionName(settings),
      qualifier: alias.name,
      provisionedConcurrentExecutions: minimum,
    },
    {
      ...opts,
      // There is one a alias: the old one goes first.
      deleteBeforeReplace: true,
      // Who owns the number has changed: what is there is nobody's any more.
      replacementTrigger: scaled ? "auto scaling" : "config",
      ignoreChanges: scaled ? ["provisionedConcurrentExecutions"] : [],
    },
  );
  if (!scaled) return;

  const schedules = settings.provisionedConcurrencySchedules;
  const target = new aws.appautoscaling.Target(
    part("provisioned-range"),
    {
      ...SCALING,
      resourceId: scalableResourceId(settings),
      minCapacity: minimum,
      maxCapacity: maximum,
    },
    {
      ...opts,
      dependsOn: [provisioned],
      deleteBeforeReplace: true,
      // A schedule changes the range in AWS alone. So an update of it must not look like a change of nothing.
      replacementTrigger: schedules.length > 0 ? `from ${minimum} to ${maximum}` : "config",
      ignoreChanges: schedules.length > 0 ? ["minCapacity", "maxCapacity"] : [],
    },
  );
  new aws.appautoscaling.Policy(
    part("provisioned-scaling"),
    {
      ...SCALING,
      name: `${functionName(settings)}-utilisation`,
      resourceId: target.resourceId,
      policyType: "TargetTrackingScaling",
      targetTrackingScalingPolicyConfiguration: {
        targetValue: settings.provisionedConcurrencyTargetPercent / 100,
        predefinedMetricSpecification: {
          predefinedMetricType: "LambdaProvisionedConcurrencyUtilization",
        },
        scaleInCooldown: SCALE_IN_COOLDOWN_SECONDS,
        scaleOutCooldown: 0,
      },
    },
    opts,
  );
  for (const { name, cron, timeZone, minimum: fewest, maximum: most } of schedules) {
    new aws.appautoscaling.ScheduledAction(
      part(`provisioned-${name}`),
      {
        ...SCALING,
        name,
        resourceId: target.resourceId,
        schedule: `cron(${cron})`,
        timezone: timeZone,
        scalableTargetAction: { minCapacity: fewest, maxCapacity: most },
      },
      opts,
    );
  }
}
