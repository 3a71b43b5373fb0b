/** What is wrong with the list in `infra/own/functions.ts`, one line a fault: key, value, rule, remedy. Pure. */
import { longNames, ownName } from "../names.ts";
import { compositeAlarms, serviceAlarms, SEVERITIES } from "../observability/alarms.ts";
import { optionAlarms } from "../options.ts";
import { ownAlarms } from "../own/alarms.ts";
import type { ConfigKey, Settings } from "../settings/parse.ts";
import { FUNCTION_SETTINGS, type OwnFunction } from "./own-function.ts";
import { functionSettings } from "./settings.ts";

const FILE = "infra/own/functions.ts";

/**
 * Functions beside the service's own that IAM's limits leave room for, with every option of the template on: the policy
 * `service` has 6,144 characters, and each function takes 850 of them (docs/security.md#further-functions).
 */
export const MOST_FUNCTIONS = 3;

/** Without hyphens, because `lambda-reports-*` must not stand for anything of a function `reports-x`. */
const NAME = /^[a-z][a-z0-9]{0,19}$/;

/** What else the template names `{service}-{thing}-{environment}`, or `…-{thing}-…`. */
const THINGS = [
  ..."alarms anomalies api artifacts boundary budget canary codedeploy data dlq endpoints".split(
    " ",
  ),
  ..."execution faults flowlogs function hook network operator options overview own".split(" "),
  ..."release roles scheduler schedules service slack slow state storage table view".split(" "),
  ...SEVERITIES.map((severity) => severity.toLowerCase()),
];

/** `faultOfValue` says what the rule of a config key has against a value. */
export function functionFaults(
  settings: Settings,
  faultOfValue: (key: ConfigKey, value: string | number) => string | undefined,
): readonly string[] {
  const { functions } = settings;
  if (functions.length === 0) return [];
  if (functions.length > MOST_FUNCTIONS) {
    return [
      `functions: ${functions.length} beside the service's own; IAM's limit of 6,144 characters a policy leaves room for ${MOST_FUNCTIONS}; take some out of ${FILE}, and make them a second service: docs/extending.md#run-a-second-service-in-the-account`,
    ];
  }
  const taken = namesOf(settings);
  return [
    ...functions.flatMap((own, at) => [
      ...nameFaults(own, functions.slice(0, at), taken, settings),
      ...partFaults(own),
      ...settingFaults(own, settings, faultOfValue),
    ]),
    ...longNames(settings)
      .filter((fault) => !longNames({ ...settings, functions: [] }).includes(fault))
      .map((fault) => `functions: ${fault}; choose a shorter name in ${FILE}`),
  ];
}

/** The middle of every name that the service has already. */
function namesOf(settings: Settings): readonly string[] {
  const alarms = {
    ...serviceAlarms(settings, ""),
    ...optionAlarms(settings),
    ...ownAlarms(settings),
  };
  const sources = settings.sources.flatMap(({ name }) => [name, `dlq-${name}`]);
  return [...THINGS, ...Object.keys(alarms), ...Object.keys(compositeAlarms(alarms)), ...sources];
}

function nameFaults(
  { name }: OwnFunction,
  before: readonly OwnFunction[],
  taken: readonly string[],
  settings: Settings,
): readonly string[] {
  const fault = (rule: string, remedy = "choose another name") => [
    `functions name: ${JSON.stringify(name)}; ${rule}; ${remedy} in ${FILE}`,
  ];
  if (!NAME.test(name)) {
    return fault("must start with a-z, hold only a-z and 0-9, and have 20 characters at most");
  }
  if (before.some((other) => other.name === name)) return fault("is there twice");
  const led = taken.find((other) => other === name || other.startsWith(`${name}-`));
  return led === undefined
    ? []
    : fault(`would lead ${ownName(settings, led)}, which is not the function's`);
}

const partFaults = ({ name, entryPoint, smokeEvents }: OwnFunction): readonly string[] => [
  ...(/^(?!\/)(?!.*\.\.).+\.ts$/.test(entryPoint)
    ? []
    : [
        `functions "${name}" entryPoint: ${JSON.stringify(entryPoint)}; must be a TypeScript file of the project, such as function/reports/handler.ts; correct it in ${FILE}`,
      ]),
  ...(smokeEvents.length > 0
    ? []
    : [
        `functions "${name}" smokeEvents: none; a release tries a version by them, and would let any pass; add one in ${FILE}`,
      ]),
];

function settingFaults(
  own: OwnFunction,
  settings: Settings,
  faultOfValue: (key: ConfigKey, value: string | number) => string | undefined,
): readonly string[] {
  const { name } = own;
  const faults: string[] = [];
  for (const [key, value] of Object.entries(own.settings?.(settings) ?? {})) {
    const known = FUNCTION_SETTINGS.find((one) => one === key);
    const rule =
      known === undefined
        ? `no setting of a function's own; it takes ${FUNCTION_SETTINGS.join(", ")}`
        : faultOfValue(known, value);
    if (rule !== undefined) {
      faults.push(
        `functions "${name}" ${key}: ${JSON.stringify(value)}; ${rule}; correct it in ${FILE}`,
      );
    }
  }
  if (faults.length > 0) return faults;
  const { durationAlarmMs, timeoutSeconds } = functionSettings(settings, own);
  return durationAlarmMs < timeoutSeconds * 1000
    ? []
    : [
        `functions "${name}" durationAlarmMs: "${durationAlarmMs}"; must be below timeoutSeconds (${timeoutSeconds} s = ${timeoutSeconds * 1000} ms), else the alarm can never fire; state both in ${FILE}`,
      ];
}
