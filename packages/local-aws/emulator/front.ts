/**
 * One endpoint in front of the AWS emulator, on loopback, that adds what the emulator lacks for releases and
 * replays:
 *
 * - CodeDeploy (see codedeploy/);
 * - calls of an alias that has weights reach both versions, drawn at random by their shares (see lambda/);
 * - asynchronous calls with AWS's retries, and dead letters in Lambda's own form;
 * - every invocation is counted under the dimensions that Lambda emits, as late as CloudWatch delivers it,
 *   alarms are judged by exactly those, and GetMetricData answers from them (see cloudwatch/);
 * - log lines become metrics by the embedded metric format and by metric filters, Insights queries run, and Lambda's
 *   own lines are JSON where the function says so (see logs/);
 * - queues, and Lambda's queue of asynchronous events, report to CloudWatch;
 * - composite alarms keep silent while their suppressors are red, and alarms publish where policies let them;
 * - queues and streams call functions by event source mappings, and schedules at their time (see sources/);
 * - EventBridge refuses what AWS refuses of an event (see events/);
 * - SQS forgives stale receipt handles (see sqs/);
 * - REST and HTTP APIs answer on this address, as their deployments say, by the weights of an alias (see apigateway/);
 * - faults and latencies on demand, for tests: throttling, expired credentials, answers that never come.
 *
 * Everything else goes through unchanged. A minute can be made shorter, so that a canary of five
 * minutes can be watched in seconds.
 */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { GetPolicyCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { FrontApiGateway } from "./apigateway/front.ts";
import { LogWriter } from "./apigateway/log-writer.ts";
import { type AwsAddress, FrontCloudWatch } from "./cloudwatch/front.ts";
import { CodeDeploySimulator } from "./codedeploy/simulator.ts";
import { FrontEvents } from "./events/front.ts";
import { type Answer, type Call, forwardTo, readCall, refusal, send } from "./http.ts";
import { FrontLambda, type Target } from "./lambda/front.ts";
import { type Latencies, latencyMs } from "./latency.ts";
import { FrontLogs } from "./logs/front.ts";
import { partitionOf } from "../provider/aws-types.ts";
import { seeded } from "./random.ts";
import { FrontSchedules } from "./sources/schedules.ts";
import { FrontSources } from "./sources/front.ts";
import { FrontSqs } from "./sqs/front.ts";
import { QueueMetrics } from "./sqs/metrics.ts";

export interface FrontOptions extends AwsAddress {
  /** Port on 127.0.0.1. Default: any free one. */
  readonly port?: number;
  /** Length of a minute in milliseconds. Default 60 000. */
  readonly minuteMs?: number;
  /** What everything random is drawn from. Default 1. */
  readonly seed?: number;
  /** How long AWS takes to answer, for example `SQS_LATENCIES`. Default: as fast as the emulator. */
  readonly latencies?: Latencies;
  /**
   * Part of the messages of standard queues that their mappings deliver once more, 0 to 1. Default 0.01: SQS and Lambda
   * promise "at least once".
   */
  readonly duplicates?: number;
  /** AWS's own time, milliseconds since 1970, which callers' clocks may differ from. Default: this machine's. */
  readonly nowMs?: () => number;
}

/** What a test makes of a call. */
export type Fault =
  /** It is refused. */
  | {
      readonly status: number /** AWS's error name. */;
      readonly name: string;
      readonly message: string;
    }
  /** It never reaches AWS, and no answer ever comes. */
  | "no answer"
  /** It is carried out, and the answer is lost on the way. */
  | "lost answer";

export interface Front extends AsyncDisposable {
  /** For example `http://127.0.0.1:40124`: what AWS_ENDPOINT_URL is to be. */
  readonly url: string;
  /** What commands need to know besides the endpoint: the length of a minute. */
  readonly environment: Readonly<Record<string, string>>;
  /** Lets calls fail: asked for each one, by service and operation, for example `codedeploy`, `GetDeployment`. */
  fault: (call: Call) => Fault | undefined;
  /** While true, canaries stay where they are: for tests that act in the middle of one. */
  held: boolean;
  /** Stops all deployments where they are, and the server. */
  stop(): Promise<void>;
}

/** Starts the front of one account and region of the emulator. */
export async function startFront(options: FrontOptions): Promise<Front> {
  const { upstream, minuteMs = 60_000, seed = 1, port = 0, latencies = {} } = options;
  const { nowMs = Date.now, duplicates = 0.01 } = options;
  const random = seeded(seed);
  const client = {
    endpoint: upstream,
    region: options.region,
    credentials: { accessKeyId: options.accountId, secretAccessKey: "local" },
  };
  const lambdaClient = new LambdaClient(client);
  const iam = new IAMClient(client);
  const forward = forwardTo(upstream);
  const common = { minuteMs, nowMs };
  const location = {
    partition: partitionOf(options.region),
    region: options.region,
    accountId: options.accountId,
  };
  const logs: FrontLogs = new FrontLogs({
    logs: new CloudWatchLogsClient(client),
    lambda: new LambdaClient(client),
    forward,
    nowMs,
    record: (...values) => cloudWatch.record(...values),
  });
  const cloudWatch: FrontCloudWatch = new FrontCloudWatch({
    ...common,
    ...location,
    forward,
    cloudWatch: new CloudWatchClient(client),
    sns: new SNSClient(client),
    kms: new KMSClient(client),
    collect: async () => {
      await Promise.all([logs.collect(), queues.collect()]);
    },
  });
  const sqsClient = new SQSClient({ ...client, useQueueUrlAsEndpoint: false });
  const queues: QueueMetrics = new QueueMetrics({
    ...common,
    sqs: sqsClient,
    record: (...values) => cloudWatch.record(...values),
  });
  const lambda = new FrontLambda({
    ...common,
    lambda: new LambdaClient(client),
    sqs: sqsClient,
    count: (invocation) => {
      cloudWatch.count(invocation);
      logs.touch();
    },
    record: (...values) => cloudWatch.record(...values),
    sent: (queueName) => queues.sent(queueName, 1),
    pick: random,
  });
  const sources = new FrontSources({
    minuteMs,
    lambda: new LambdaClient(client),
    sqs: sqsClient,
    streams: new DynamoDBStreamsClient(client),
    record: (...values) => cloudWatch.record(...values),
    nowMs,
    invoke: (target, event) => lambda.call(target, event),
    // A sequence of its own: how many messages there are must not decide which version answers.
    random: seeded(seed + 1),
    duplicates,
  });
  const sqs = new FrontSqs({
    upstream,
    url: () => front.url,
    forward,
    used: (queueName, sent) => {
      if (sent > 0) queues.sent(queueName, sent);
      else queues.touch(queueName);
    },
  });
  const events = new FrontEvents({ forward });
  const codeDeploy = new CodeDeploySimulator({
    ...common,
    lambda: new LambdaClient(client),
    cloudWatch: new CloudWatchClient(client),
    invoke: (functionName, payload) => lambda.call({ functionName }, payload),
    held: () => front.held,
  });

  const schedules = new FrontSchedules({
    minuteMs,
    sqs: sqsClient,
    forward,
    invoke: (target, event) => lambda.callLater(target, event),
  });

  const logWriter = new LogWriter({ client: () => ({ ...client, endpoint: front.url }), nowMs });
  const apiGateway = new FrontApiGateway({
    ...location,
    nowMs,
    record: (metric, value, atMs) => cloudWatch.record(metric, value, atMs),
    writeLog: (group, message) => logWriter.write(group, message),
    trustOf: (roleName) => trustOf(iam, roleName),
    lambda: {
      invoke: (target, event) => lambda.call(target, event),
      policyOf: (target) => policyOf(lambdaClient, target),
      wait: async (ms, signal) => {
        await sleep(ms, undefined, { signal }).catch(() => undefined);
      },
    },
  });

  const answer = async (call: Call): Promise<Answer> => {
    const ofApi = await apiGateway.answer(call);
    if (ofApi) return ofApi;
    if (call.service === "codedeploy") {
      return { status: 200, body: codeDeploy.answer(call.operation, call.json()) };
    }
    return (
      (await sources.answer(call)) ??
      (await schedules.answer(call)) ??
      (await events.answer(call)) ??
      (await lambda.answer(call)) ??
      (await sqs.answer(call)) ??
      (await cloudWatch.answer(call)) ??
      (await logs.answer(call)) ??
      forward(call)
    );
  };
  const answerOrRefusal = (call: Call): Promise<Answer> => answer(call).catch(refusal);
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = await readCall(incoming);
    const fault = front.fault(call);
    if (fault === "no answer") return;
    const delayMs = latencyMs(latencies, call);
    if (delayMs > 0) await sleep(delayMs);
    if (fault === "lost answer") {
      await answerOrRefusal(call);
      response.destroy();
      return;
    }
    send(response, fault ? faultAnswer(call, fault) : await answerOrRefusal(call), nowMs());
  };
  const server = createServer((incoming, response) => void handle(incoming, response));
  await new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
  const stop = async (): Promise<void> => {
    await Promise.all([codeDeploy.stop(), sources.stop(), schedules.stop(), logWriter.stop()]);
    await lambda.stop();
    cloudWatch.stop();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  const front: Front = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    environment: { EMULATED_MINUTE_MS: String(minuteMs) },
    fault: () => undefined,
    held: false,
    stop,
    [Symbol.asyncDispose]: stop,
  };
  return front;
}

/** Text of the trust policy of a role; empty where there is no such role. */
async function trustOf(client: IAMClient, RoleName: string): Promise<string> {
  const found = await client.send(new GetRoleCommand({ RoleName })).catch(() => undefined);
  return decodeURIComponent(found?.Role?.AssumeRolePolicyDocument ?? "");
}

/** Text of the policy of a function, version or alias. */
async function policyOf(
  client: LambdaClient,
  { functionName, qualifier }: Target,
): Promise<string> {
  const { Policy = "" } = await client.send(
    new GetPolicyCommand({ FunctionName: functionName, Qualifier: qualifier }),
  );
  return Policy;
}

/** A fault in the form that the called service speaks: XML for S3 and the query services, else JSON. */
function faultAnswer(
  { service, headers }: Call,
  { status, name, message }: Exclude<Fault, string>,
): Answer {
  const isQuery = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
  if (service !== "s3" && !isQuery) return { status, body: { __type: name, message } };
  const error = `<Error><Code>${name}</Code><Message>${message}</Message></Error>`;
  return {
    status,
    body: Buffer.from(isQuery ? `<ErrorResponse>${error}</ErrorResponse>` : error),
    headers: { "content-type": "text/xml" },
  };
}
