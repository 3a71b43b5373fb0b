/**
 * What a replay lets releases know, and what releases let a replay know.
 *
 * A dead letter that fails again counts in the errors of the alias, like any call. A release that is judged
 * by them would blame the new version for it. So a replay is refused while a release is under way and ends
 * when one begins; and it writes down beside the release records that it is under way and how many messages
 * failed, for a release to wait for or to leave out (docs/decisions/0203-replay-and-release.md).
 */
import {
  type CodeDeployClient,
  DeploymentStatus,
  ListDeploymentsCommand,
} from "@aws-sdk/client-codedeploy";
import { GetAliasCommand } from "@aws-sdk/client-lambda";
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { replayRecordKey } from "../../infra/names.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { AwsClients } from "../support/aws.ts";
import { parse } from "./json-text.ts";

/** The newest replay of a function's dead letters. */
export interface ReplayRecord {
  /** ARN of who runs it. */
  readonly by: string;
  readonly delivered: number;
  /** Invocations that failed. */
  readonly failed: number;
  /** Lambda tries events by itself for some minutes after the replay has ended. */
  readonly asynchronous: boolean;
  readonly over: boolean;
}

/** The record, and how long ago it was written by the clock of S3. */
export interface SeenReplay {
  readonly record: ReplayRecord;
  readonly ageMs: number;
}

/** How often a replay writes its record, in minutes. */
export const RECORD_EVERY_MINUTES = 0.5;
/** A record older than this is that of a replay that was killed. */
const SILENT_MINUTES = 2;
/** How long alarms see an error: five minutes of datapoints, and one until they are delivered. */
const ALARM_MINUTES = 6;
/** An asynchronous event is tried again after one and after two minutes. */
const RETRY_MINUTES = 4;

export type ReplayStatus =
  /** None that an alarm could see. */
  | { readonly kind: "none" }
  | { readonly kind: "active"; readonly by: string }
  /** Over, but alarms still see its failures for so many minutes. */
  | {
      readonly kind: "recent";
      readonly by: string;
      readonly failed: number;
      readonly minutes: number;
    };

/** What the newest replay means for a release that begins now. Pure. */
export function replayStatus(seen: SeenReplay | undefined, minuteMs: number): ReplayStatus {
  if (!seen) return { kind: "none" };
  const { by, failed, over, asynchronous } = seen.record;
  const age = seen.ageMs / minuteMs;
  if (!over && age < SILENT_MINUTES) return { kind: "active", by };
  const visible = ALARM_MINUTES + (asynchronous ? RETRY_MINUTES : 0);
  const mayFail = failed > 0 || asynchronous;
  if (!mayFail || age >= visible) return { kind: "none" };
  return { kind: "recent", by, failed, minutes: Math.ceil(visible - age) };
}

/** Longest time for one of these small calls, its retries included. */
const CALL_TIMEOUT_MS = 30_000;

const limited = (signal?: AbortSignal): AbortSignal =>
  AbortSignal.any([AbortSignal.timeout(CALL_TIMEOUT_MS), ...(signal ? [signal] : [])]);

/** Whose dead letters: each function of a service has an object of its own. */
type ReplayOf = Pick<StackOutputs, "artifactsBucketName" | "functionId">;

/** Undefined when there was no replay yet. */
export async function readReplay(s3: S3Client, of: ReplayOf): Promise<SeenReplay | undefined> {
  const command = new GetObjectCommand({
    Bucket: of.artifactsBucketName,
    Key: replayRecordKey(of),
  });
  let nowMs = Date.now();
  // The local clock may be wrong; S3 says with each answer what time it is.
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers } = result.response as { headers?: Record<string, string> };
      nowMs = Date.parse(headers?.["date"] ?? "") || nowMs;
      return result;
    },
    { step: "deserialize", name: "readDate", priority: "high" },
  );
  try {
    const { Body, LastModified } = await s3.send(command, { abortSignal: limited() });
    const record = parse((await Body?.transformToString()) ?? "") as ReplayRecord | undefined;
    if (!record) return undefined;
    return { record, ageMs: Math.max(0, nowMs - (LastModified?.getTime() ?? 0)) };
  } catch (error) {
    if (error instanceof Error && error.name === "NoSuchKey") return undefined;
    throw error;
  }
}

export async function writeReplay(s3: S3Client, of: ReplayOf, record: ReplayRecord): Promise<void> {
  await s3.send(
    new PutObjectCommand({
      Bucket: of.artifactsBucketName,
      Key: replayRecordKey(of),
      Body: `${JSON.stringify(record, undefined, 2)}\n`,
      ContentType: "application/json",
    }),
    { abortSignal: limited() },
  );
}

/** What says that a release is under way, as a clause; undefined when none is. */
export async function releaseUnderWay(
  { lambda, codeDeploy }: Pick<AwsClients, "lambda" | "codeDeploy">,
  outputs: StackOutputs,
  abortSignal?: AbortSignal,
): Promise<string | undefined> {
  const { functionName, aliasName } = outputs;
  const [{ RoutingConfig }, deployment] = await Promise.all([
    lambda.send(new GetAliasCommand({ FunctionName: functionName, Name: aliasName }), {
      abortSignal: limited(abortSignal),
    }),
    activeDeployment(codeDeploy, outputs, abortSignal),
  ]);
  if (deployment !== undefined) return `deployment ${deployment} of ${functionName} is under way`;
  return Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {}).length > 0
    ? `a release is shifting traffic of ${functionName}`
    : undefined;
}

const NOTHING_TO_RELEASE = [
  "ApplicationDoesNotExistException",
  "DeploymentGroupDoesNotExistException",
];

/** Before and after traffic is shifted the alias does not show it: while the hook runs, for example. */
async function activeDeployment(
  client: CodeDeployClient,
  { codeDeployApplicationName, deploymentGroupName }: StackOutputs,
  abortSignal?: AbortSignal,
): Promise<string | undefined> {
  const { CREATED, QUEUED, IN_PROGRESS, BAKING, READY } = DeploymentStatus;
  const command = new ListDeploymentsCommand({
    applicationName: codeDeployApplicationName,
    deploymentGroupName,
    includeOnlyStatuses: [CREATED, QUEUED, IN_PROGRESS, BAKING, READY],
  });
  try {
    const { deployments = [] } = await client.send(command, { abortSignal: limited(abortSignal) });
    return deployments[0];
  } catch (error) {
    // Nothing was ever released.
    if (error instanceof Error && NOTHING_TO_RELEASE.includes(error.name)) return undefined;
    throw error;
  }
}
