/** The whole flow in this process: what it writes and sends is kept instead. */
import type { Context } from "aws-lambda";
import { type CallerSettings, createHandler, type Handler } from "../../../function/flow.ts";
import type { Domain } from "../../../function/platform/domain.ts";
import type { Outbox } from "../../../function/platform/outbox.ts";
import { createTelemetry } from "../../../function/platform/telemetry.ts";
import { xrayTracer } from "../../../function/platform/xray.ts";
import type { HttpResponse } from "../../../function/platform/response.ts";
import type { TraceDocument } from "local-aws/lambda/xray-daemon.ts";
import { type Outside, wordDomain } from "./domain.ts";
import type { EmfLine } from "./emf.ts";

export const NOW = new Date("2026-01-02T03:04:05.678Z");

/** What the stack sets. */
export const VARIABLES = {
  ENVIRONMENT: "staging",
  POWERTOOLS_SERVICE_NAME: "lambda",
  POWERTOOLS_METRICS_NAMESPACE: "lambda",
  POWERTOOLS_LOG_LEVEL: "info",
};

export const context = (overrides: Partial<Context> = {}): Context => ({
  awsRequestId: "request-1",
  functionName: "lambda-function-staging",
  functionVersion: "7",
  invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:lambda-function-staging:live",
  memoryLimitInMB: "256",
  logGroupName: "group",
  logStreamName: "stream",
  callbackWaitsForEmptyEventLoop: false,
  getRemainingTimeInMillis: () => 30_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
  ...overrides,
});

/** Runs what reads the environment under these variables, and puts back what was there. */
export function withVariables<T>(variables: Readonly<Record<string, string>>, run: () => T): T {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    return run();
  } finally {
    process.env = before;
  }
}

export type LogLine = Record<string, unknown> & { level: string; message: string };

export interface HarnessOptions {
  readonly variables?: Readonly<Record<string, string>>;
  readonly traceHeader?: string;
  readonly startsCold?: boolean;
  readonly callers?: Partial<CallerSettings>;
  readonly outbox?: Outbox;
  /** What the tests' own domain reaches outside. Default: nothing. */
  readonly outside?: Outside | undefined;
}

/** The flow over the tests' own domain. */
export const harness = (options: HarnessOptions = {}) =>
  harnessOf(wordDomain(options.outside), options);

/** The flow over any domain. */
export function harnessOf<Event, Result extends object>(
  domain: Domain<Event, Result>,
  {
    variables = {},
    traceHeader = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
    startsCold = false,
    callers = {},
    outbox,
  }: HarnessOptions = {},
) {
  const lines: string[] = [];
  const datagrams: string[] = [];
  const telemetry = withVariables({ ...VARIABLES, ...variables }, () =>
    createTelemetry((line) => lines.push(line)),
  );
  const handle: Handler = createHandler({
    ...telemetry,
    tracer: xrayTracer(
      (datagram) => datagrams.push(datagram),
      () => traceHeader,
    ),
    domain,
    now: () => NOW,
    startsCold,
    callers: { httpFronts: ["*"], answerDirect: false, partialBatches: false, ...callers },
    outbox,
  });
  // What one event is answered with; batches are answered otherwise, and have a test of their own.
  const handler = async (input: unknown, context: Context): Promise<HttpResponse> => {
    const answer = await handle(input, context);
    if ("batchItemFailures" in answer) throw new Error("a batch was answered");
    return answer;
  };
  const parsed = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    handle,
    handler,
    telemetry,
    lines,
    datagrams,
    metrics: () => parsed().filter((line) => "_aws" in line) as EmfLine[],
    logs: () => parsed().filter((line) => !("_aws" in line)) as LogLine[],
    documents: () =>
      datagrams.map((datagram) => JSON.parse(datagram.split("\n")[1] ?? "") as TraceDocument),
  };
}

/** What a function URL or an HTTP API hands over. */
export const httpEvent = (body: unknown, headers: Record<string, string> = {}) => ({
  version: "2.0",
  requestContext: { http: { method: "POST", path: "/" } },
  headers,
  body: JSON.stringify(body),
  isBase64Encoded: false,
});

/** The error that a rejected promise holds; fails when it does not reject. */
export const rejection = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => {
      throw new Error("was expected to reject");
    },
    (error: Error) => error,
  );
