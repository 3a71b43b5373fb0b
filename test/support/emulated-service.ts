/** A small service in the emulator, as the program would deploy it: what the commands of `ops` work on. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { strToU8, zipSync } from "fflate";
import * as names from "../../infra/names.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import { type Running, startNode } from "./command.ts";
import type { Answer, Call, Host } from "./host.ts";
import { afterUpdates } from "./after-updates.ts";
import type { EmulatorAccount } from "local-aws/testing/emulator.ts";

const SCOPE = { serviceName: "lambda", environment: "staging" };

export interface Service {
  readonly outputs: StackOutputs;
  readonly lambda: LambdaClient;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  /** A folder of the service's own, also for its handler; deleted at the end. */
  readonly folder: string;
  /** Puts a letter into the dead-letter queue in the form that Lambda gives it. */
  bury(event: unknown, error?: string): Promise<void>;
  /** Replaces the code and publishes a version. */
  publish(source: string): Promise<string>;
  /** Runs a command to its end, in a host, for example `["replay", "--yes"]`. */
  run(command: readonly string[], host: Host): Promise<Answer>;
  /** Starts a command in a process of its own, as a user does. */
  start(command: readonly string[]): Command;
}

/** A command under way. */
export type Command = Running;

const callOf = (name: string, args: readonly string[]): Call => [
  `ops/${name}.ts`,
  "--stack",
  "staging",
  ...args,
];

/** Zips an ES module as a function's code. */
const codeOf = (source: string): Uint8Array => zipSync({ "index.mjs": strToU8(source) });

const folders: string[] = [];

// Root hook: also where a suite was skipped and made none.
after(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

/** Makes function, version 1, alias, queue and bucket. The handler's source may name `FOLDER`. */
export async function makeService(account: EmulatorAccount, source: string): Promise<Service> {
  const lambda = new LambdaClient(account.client);
  const sqs = new SQSClient(account.client);
  const s3 = new S3Client({ ...account.client, forcePathStyle: true });
  const folder = await mkdtemp(join(tmpdir(), "service-"));
  folders.push(folder);
  const functionName = names.functionName(SCOPE);
  const bucketName = names.artifactsBucketName(SCOPE, account.accountId);

  const { QueueUrl = "" } = await sqs.send(
    new CreateQueueCommand({ QueueName: names.deadLetterQueueName(SCOPE) }),
  );
  await s3.send(new CreateBucketCommand({ Bucket: bucketName }));
  await s3.send(
    new PutBucketVersioningCommand({
      Bucket: bucketName,
      VersioningConfiguration: { Status: "Enabled" },
    }),
  );
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: functionName,
      Runtime: "nodejs22.x",
      Role: `arn:aws:iam::${account.accountId}:role/execution`,
      Handler: "index.handler",
      Code: { ZipFile: codeOf(source) },
      Environment: { Variables: { FOLDER: folder } },
    }),
  );
  await waitUntilFunctionActiveV2(
    { client: lambda, maxWaitTime: 20, minDelay: 1, maxDelay: 1 },
    { FunctionName: functionName },
  );
  const { Version = "" } = await lambda.send(
    new PublishVersionCommand({ FunctionName: functionName }),
  );
  const { AliasArn = "" } = await lambda.send(
    new CreateAliasCommand({
      FunctionName: functionName,
      Name: names.ALIAS_NAME,
      FunctionVersion: Version,
    }),
  );
  const outputs: StackOutputs = {
    ...SCOPE,
    region: account.region,
    accountId: account.accountId,
    functionName,
    functionVersion: Version,
    aliasName: names.ALIAS_NAME,
    aliasArn: AliasArn,
    logGroupName: names.logGroupName(SCOPE),
    deadLetterQueueUrl: QueueUrl,
    deadLetterQueueArn: `arn:aws:sqs:${account.region}:${account.accountId}:${names.deadLetterQueueName(SCOPE)}`,
    artifactsBucketName: bucketName,
    artifactKey: names.artifactKey("0".repeat(64)),
    deployRoleArn: `arn:aws:iam::${account.accountId}:role/${names.deployRoleName(SCOPE)}`,
    codeDeployApplicationName: names.codeDeployApplicationName(SCOPE),
    deploymentGroupName: names.deploymentGroupName(SCOPE),
    deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce",
    hookFunctionName: names.hookFunctionName(SCOPE),
    hookTimeoutSeconds: 60,
    timeoutSeconds: 30,
    durationAlarmMs: 10_000,
    metricsNamespace: "service",
    canaryMinimumInvocations: 10,
    lowTraffic: "synthetic",
    releaseAlarmNames: [],
    alarmNames: [],
  };
  const outputsFile = join(folder, "outputs.json");
  await writeFile(outputsFile, JSON.stringify(outputs));
  const environment = { ...account.environment, STACK_OUTPUTS_FILE: outputsFile };

  return {
    outputs,
    lambda,
    sqs,
    s3,
    folder,
    bury: async (event, error = "Internal error") => {
      await sqs.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody: typeof event === "string" ? event : JSON.stringify(event),
          MessageAttributes: {
            RequestID: { DataType: "String", StringValue: crypto.randomUUID() },
            ErrorCode: { DataType: "Number", StringValue: "200" },
            ErrorMessage: { DataType: "String", StringValue: error },
          },
        }),
      );
    },
    publish: async (code) => {
      const ZipFile = codeOf(code);
      const updated = await afterUpdates(() =>
        lambda.send(
          new UpdateFunctionCodeCommand({ FunctionName: functionName, ZipFile, Publish: true }),
        ),
      );
      return updated.Version ?? "";
    },
    run: ([name = "", ...args], host) => host.run(callOf(name, args), environment),
    start: ([name = "", ...args]) => startNode(callOf(name, args), { env: environment }),
  };
}

/** The lines of a file that handlers append to; none when it is not there yet. */
export async function linesOf(path: string): Promise<string[]> {
  const content = await readFile(path, "utf8").catch(() => "");
  return content.split("\n").filter((line) => line !== "");
}
