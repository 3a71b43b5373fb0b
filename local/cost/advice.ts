/**
 * What a setting would save, and what an option would add: the stack estimated once more with the inputs that the
 * setting changes. Pure. A test compares every amount with that of the program under the changed config.
 */
import { estimate } from "./estimate.ts";
import { groupAt, type Inputs, numberAt, textAt } from "./inputs.ts";
import { logKbAt } from "./log-volume.ts";
import type { Planned } from "./planned.ts";
import type { PricedResource } from "./pricing.ts";
import { mainFunction } from "./types/function.ts";
import type { Usage } from "./usage.ts";

/** A config key, another value for it, and what that changes a month. */
export interface Turn {
  readonly key: string;
  readonly value: string;
  /** Negative where it saves. */
  readonly usd: number;
  /** What comes with it, beside the money. */
  readonly says: string;
}

export interface Advice {
  /** What saves enough to speak of, the most first. */
  readonly save: readonly Turn[];
  /** What options would add, the least first. */
  readonly add: readonly Turn[];
  /** What is as cheap already as it can be, for example `architecture: arm64`. */
  readonly already: readonly string[];
}

/** Whether the settings take this value for this key, with all others as they are. */
export type Accepts = (key: string, value: string) => boolean;

/** Advice for less than both of these is noise. */
const LEAST_USD = 0.1;
const LEAST_SHARE = 0.01;

/** One change of the stack. Undefined: it is so already, or there is nothing to change. */
interface Change {
  readonly key: string;
  readonly value: string;
  readonly says: string;
  readonly resources: readonly PricedResource[];
  readonly usage?: Usage;
}

/** Computes what settings would save and options would add. */
export function advise(planned: Planned, usage: Usage, accepts: Accepts): Advice {
  const now = estimate(planned.resources, usage, planned.main).totalUsd;
  const turns = (changes: readonly (Change | undefined)[]): readonly Turn[] =>
    changes.flatMap((change) => {
      if (change === undefined || !accepts(change.key, change.value)) return [];
      const { key, value, says, resources } = change;
      const then = estimate(resources, change.usage ?? usage, planned.main).totalUsd;
      return [{ key, value, says, usd: then - now }];
    });
  const main = mainFunction(planned.resources, planned.main);
  if (main === undefined) return { save: [], add: [], already: [] };
  const stack: Stack = { ...planned, main, usage };
  return {
    save: turns(SAVING.map((change) => change(stack)))
      .filter(({ usd }) => -usd > LEAST_USD || -usd > now * LEAST_SHARE)
      .toSorted((a, b) => a.usd - b.usd),
    add: turns(ADDING.map((change) => change(stack)))
      .filter(({ usd }) => usd > 0)
      .toSorted((a, b) => a.usd - b.usd),
    already: [
      ...(architectureOf(main) === "arm64" ? ["architecture: arm64"] : []),
      ...(isQuiet(levelOf(main)) ? [`logLevel: ${levelOf(main)}`] : []),
    ],
  };
}

interface Stack {
  readonly resources: readonly PricedResource[];
  /** The function that users call. */
  readonly main: PricedResource;
  readonly usage: Usage;
}

type ChangeOf = (stack: Stack) => Change | undefined;

const architectureOf = ({ inputs }: PricedResource): string =>
  (inputs["architectures"] as readonly string[] | undefined)?.[0] ?? "x86_64";

const variablesOf = ({ inputs }: PricedResource): Inputs =>
  groupAt(groupAt(inputs, "environment"), "variables");

const levelOf = (main: PricedResource): string =>
  textAt(variablesOf(main), "POWERTOOLS_LOG_LEVEL").toLowerCase() || "info";

const isQuiet = (level: string): boolean => logKbAt(level) <= logKbAt("info");

/** The same resources with other inputs of some. */
const withInputs = (
  resources: readonly PricedResource[],
  which: (resource: PricedResource) => boolean,
  inputs: (resource: PricedResource) => Inputs,
): readonly PricedResource[] =>
  resources.map((resource) =>
    which(resource)
      ? { ...resource, inputs: { ...resource.inputs, ...inputs(resource) } }
      : resource,
  );

const without = (
  resources: readonly PricedResource[],
  types: readonly string[],
): readonly PricedResource[] => resources.filter(({ type }) => !types.includes(type));

const has = (resources: readonly PricedResource[], type: string): boolean =>
  resources.some((resource) => resource.type === type);

const added = (
  resources: readonly PricedResource[],
  ...others: readonly (readonly [type: string, inputs: Inputs])[]
): readonly PricedResource[] => [
  ...resources,
  ...others.map(([type, inputs]) => ({ type, name: "added", inputs })),
];

const NAT_GATEWAY = "aws:ec2/natGateway:NatGateway";
const REST_API = "aws:apigateway/restApi:RestApi";
const REST_STAGE = "aws:apigateway/stage:Stage";
const REST_LIMITS = "aws:apigateway/methodSettings:MethodSettings";
const HTTP_API = "aws:apigatewayv2/api:Api";
const HTTP_STAGE = "aws:apigatewayv2/stage:Stage";
const ADDRESS = "aws:ec2/eip:Eip";
const PROVISIONED = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig";
const SCALING = "aws:appautoscaling/policy:Policy";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const KEY = "aws:kms/key:Key";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";

/** Alarms that come with instances kept ready. */
const PROVISIONED_ALARMS = ["spill-over-alarm", "provisioned-utilisation-alarm"];

/** The key of the service's own, beside the one of its alarms. */
const OWN_KEY = "identity-data-key";

/** Retention that the template ships with. */
const SHORT_RETENTION_DAYS = 14;

/** What an HTTP API has in the place of each part of a REST API; its deployments and limits are the stage's own. */
function asHttp(resource: PricedResource): readonly PricedResource[] {
  const { type, inputs } = resource;
  if (type === REST_API) {
    return [{ ...resource, type: HTTP_API, inputs: { ...inputs, protocolType: "HTTP" } }];
  }
  if (type === REST_STAGE) {
    const { accessLogSettings } = inputs;
    return [{ ...resource, type: HTTP_STAGE, inputs: { accessLogSettings } }];
  }
  return type === REST_LIMITS ? [] : [resource];
}

const memory =
  (factor: number, says: string): ChangeOf =>
  ({ resources, main }) => {
    const memorySize = Math.round(numberAt(main.inputs, "memorySize", 128) * factor);
    return {
      key: "memoryMb",
      value: String(memorySize),
      says,
      resources: withInputs(
        resources,
        (one) => one === main,
        () => ({ memorySize }),
      ),
    };
  };

const logLevel =
  (value: string, says: string): ChangeOf =>
  ({ resources, main, usage }) => {
    const factor = logKbAt(value) / logKbAt(levelOf(main));
    const variables = { ...variablesOf(main), POWERTOOLS_LOG_LEVEL: value };
    return {
      key: "logLevel",
      value,
      says,
      resources: withInputs(
        resources,
        (one) => one === main,
        () => ({ environment: { variables } }),
      ),
      usage: usage.logKb === undefined ? usage : { ...usage, logKb: usage.logKb * factor },
    };
  };

const SAVING: readonly ChangeOf[] = [
  memory(0.5, "if calls take as long: see npm run tune"),
  (stack) =>
    isQuiet(levelOf(stack.main))
      ? undefined
      : logLevel("info", "without the lines of debug")(stack),
  ({ resources, main }) =>
    architectureOf(main) === "arm64"
      ? undefined
      : {
          key: "architecture",
          value: "arm64",
          says: "where every package of the bundle runs on it",
          resources: withInputs(
            resources,
            (one) => one.type === main.type,
            () => ({ architectures: ["arm64"] }),
          ),
        },
  ({ resources }) => ({
    key: "logRetentionDays",
    value: String(SHORT_RETENTION_DAYS),
    says: "older lines are deleted",
    resources: withInputs(
      resources,
      (one) => one.type === LOG_GROUP,
      ({ inputs }) => ({
        retentionInDays: Math.min(
          SHORT_RETENTION_DAYS,
          numberAt(inputs, "retentionInDays", 0) || SHORT_RETENTION_DAYS,
        ),
      }),
    ),
  }),
  ({ resources, main }) =>
    groupAt(main.inputs, "tracingConfig")["mode"] === "Active"
      ? {
          key: "tracing",
          value: "passThrough",
          says: "no traces but those that a caller decides on",
          resources: withInputs(
            resources,
            (one) => one === main || one.type === REST_STAGE,
            (one) =>
              one === main
                ? { tracingConfig: { mode: "PassThrough" } }
                : // The template's API begins traces only where the function does.
                  { xrayTracingEnabled: false },
          ),
        }
      : undefined,
  ({ resources }) => {
    const gateways = resources.filter(({ type }) => type === NAT_GATEWAY);
    const [first] = gateways;
    if (first === undefined || gateways.length < 2) return undefined;
    return {
      key: "natGateways",
      value: "single",
      says: "the internet is gone when the zone of the one gateway is",
      // Each has a public address of the same name.
      resources: resources.filter(
        ({ type, name }) => (type !== NAT_GATEWAY && type !== ADDRESS) || name === first.name,
      ),
    };
  },
  ({ resources }) =>
    has(resources, REST_API)
      ? {
          key: "api",
          value: "http",
          says: "another address; nothing is validated before the function, and there are no API keys",
          resources: resources.flatMap((one) => asHttp(one)),
        }
      : undefined,
  ({ resources }) =>
    has(resources, PROVISIONED)
      ? {
          key: "provisionedConcurrency",
          value: "0",
          says: "calls meet cold starts",
          resources: without(resources, [PROVISIONED, SCALING]).filter(
            ({ name }) => !PROVISIONED_ALARMS.includes(name),
          ),
        }
      : undefined,
];

const ADDING: readonly ChangeOf[] = [
  memory(2, "more memory, and twice the CPU"),
  (stack) =>
    isQuiet(levelOf(stack.main)) ? logLevel("debug", "the lines of debug")(stack) : undefined,
  ({ resources }) =>
    has(resources, NAT_GATEWAY)
      ? undefined
      : {
          key: "network",
          value: "create",
          says: "a VPC of its own with one NAT gateway",
          resources: added(resources, [NAT_GATEWAY, {}], [ADDRESS, {}]),
        },
  ({ resources, main }) =>
    has(resources, PROVISIONED)
      ? undefined
      : {
          key: "provisionedConcurrency",
          value: "1",
          says: "one instance that is always ready",
          resources: added(
            resources,
            [
              PROVISIONED,
              {
                functionName: textAt(main.inputs, "name"),
                provisionedConcurrentExecutions: 1,
              },
            ],
            // Of calls that found none of them, and of how many are in use.
            [ALARM, { metricQueries: [{ metric: {} }, { metric: {} }] }],
            [ALARM, {}],
          ),
        },
  ({ resources }) =>
    resources.some(({ type, name }) => type === KEY && name === OWN_KEY)
      ? undefined
      : {
          key: "createKey",
          value: "true",
          says: "a key of its own for logs, messages and artifacts",
          resources: added(resources, [KEY, {}]),
        },
];
