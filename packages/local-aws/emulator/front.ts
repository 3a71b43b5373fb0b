/**
 * One endpoint in front of the AWS emulator, on loopback, that adds what the emulator lacks for releases:
 *
 * - CodeDeploy (see codedeploy/);
 * - calls of an alias that has weights reach both versions, by their shares;
 * - every invocation is counted under the dimensions that Lambda emits, alarms are judged by exactly
 *   those, and GetMetricData answers from them;
 * - faults on demand, for tests: throttling, expired credentials.
 *
 * Everything else goes through unchanged. A minute can be made shorter, so that a canary of five
 * minutes can be watched in seconds.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type AwsAddress, FrontCloudWatch } from "./cloudwatch/front.ts";
import { CodeDeployError } from "./codedeploy/errors.ts";
import { CodeDeploySimulator } from "./codedeploy/simulator.ts";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { FrontLambda } from "./lambda/front.ts";
import { type Answer, type Call, readCall } from "./http.ts";

export interface FrontOptions extends AwsAddress {
  /** Port on 127.0.0.1. Default: any free one. */
  readonly port?: number;
  /** Length of a minute in milliseconds. Default 60 000. */
  readonly minuteMs?: number;
  /** A number from 0 up to 1, which decides the version of a call. Default: evenly spread, not random. */
  readonly pick?: () => number;
}

/** A fault that a test asks for. */
export interface Fault {
  readonly status: number;
  /** AWS's error name. */
  readonly name: string;
  readonly message: string;
}

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
  const { minuteMs = 60_000, pick = spread(), port = 0 } = options;
  const client = {
    endpoint: options.upstream,
    region: options.region,
    credentials: { accessKeyId: options.accountId, secretAccessKey: "local" },
  };
  const cloudWatch = new FrontCloudWatch(new CloudWatchClient(client), minuteMs);
  const lambda = new FrontLambda(new LambdaClient(client), cloudWatch, pick);
  const codeDeploy = new CodeDeploySimulator({
    lambda: new LambdaClient(client),
    cloudWatch: new CloudWatchClient(client),
    minuteMs,
    held: () => front.held,
  });

  const answer = async (call: Call): Promise<Answer | undefined> => {
    const fault = front.fault(call);
    if (fault) return faultAnswer(call, fault);
    if (call.service === "codedeploy") {
      return { status: 200, body: codeDeploy.answer(call.operation, call.json()) };
    }
    return (await lambda.answer(call)) ?? cloudWatch.answer(call);
  };
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = await readCall(incoming);
    try {
      const answered = await answer(call);
      if (answered) send(response, answered);
      else await passOn(options.upstream, incoming, call.body, response);
    } catch (error) {
      if (error instanceof CodeDeployError) {
        send(response, { status: 400, body: { __type: error.name, message: error.message } });
      } else {
        const message = error instanceof Error ? error.message : String(error);
        send(response, { status: 500, body: { __type: "InternalFailure", message } });
      }
    }
  };
  const server = createServer((incoming, response) => void handle(incoming, response));
  await new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
  const stop = async (): Promise<void> => {
    await codeDeploy.stop();
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

/** 0.05, 0.15 … 0.95 in an order that spreads: of ten calls exactly one falls below 0.1. */
function spread(): () => number {
  let calls = 0;
  return () => ((calls++ * 7 + 3) % 10) / 10 + 0.05;
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  const type = { "content-type": "application/x-amz-json-1.1" };
  const { __type: name } = body as { readonly __type?: string };
  // REST services read the name of an error from the header.
  response.writeHead(status, { ...type, ...headers, ...(name && { "x-amzn-errortype": name }) });
  response.end(body instanceof Uint8Array ? body : JSON.stringify(body, epochTimes));
}

/** A fault in the form that the called service speaks: XML for S3 and the query services, else JSON. */
function faultAnswer({ service, headers }: Call, { status, name, message }: Fault): Answer {
  const isQuery = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
  if (service !== "s3" && !isQuery) return { status, body: { __type: name, message } };
  const error = `<Error><Code>${name}</Code><Message>${message}</Message></Error>`;
  return {
    status,
    body: Buffer.from(isQuery ? `<ErrorResponse>${error}</ErrorResponse>` : error),
    headers: { "content-type": "text/xml" },
  };
}

/** CodeDeploy's and CloudWatch's JSON carries times as seconds since 1970. */
function epochTimes(this: unknown, key: string, value: unknown): unknown {
  const raw = (this as Record<string, unknown>)[key];
  return raw instanceof Date ? raw.getTime() / 1000 : value;
}

const passOn = (
  upstream: string,
  incoming: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> =>
  new Promise((done) => {
    const target = new URL(incoming.url ?? "/", upstream);
    const outgoing = request(
      target,
      { method: incoming.method, headers: { ...incoming.headers, host: target.host } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        answer.on("close", done);
      },
    );
    outgoing.on("error", (error) => {
      send(response, { status: 502, body: { __type: "BadGateway", message: error.message } });
      done();
    });
    outgoing.end(body);
  });
