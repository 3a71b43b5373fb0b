/** What Lambda is paid for. */
import { groupAt, listAt, nameInArn, numberAt, textAt } from "../inputs.ts";
import {
  type Context,
  ofType,
  type Part,
  type PricedResource,
  type PricerTable,
  type Service,
} from "../pricing.ts";
import { sampled, SECONDS_A_MONTH, tracesOf } from "../usage.ts";

const FUNCTION = "aws:lambda/function:Function";
const PROVISIONED = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig";

/** Temporary storage that comes with a function. */
const FREE_STORAGE_MB = 512;

/** The function with this name; where there is none such, the only one that there is. */
export function mainFunction(
  resources: Context["resources"],
  name: string | undefined,
): PricedResource | undefined {
  const functions = ofType({ resources }, FUNCTION);
  return (
    functions.find(({ inputs }) => textAt(inputs, "name") === name) ??
    (functions.length === 1 ? functions[0] : undefined)
  );
}

/** What the usage is of. */
export function serviceOf(resources: Context["resources"], name: string | undefined): Service {
  const inputs = mainFunction(resources, name)?.inputs ?? {};
  const main = textAt(inputs, "name");
  // Its name, or its ARN.
  const configs = ofType({ resources }, PROVISIONED).filter(
    (config) => nameInArn(textAt(config.inputs, "functionName")) === main,
  );
  return {
    main,
    memoryGb: numberAt(inputs, "memorySize", 128) / 1024,
    arm: listAt(inputs, "architectures").includes("arm64"),
    provisioned: configs.reduce(
      (total, config) => total + numberAt(config.inputs, "provisionedConcurrentExecutions", 0),
      0,
    ),
  };
}

/** Calls that run on instances that are kept ready, of all: as many as these can take, with calls spread evenly. */
function readyShare({ requests, durationMs }: Context["usage"], provisioned: number): number {
  const concurrency = (requests * durationMs) / 1000 / SECONDS_A_MONTH;
  return concurrency === 0 ? 1 : Math.min(1, provisioned / concurrency);
}

/** Whether an API decides about traces before the function does. */
const hasTracedFront = (context: Context): boolean =>
  ofType(context, "aws:apigateway/stage:Stage").some(
    ({ inputs }) => inputs["xrayTracingEnabled"] === true,
  );

/**
 * An API that traces decides for the calls through it, by a sampling rule where there is one; else Lambda does,
 * unless it only passes on what others have decided.
 */
function tracesRecorded(context: Context, mode: unknown): readonly Part[] {
  const { requests } = context.usage;
  const front = hasTracedFront(context);
  if (!front && mode !== "Active") return [];
  const rule = front
    ? ofType(context, "aws:xray/samplingRule:SamplingRule").at(0)?.inputs
    : undefined;
  if (!rule) return [["traces recorded", "trace", tracesOf(requests)]];
  const [aSecond, share] = [numberAt(rule, "reservoirSize", 1), numberAt(rule, "fixedRate", 0.05)];
  const detail = `${aSecond} a second and ${share * 100} % of the others`;
  return [["traces recorded", "trace", sampled(requests, aSecond, share), detail]];
}

export const FUNCTION_TYPES: PricerTable = {
  [FUNCTION]: ({ inputs }, context) => {
    const { usage, service } = context;
    const { requests, durationMs } = usage;
    const { main, memoryGb, arm, provisioned } = service;
    // Only the service's own function is called by users; a hook is called a few times a release.
    if (main === "" || textAt(inputs, "name") !== main) return [];
    const gbSeconds = (requests * durationMs * memoryGb) / 1000;
    const ready = provisioned > 0 ? readyShare(usage, provisioned) : 0;
    const detail = `${memoryGb * 1024} MB for ${Number(durationMs.toPrecision(4))} ms`;
    const storageGb =
      Math.max(0, numberAt(groupAt(inputs, "ephemeralStorage"), "size", 0) - FREE_STORAGE_MB) /
      1024;
    return [
      ["requests", "lambdaRequest", requests],
      ["compute", arm ? "lambdaArmSecond" : "lambdaX86Second", gbSeconds * (1 - ready), detail],
      [
        "compute on instances kept ready",
        arm ? "lambdaProvisionedArmDuration" : "lambdaProvisionedX86Duration",
        gbSeconds * ready,
        detail,
      ],
      ["temporary storage", "lambdaStorageSecond", (requests * durationMs * storageGb) / 1000],
      ...tracesRecorded(context, groupAt(inputs, "tracingConfig")["mode"]),
    ];
  },
  [PROVISIONED]: ({ inputs }, { service: { memoryGb, arm } }) => {
    const instances = numberAt(inputs, "provisionedConcurrentExecutions", 0);
    return [
      [
        "instances kept ready",
        arm ? "lambdaProvisionedArmSecond" : "lambdaProvisionedX86Second",
        instances * memoryGb * SECONDS_A_MONTH,
        `${instances} × ${memoryGb * 1024} MB, all the time`,
      ],
    ];
  },
  // Target tracking makes two alarms by itself (Application Auto Scaling guide, "Target tracking scaling policies").
  "aws:appautoscaling/policy:Policy": ({ inputs }) =>
    textAt(inputs, "policyType") === "TargetTrackingScaling"
      ? [["alarms of the scaling", "alarmMetric", 2]]
      : [],
  // Pollers of one's own are paid for by the hour, and not by a price that is known here.
  "aws:lambda/eventSourceMapping:EventSourceMapping": ({ inputs }) =>
    Object.keys(groupAt(inputs, "provisionedPollerConfig")).length > 0 ? undefined : [],
};
