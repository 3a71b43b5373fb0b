/**
 * A small production stack in the local cloud, for tests of releases: the function with versions that
 * work or fail, alias, hook, alarms, CodeDeploy and bucket, under the names that the program gives them.
 */
import { PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { CreateApplicationCommand, CreateDeploymentGroupCommand } from "@aws-sdk/client-codedeploy";
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  GetAliasCommand,
  InvokeCommand,
  UpdateFunctionCodeCommand,
} from "@aws-sdk/client-lambda";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { SMOKE_EVENTS } from "../../function/domain/smoke-events.ts";
import { bundleHandler } from "../../infra/function/bundle.ts";
import { reproducibleZip } from "../../infra/function/zip.ts";
import * as names from "../../infra/names.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import { type Alarm, RELEASE_ALARMS, serviceAlarms } from "../../infra/observability/alarms.ts";
import { type Front, type FrontOptions, startFront } from "local-aws/emulator/front.ts";
import { type AwsClients, awsClients, type ClientOverrides } from "../../ops/support/aws.ts";
import { alarmInput } from "local-aws/cloud/types/observability.ts";
import { afterUpdates } from "./after-updates.ts";
import { testSettings } from "./settings.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";

/**
 * How a version behaves: answering as the real handler does, failing real calls, or answering wrongly. `real-flow` is
 * the shipped flow over a domain that fails for the word "throw".
 */
export type Behaviour = keyof typeof SOURCES | "real-flow";

/** The answers that the domain's smoke events expect; 200 to anything else. */
const ANSWERS = JSON.stringify(
  Object.fromEntries(
    SMOKE_EVENTS.map(({ event, statusCode, body }) => [
      JSON.stringify(event),
      { statusCode, headers: {}, body: JSON.stringify(body) },
    ]),
  ),
);
const rightAnswer = `(${ANSWERS})[JSON.stringify(event)] ?? { statusCode: 200, headers: {}, body: "{}" }`;

/** Handlers small enough to start at once; `marker` makes the code of every version its own. */
const SOURCES = {
  works: `return ${rightAnswer};`,
  "fails-real-calls": `if (event.source !== "smoke") throw new Error("broken"); return ${rightAnswer};`,
  "answers-wrongly": `return { statusCode: 299, headers: {}, body: "{}" };`,
};

const codeOf = async (behaviour: Behaviour, marker: number): Promise<Uint8Array> => {
  if (behaviour === "real-flow") {
    const entryPoint = "test/bundle/fixtures/word-handler.ts";
    return (await bundleHandler({ entryPoint })).zip;
  }
  return reproducibleZip({
    "dist/index.mjs": `// ${marker}\nexport const handler = async (event) => { ${SOURCES[behaviour]} };`,
  });
};

export interface World {
  readonly front: Front;
  readonly clients: AwsClients;
  readonly minuteMs: number;
  /** Points commands at this world. */
  readonly environment: Readonly<Record<string, string>>;
  readonly settings: ReturnType<typeof testSettings>;
  /** What `pulumi stack output` would say: the version published last. */
  outputs(): StackOutputs;
  /** Publishes a version as `pulumi up` does: the alias stays. */
  publish(behaviour: Behaviour): Promise<string>;
  alias(): Promise<{ version: string | undefined; weights: Record<string, number> }>;
}

export interface WorldOptions {
  readonly trafficShift?: ReturnType<typeof testSettings>["trafficShift"];
  /** Length of a minute. Default 60 ms. */
  readonly minuteMs?: number;
  readonly first?: Behaviour;
  /** The program's own hook. Default: one that starts faster and finds every version good. */
  readonly realHook?: true;
  /** A hook that does not report to CodeDeploy. */
  readonly silentHook?: true;
  /** Timeout of the hook. Default 60. */
  readonly hookTimeoutSeconds?: number;
  /** What this machine's clock is ahead of AWS's, in milliseconds. Default 0. */
  readonly clockAheadMs?: number;
  readonly seed?: FrontOptions["seed"];
  readonly duplicates?: FrontOptions["duplicates"];
  /** Code of the handler instead of a behaviour's; the marker makes that of each version its own. */
  readonly codeOf?: (marker: number) => Promise<Uint8Array>;
  /** Environment of the function. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Default 1. */
  readonly canaryMinimumInvocations?: number;
  readonly lowTraffic?: ReturnType<typeof testSettings>["lowTraffic"];
  /** Another function of the service that a world was made for: in its AWS, account and bucket. */
  readonly beside?: { readonly world: World; readonly functionId: string };
}

const DEFAULT_MINUTE_MS = 60;
/** The emulator answers at once; a test of a call that is never answered must not wait for long. */
const CALL_TIMEOUT_MS = 6_000;

/** Of what handlers count; only the real flow does. */
const METRICS_NAMESPACE = "worlds";

let realHook: Promise<Uint8Array> | undefined;

const QUICK_HOOK = reproducibleZip({
  "dist/index.mjs": `export const handler = async ({ DeploymentId, LifecycleEventHookExecutionId, version }) => {
    if (version) return { version, calls: 4, slowestMs: 1, faults: [] };
    await fetch(process.env.AWS_ENDPOINT_URL_CODEDEPLOY, {
      method: "POST",
      headers: {
        authorization: "Credential=test/20260101/us-east-1/codedeploy/aws4_request",
        "x-amz-target": "CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus",
      },
      body: JSON.stringify({ deploymentId: DeploymentId, lifecycleEventHookExecutionId: LifecycleEventHookExecutionId, status: "Succeeded" }),
    });
  };`,
});

const SILENT_HOOK = reproducibleZip({
  "dist/index.mjs": `export const handler = async () => { throw new Error("out of memory"); };`,
});

const hookCode = ({ realHook: real, silentHook }: WorldOptions): Promise<Uint8Array> => {
  if (silentHook) return Promise.resolve(SILENT_HOOK);
  if (!real) return Promise.resolve(QUICK_HOOK);
  realHook ??= bundleHandler({ entryPoint: "hook/index.ts" }).then(({ zip }) => zip);
  return realHook;
};

/** Gives the enclosing suite what makes a world; each world is gone after the test. */
export function useWorlds(): (options?: WorldOptions) => Promise<World> {
  const account = useEmulator();
  const fronts: Front[] = [];
  beforeEach(function () {
    // A minute of 60 ms is shorter than a pause of a busy machine. A second failure is one of ours.
    this.currentTest?.retries(1);
  });
  afterEach(async () => {
    await Promise.all(fronts.splice(0).map((front) => front.stop()));
  });
  let worlds = 0;
  return async (options = {}) => {
    const { client, accountId, region, url, environment } = account();
    const front =
      options.beside?.world.front ??
      (await startFront({
        upstream: url,
        accountId,
        region,
        minuteMs: options.minuteMs ?? DEFAULT_MINUTE_MS,
        ...(options.seed !== undefined && { seed: options.seed }),
        ...(options.duplicates !== undefined && { duplicates: options.duplicates }),
        ...(options.clockAheadMs !== undefined && {
          nowMs: () => Date.now() - (options.clockAheadMs ?? 0),
        }),
      }));
    if (!options.beside) fronts.push(front);
    // The service's name tells the worlds of a suite apart.
    const serviceName = options.beside?.world.settings.serviceName ?? `w${(worlds += 1)}`;
    const world = await makeWorld(
      front,
      { ...client, region, endpoint: front.url },
      accountId,
      serviceName,
      options,
    );
    return { ...world, environment: { ...environment, AWS_ENDPOINT_URL: front.url } };
  };
}

async function makeWorld(
  front: Front,
  { region, ...overrides }: ClientOverrides & { readonly region: string },
  accountId: string,
  serviceName: string,
  options: WorldOptions,
): Promise<Omit<World, "environment">> {
  const {
    trafficShift = "Canary10Percent5Minutes",
    first = "works",
    minuteMs = DEFAULT_MINUTE_MS,
    canaryMinimumInvocations = 1,
    lowTraffic = "synthetic",
    hookTimeoutSeconds = 60,
    beside,
  } = options;
  const settings = testSettings({
    serviceName,
    functionId: beside?.functionId,
    environment: "production",
    trafficShift,
    canaryMinimumInvocations,
    lowTraffic,
  });
  const clients = awsClients(region, { ...overrides, timeoutMs: CALL_TIMEOUT_MS });
  const functionName = names.functionName(settings);
  const bucket = names.artifactsBucketName(settings, accountId);
  const applicationName = names.codeDeployApplicationName(settings);
  const versionCode = async (behaviour: Behaviour, marker: number): Promise<Uint8Array> =>
    options.codeOf ? options.codeOf(marker) : codeOf(behaviour, marker);
  let version = "1";
  let markers = 0;

  const putAlarms = async (alarms: Readonly<Record<string, Alarm>>): Promise<string[]> =>
    Promise.all(
      Object.entries(alarms).map(async ([metric, alarm]) => {
        const name = names.metricName(settings, metric);
        await clients.cloudWatch.send(
          new PutMetricAlarmCommand(alarmInput({ name, ...alarm.rule })),
        );
        return name;
      }),
    );
  // The emulator knows no quota of the account.
  const { concurrency: _, ...releaseAlarms } = serviceAlarms(settings, METRICS_NAMESPACE);
  const common = {
    Runtime: "nodejs22.x" as const,
    Role: `arn:aws:iam::${accountId}:role/test`,
    Handler: "dist/index.handler",
  };
  const [alarmNames] = await Promise.all([
    putAlarms(releaseAlarms),
    beside ?? clients.s3.send(new CreateBucketCommand({ Bucket: bucket })),
    clients.lambda.send(
      new CreateFunctionCommand({
        ...common,
        FunctionName: functionName,
        Code: { ZipFile: await versionCode(first, 0) },
        Timeout: settings.timeoutSeconds,
        Environment: {
          Variables: {
            ENVIRONMENT: settings.environment,
            POWERTOOLS_SERVICE_NAME: names.functionPrefix(settings),
            POWERTOOLS_METRICS_NAMESPACE: METRICS_NAMESPACE,
            // The emulator sends its handlers to itself, and not to the front before it.
            AWS_ENDPOINT_URL_EVENTBRIDGE: front.url,
            ...options.variables,
          },
        },
        Publish: true,
      }),
    ),
    clients.lambda.send(
      new CreateFunctionCommand({
        ...common,
        FunctionName: names.hookFunctionName(settings),
        Code: { ZipFile: await hookCode(options) },
        Timeout: hookTimeoutSeconds,
        Environment: {
          Variables: {
            FUNCTION_NAME: functionName,
            ROUNDS: "1",
            SLOWEST_CALL_MS: String(settings.durationAlarmMs),
            AWS_ENDPOINT_URL_CODEDEPLOY: front.url,
          },
        },
      }),
    ),
    clients.codeDeploy.send(
      new CreateApplicationCommand({ applicationName, computePlatform: "Lambda" }),
    ),
  ]);
  await clients.lambda.send(
    new CreateAliasCommand({ FunctionName: functionName, Name: "live", FunctionVersion: version }),
  );
  const deploymentConfigName = `CodeDeployDefault.Lambda${trafficShift}`;
  const releaseAlarmNames = RELEASE_ALARMS.map((metric) => names.metricName(settings, metric));
  await clients.codeDeploy.send(
    new CreateDeploymentGroupCommand({
      applicationName,
      deploymentGroupName: names.deploymentGroupName(settings),
      deploymentConfigName,
      serviceRoleArn: common.Role,
      alarmConfiguration: {
        enabled: true,
        alarms: releaseAlarmNames.map((name) => ({ name })),
      },
      autoRollbackConfiguration: {
        enabled: true,
        events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
      },
    }),
  );

  return {
    front,
    clients,
    minuteMs,
    settings,
    outputs: () => ({
      ...(beside && { functionId: beside.functionId }),
      environment: "production",
      serviceName,
      region,
      accountId,
      functionName,
      functionVersion: version,
      aliasName: names.ALIAS_NAME,
      aliasArn: `arn:aws:lambda:${region}:${accountId}:function:${functionName}:live`,
      logGroupName: names.logGroupName(settings),
      deadLetterQueueUrl: "http://127.0.0.1/none",
      deadLetterQueueArn: "none",
      artifactsBucketName: bucket,
      artifactKey: "function/none.zip",
      deployRoleArn: "none",
      codeDeployApplicationName: applicationName,
      deploymentGroupName: names.deploymentGroupName(settings),
      deploymentConfigName,
      hookFunctionName: names.hookFunctionName(settings),
      hookTimeoutSeconds,
      timeoutSeconds: settings.timeoutSeconds,
      durationAlarmMs: settings.durationAlarmMs,
      metricsNamespace: METRICS_NAMESPACE,
      canaryMinimumInvocations: settings.canaryMinimumInvocations,
      lowTraffic: settings.lowTraffic,
      releaseAlarmNames,
      alarmNames,
    }),
    publish: async (behaviour) => {
      const ZipFile = await versionCode(behaviour, (markers += 1));
      const { Version } = await afterUpdates(() =>
        clients.lambda.send(
          new UpdateFunctionCodeCommand({ FunctionName: functionName, ZipFile, Publish: true }),
        ),
      );
      version = Version ?? "";
      return version;
    },
    alias: async () => {
      const { FunctionVersion, RoutingConfig } = await clients.lambda.send(
        new GetAliasCommand({ FunctionName: functionName, Name: "live" }),
      );
      return {
        version: FunctionVersion,
        weights: RoutingConfig?.AdditionalVersionWeights ?? {},
      };
    },
  };
}

/** A real call of the alias, as a customer would make it. */
export const callAlias = (world: World, event: object = { of: "a customer" }) =>
  world.clients.invocations.send(
    new InvokeCommand({
      FunctionName: world.outputs().functionName,
      Qualifier: "live",
      Payload: JSON.stringify(event),
    }),
  );
