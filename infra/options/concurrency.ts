/**
 * How many calls run at once: a reservation for the function, and environments that are kept warm for the alias.
 * docs/options.md says when each is worth its money.
 */
import {
  alarmArn,
  type AwsLocation,
  iamArn,
  lambdaArn,
  scalableTargetArn,
  scalingPolicyArns,
} from "../arns.ts";
import { allow, ANY, type Condition, of } from "../identity/document.ts";
import { taggedAs } from "../identity/targets.ts";
import { ALIAS_NAME, functionName, type Scope } from "../names.ts";
import { type Alarm, math, share, SHARE_CALLS, watch } from "../observability/alarms.ts";
import { serviceMetrics } from "../observability/metrics.ts";
import type { Settings } from "../settings/parse.ts";
import { integer, Refusal, type Rule, structured } from "../settings/rules.ts";
import type { Option, OptionDeployRights } from "./option.ts";
import { isTimeZone, scheduleFault } from "./schedule.ts";

/**
 * `unreserved`: the function shares what the account has left; `stopped`: it is switched off, every call is
 * throttled; a number: so many calls at once are its own, and it never gets more. The number 0 is not taken, because
 * it reads as "none", and AWS means "off" by it.
 */
export type Reservation = "unreserved" | "stopped" | number;

/** A range of warm environments from a moment on that comes again. */
export interface ConcurrencySchedule {
  /** Names the scheduled action; unique. */
  readonly name: string;
  /** Six fields: minute hour day-of-month month day-of-week year. */
  readonly cron: string;
  /** IANA name. Default `UTC`. */
  readonly timeZone: string;
  /** Environments that are kept warm from then on, 1 or more. */
  readonly minimum: number;
  readonly maximum: number;
}

const reservation: Rule<Reservation> = (raw) => {
  if (raw === "unreserved" || raw === "stopped") return raw;
  const count = /^[1-9]\d{0,8}$/.test(raw ?? "") ? Number(raw) : undefined;
  return (
    count ??
    new Refusal(
      "must be a number from 1 on, unreserved (no reservation) or stopped (the function is switched off)",
    )
  );
};

const UNBOUNDED = Number.MAX_SAFE_INTEGER;

/** Application Auto Scaling's own bounds of a name are wider; these need no quotes anywhere. */
const SCHEDULE_NAME = /^[a-z][a-z0-9-]{0,62}$/;
const SCHEDULE_KEYS = ["name", "cron", "timeZone", "minimum", "maximum"];
const SCHEDULE_FORM =
  'must be a list of schedules such as {name: day, cron: "0 7 ? * MON-FRI *", timeZone: Europe/Berlin, minimum: 5, maximum: 20}';

const schedules = structured(SCHEDULE_FORM, (value = []) => {
  if (!Array.isArray(value)) return new Refusal(SCHEDULE_FORM);
  const entries = value.map((entry, index) => readSchedule(entry, index + 1));
  const faults = entries.flatMap((entry) => (Array.isArray(entry) ? entry : []));
  const read = entries.filter((entry): entry is ConcurrencySchedule => !Array.isArray(entry));
  faults.push(
    ...repeated(read, ({ name }) => name).map((name) => `the name "${name}" is used twice`),
    ...repeated(read, ({ cron, timeZone }) => `${cron.trim()} in ${timeZone}`).map(
      (moment) => `two schedules fire at ${moment}, and which of them holds is chance`,
    ),
  );
  return faults.length > 0 ? new Refusal(faults.join("; ")) : Object.freeze(read);
});

/** One entry, or everything that is wrong with it. */
function readSchedule(entry: unknown, position: number): ConcurrencySchedule | string[] {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    return [
      `schedule ${position} ${SCHEDULE_FORM.replace("must be a list of schedules", "must be")}`,
    ];
  }
  const { name, cron, timeZone = "UTC", minimum, maximum } = entry as Record<string, unknown>;
  const named = typeof name === "string" && SCHEDULE_NAME.test(name);
  const of = named ? `schedule "${name}"` : `schedule ${position}`;
  const unknown = Object.keys(entry).filter((key) => !SCHEDULE_KEYS.includes(key));
  const zone = typeof timeZone === "string" && isTimeZone(timeZone) ? timeZone : undefined;
  const count = (key: string, value: unknown) =>
    Number.isSafeInteger(value) && Number(value) >= 1
      ? []
      : [`${of}: ${key} must be a whole number, 1 or more`];
  const fault =
    typeof cron !== "string"
      ? "has no cron, such as 0 7 ? * MON-FRI *"
      : zone !== undefined && scheduleFault(cron, zone);
  const faults = [
    ...(named ? [] : [`${of}: name must start with a-z and hold only a-z, 0-9 and -`]),
    ...unknown.map((key) => `${of}: no such key ${key}; it takes ${SCHEDULE_KEYS.join(", ")}`),
    ...(zone === undefined
      ? [`${of}: timeZone ${JSON.stringify(timeZone)} must be an IANA name such as Europe/Berlin`]
      : []),
    ...(fault ? [`${of}: ${typeof cron === "string" ? `cron "${cron}" ` : ""}${fault}`] : []),
    ...count("minimum", minimum),
    ...count("maximum", maximum),
    ...(Number(minimum) > Number(maximum)
      ? [`${of}: minimum ${Number(minimum)} must not be above maximum ${Number(maximum)}`]
      : []),
  ];
  if (faults.length > 0) return faults;
  return Object.freeze({
    name: String(name),
    cron: String(cron).trim().replaceAll(/\s+/g, " "),
    timeZone: zone ?? "UTC",
    minimum: Number(minimum),
    maximum: Number(maximum),
  });
}

const repeated = <T>(items: readonly T[], key: (item: T) => string): readonly string[] =>
  [...Map.groupBy(items, key)].flatMap(([text, group]) => (group.length > 1 ? [text] : []));

export const CONCURRENCY_RULES = {
  reservedConcurrency: reservation,
  provisionedConcurrency: integer(0, UNBOUNDED, "environments"),
  provisionedConcurrencyMaximum: integer(0, UNBOUNDED, "environments"),
  // Target tracking takes 0.1 to 0.9 (Lambda Developer Guide, "Managing provisioned concurrency with AAS").
  provisionedConcurrencyTargetPercent: integer(10, 90, "percent"),
  provisionedConcurrencySchedules: schedules,
} as const satisfies Readonly<Record<string, Rule<unknown>>>;

export type ConcurrencySettings = Pick<Settings, keyof typeof CONCURRENCY_RULES>;

/** The function's reservation, as an input of `aws.lambda.Function`; none where it shares the account's. */
export const reservedExecutions = ({
  reservedConcurrency: reserved,
}: Pick<Settings, "reservedConcurrency">) =>
  reserved === "unreserved"
    ? {}
    : { reservedConcurrentExecutions: reserved === "stopped" ? 0 : reserved };

/** Whether environments are kept warm. */
export const isProvisioned = ({
  provisionedConcurrency,
}: Pick<Settings, "provisionedConcurrency">): boolean => provisionedConcurrency > 0;

/** Whether auto scaling decides how many. */
export const isScaled = ({
  provisionedConcurrencyMaximum,
}: Pick<Settings, "provisionedConcurrencyMaximum">): boolean => provisionedConcurrencyMaximum > 0;

/** The provisioned concurrency of the alias, as Application Auto Scaling names it. */
export const scalableResourceId = (scope: Scope): string =>
  `function:${functionName(scope)}:${ALIAS_NAME}`;

function faults(settings: Partial<Settings>, environment: string): readonly string[] {
  const {
    reservedConcurrency: reserved,
    provisionedConcurrency: minimum = 0,
    provisionedConcurrencyMaximum: maximum = 0,
    provisionedConcurrencySchedules: scheduled = [],
  } = settings;
  const remedy = `correct Pulumi.${environment}.yaml`;
  const found: string[] = [];
  if (maximum > 0 && minimum === 0) {
    found.push(
      `provisionedConcurrencyMaximum: "${maximum}"; needs provisionedConcurrency, the fewest that are kept warm; set it to 1 or more in Pulumi.${environment}.yaml`,
    );
  }
  if (maximum > 0 && minimum > maximum) {
    found.push(
      `provisionedConcurrency: "${minimum}"; must not be above provisionedConcurrencyMaximum (${maximum}); ${remedy}`,
    );
  }
  if (maximum > 0 && minimum === maximum && scheduled.length === 0) {
    found.push(
      `provisionedConcurrencyMaximum: "${maximum}"; is the same as provisionedConcurrency, so there is nothing to scale; raise it, or remove it from Pulumi.${environment}.yaml to keep ${minimum} warm`,
    );
  }
  if (scheduled.length > 0 && maximum === 0) {
    found.push(
      `provisionedConcurrencySchedules: ${quoted(scheduled.map(({ name }) => name))}; need the range that they start from; set provisionedConcurrency and provisionedConcurrencyMaximum in Pulumi.${environment}.yaml`,
    );
  }
  if (reserved === "stopped" && (minimum > 0 || maximum > 0)) {
    found.push(
      `provisionedConcurrency: "${minimum}"; reservedConcurrency is stopped, and a function that is switched off keeps nothing warm; set it to 0 or start the function in Pulumi.${environment}.yaml`,
    );
  }
  if (typeof reserved === "number") {
    const asked: readonly (readonly [string, number])[] = [
      ["provisionedConcurrency", minimum],
      ["provisionedConcurrencyMaximum", maximum],
      ...scheduled.map(
        ({ name, maximum: most }) =>
          [`provisionedConcurrencySchedules: schedule "${name}", maximum`, most] as const,
      ),
    ];
    for (const [key, most] of asked.filter(([, count]) => count > reserved)) {
      found.push(
        `${key}: "${most}"; must not be above reservedConcurrency (${reserved}), which bounds all calls of the function; lower it or raise the reservation in Pulumi.${environment}.yaml`,
      );
    }
  }
  return found;
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");

function deployRights(location: AwsLocation, settings: Settings): OptionDeployRights {
  const { reservedConcurrency: reserved } = settings;
  const provisioned = isProvisioned(settings);
  const alias = [`${lambdaArn(location, functionName(settings))}:${ALIAS_NAME}`];
  const scaling = isScaled(settings) ? scalingRights(location, settings) : { change: [], read: [] };
  return {
    change: [
      ...(provisioned
        ? [
            allow(
              "ProvisionConcurrency",
              of("lambda", "DeleteProvisionedConcurrencyConfig", "PutProvisionedConcurrencyConfig"),
              alias,
            ),
          ]
        : []),
      ...scaling.change,
    ],
    read: [
      ...(provisioned
        ? [allow("ProvisionedConcurrency", of("lambda", "GetProvisionedConcurrencyConfig"), alias)]
        : []),
      // How much the account has left, for the doctor.
      ...(provisioned || typeof reserved === "number"
        ? [allow("AccountLimits", of("lambda", "GetAccountSettings"), ANY)]
        : []),
      ...scaling.read,
    ],
  };
}

/**
 * IAM knows a scalable target by a drawn id alone, so they are told apart by the stack's tags. A new one has no tags
 * yet: what makes it may not name one that has somebody else's.
 */
function scalingRights(location: AwsLocation, settings: Settings): OptionDeployRights {
  const targets = [scalableTargetArn(location)];
  const own = taggedAs(settings, "ResourceTag");
  const made = {
    ...taggedAs(settings, "RequestTag"),
    StringEqualsIfExists: own["StringEquals"] ?? {},
  };
  const ofLambda = { "application-autoscaling:service-namespace": "lambda" };
  const and = (condition: Condition): Condition => ({
    ...condition,
    StringEquals: { ...condition["StringEquals"], ...ofLambda },
  });
  const scaling = (...verbs: readonly string[]) => of("application-autoscaling", ...verbs);
  const alarms = [alarmArn(location, `TargetTracking-${scalableResourceId(settings)}-*`)];
  return {
    change: [
      allow("MakeScaling", scaling("RegisterScalableTarget"), targets, and(made)),
      allow("TagScaling", scaling("TagResource"), targets, made),
      allow("UntagScaling", scaling("UntagResource"), targets, own),
      allow(
        "ChangeScaling",
        scaling(
          "DeleteScalingPolicy",
          "DeleteScheduledAction",
          "DeregisterScalableTarget",
          "PutScalingPolicy",
          "PutScheduledAction",
          "RegisterScalableTarget",
        ),
        targets,
        and(own),
      ),
      // Application Auto Scaling makes two alarms a policy, and asks these of whoever writes the policy.
      allow("ScalingAlarms", of("cloudwatch", "PutMetricAlarm"), alarms, {
        "ForAllValues:StringLike": {
          "cloudwatch:AlarmActions": [
            scalingPolicyArns(location, `lambda/${scalableResourceId(settings)}`),
          ],
        },
      }),
      allow("EndScalingAlarms", of("cloudwatch", "DeleteAlarms"), alarms),
    ],
    read: [
      allow(
        "Scaling",
        scaling("DescribeScalableTargets", "DescribeScalingPolicies", "DescribeScheduledActions"),
        ANY,
      ),
      allow("ScalingTags", scaling("ListTagsForResource"), targets),
      allow("ScalingRole", of("iam", "GetRole"), [iamArn(location, SCALING_ROLE)]),
    ],
  };
}

/** The service-linked role by which Application Auto Scaling acts on Lambda; one an account. */
export const SCALING_SERVICE = "lambda.application-autoscaling.amazonaws.com";
export const SCALING_ROLE_NAME = "AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency";
const SCALING_ROLE = `role/aws-service-role/${SCALING_SERVICE}/${SCALING_ROLE_NAME}`;

/** Percent of the reservation, of calls and of warm environments from which they are short. */
const RESERVED_PERCENT = 80;
const SPILLED_PERCENT = 5;
const WARM_PERCENT = 90;
/** Smallest reservation that is watched: less of it means "one after the other", and is meant to be used up. */
const WATCHED_RESERVATION = 10;

function alarms(settings: Settings): Readonly<Record<string, Alarm>> {
  const { reservedConcurrency: reserved } = settings;
  // Their metrics are Lambda's own: the handler's namespace does not matter.
  const { lambda, ofFunction } = serviceMetrics(settings, "");
  const lasting = { window: 300, windows: 3, datapoints: 3 };
  return {
    ...(typeof reserved === "number" &&
      reserved >= WATCHED_RESERVATION && {
        "reserved-concurrency": {
          severity: "P4",
          runbook: "reserved-concurrency",
          meaning: `More than ${RESERVED_PERCENT} % of the ${reserved} reserved calls at once ran for three minutes; beyond all of them Lambda throttles.`,
          rule: watch(ofFunction("ConcurrentExecutions"), "Maximum", {
            above: (reserved * RESERVED_PERCENT) / 100,
            window: 60,
            windows: 3,
          }),
        },
      }),
    ...(isProvisioned(settings) && {
      "spill-over": {
        severity: "P4",
        runbook: "spill-over",
        meaning: `More than ${SPILLED_PERCENT} % of at least ${SHARE_CALLS} calls found no warm environment in each of three five-minute windows.`,
        rule: math(
          "Calls beyond provisioned concurrency in percent",
          share("spilled", SHARE_CALLS),
          {
            calls: [lambda("Invocations"), "Sum"],
            spilled: [lambda("ProvisionedConcurrencySpilloverInvocations"), "Sum"],
          },
          { above: SPILLED_PERCENT, ...lasting },
        ),
      },
      "provisioned-utilisation": {
        severity: "P4",
        runbook: "spill-over",
        meaning: `More than ${WARM_PERCENT} % of the warm environments were in use at the peak of each of three five-minute windows.`,
        // A share, from 0 to 1.
        rule: watch(lambda("ProvisionedConcurrencyUtilization"), "Maximum", {
          above: WARM_PERCENT / 100,
          ...lasting,
        }),
      },
    }),
  };
}

export const concurrency: Option = { faults, deployRights, alarms };
