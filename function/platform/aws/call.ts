/**
 * Calls of AWS's services that speak JSON (Secrets Manager, Systems Manager, DynamoDB, SQS, EventBridge …) over
 * `node:https`: signed, bounded in time, and tried again where that can help. `fetch` would cost 45 ms of CPU at its
 * first use, an SDK client 30 ms at each cold start.
 * Put here: how a call is sent and tried again. What it says and answers is its adapter's.
 */
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as TlsAgent, request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { isRecord } from "../structure.ts";
import type { Step } from "../tracing.ts";
import { type Credentials, sign } from "./sign.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** One service of AWS as the calls name it. */
export interface Service {
  /** As it signs and as its host begins, for example `secretsmanager`. */
  readonly name: string;
  /** What leads its operations in `X-Amz-Target`, for example `secretsmanager`. */
  readonly target: string;
  /** Version of its JSON protocol. */
  readonly json: "1.0" | "1.1";
  /** The variable that leads its calls elsewhere, as the SDKs read it, beside `AWS_ENDPOINT_URL` for all. */
  readonly endpointVariable: string;
}

export interface AwsCall {
  readonly service: Service;
  /** For example `GetSecretValue`. */
  readonly operation: string;
  readonly input: object;
  /** Ends the call, all its tries included. */
  readonly signal: AbortSignal;
  /** The step of the trace that the call is. */
  readonly trace: Step;
}

/** The answer of one operation, as parsed JSON. Throws `AwsError`. */
export type SendCall = (call: AwsCall) => Promise<Readonly<Record<string, unknown>>>;

/** AWS's own refusal, or that it could not be reached. It never holds what was sent or answered. */
export class AwsError extends Error {
  /** AWS's name of it, such as `AccessDeniedException`; `NetworkError` where nothing answered. */
  readonly code: string;
  /** HTTP status; 0 where nothing answered. */
  readonly status: number;
  constructor(code: string, status: number, message: string) {
    super(`${code}: ${message}`);
    this.name = "AwsError";
    this.code = code;
    this.status = status;
  }
}

const TRIES = 3;
/** One try, connecting included. The services that this is for answer within 50 ms. */
const TRY_MS = 2000;
/** Ceiling of the first pause; each next one is twice as long, and drawn from zero on: "full jitter". */
const PAUSE_MS = 50;

/** Refusals that a second try can cure. */
const PASSING =
  /^(Throttl|TooManyRequests|RequestLimit|ProvisionedThroughput|InternalS|ServiceUnavail)/;

/** Sends calls of one region with the credentials of the environment, which are read again at each call. */
export function awsCalls(env: Environment): SendCall {
  const agents = { http: new Agent({ keepAlive: true }), https: new TlsAgent({ keepAlive: true }) };
  return ({ service, operation, input, signal, trace }) =>
    trace.step(
      service.name,
      async (step) => {
        const region = env["AWS_REGION"] ?? "";
        const url = endpointOf(service, region, env);
        const body = JSON.stringify(input);
        step.details({ aws: { operation, region } });
        for (let tried = 1; ; tried++) {
          const headers = sign({
            service: service.name,
            region,
            method: "POST",
            path: url.pathname,
            headers: {
              host: url.host,
              "content-type": `application/x-amz-json-${service.json}`,
              "x-amz-target": `${service.target}.${operation}`,
            },
            body,
            credentials: credentialsOf(env),
            now: new Date(),
          });
          const header = step.header();
          const within = AbortSignal.any([signal, AbortSignal.timeout(TRY_MS)]);
          try {
            return await send(url, agents, {
              headers: header ? { ...headers, "x-amzn-trace-id": header } : headers,
              body,
              signal: within,
              trace: step,
            });
          } catch (error) {
            signal.throwIfAborted();
            if (tried >= TRIES || !(error instanceof AwsError) || !passes(error)) throw error;
            await sleep(Math.random() * PAUSE_MS * 2 ** tried, undefined, { signal });
          }
        }
      },
      "aws",
    );
}

const passes = ({ code, status }: AwsError): boolean =>
  status === 0 || status >= 500 || status === 429 || PASSING.test(code);

const credentialsOf = (env: Environment): Credentials => ({
  accessKeyId: env["AWS_ACCESS_KEY_ID"] ?? "",
  secretAccessKey: env["AWS_SECRET_ACCESS_KEY"] ?? "",
  sessionToken: env["AWS_SESSION_TOKEN"],
});

/** Where hosts of a region end, by how the region's name begins (the SDK's partition data); `amazonaws.com` else. */
const HOST_ENDS: Readonly<Record<string, string>> = {
  "cn-": "amazonaws.com.cn",
  "eusc-": "amazonaws.eu",
};

function endpointOf({ name, endpointVariable }: Service, region: string, env: Environment): URL {
  const elsewhere = env[endpointVariable] ?? env["AWS_ENDPOINT_URL"];
  const [, end = "amazonaws.com"] =
    Object.entries(HOST_ENDS).find(([start]) => region.startsWith(start)) ?? [];
  return new URL(elsewhere ?? `https://${name}.${region}.${end}`);
}

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  readonly trace: Step;
}

function send(
  url: URL,
  agents: { readonly http: Agent; readonly https: TlsAgent },
  { headers, body, signal, trace }: Sent,
): Promise<Readonly<Record<string, unknown>>> {
  const options = {
    method: "POST",
    headers: { ...headers, "content-length": Buffer.byteLength(body) },
    signal,
  };
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      reject(
        signal.aborted
          ? new AwsError("TimeoutError", 0, `no answer from ${url.host} in time`)
          : new AwsError("NetworkError", 0, `${url.host} cannot be reached (${codeOf(error)})`),
      );
    };
    const answered = (response: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", failed);
      response.on("end", () => {
        const { statusCode: status = 0, headers: answer } = response;
        trace.details({
          aws: { request_id: answer["x-amzn-requestid"] },
          http: { response: { status } },
        });
        const parsed = parse(Buffer.concat(chunks).toString());
        if (status === 200 && parsed) resolve(parsed);
        else reject(refusal(status, parsed, url.host));
      });
    };
    const sent =
      url.protocol === "http:"
        ? httpRequest(url, { ...options, agent: agents.http }, answered)
        : httpsRequest(url, { ...options, agent: agents.https }, answered);
    sent.on("error", failed);
    sent.end(body);
  });
}

const codeOf = (error: Error): string =>
  "code" in error && typeof error.code === "string" ? error.code : error.name;

/** What is no JSON object is left out: the parser's own message would repeat part of it. */
function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function refusal(
  status: number,
  answer: Readonly<Record<string, unknown>> | undefined,
  host: string,
): AwsError {
  // `com.amazonaws.secretsmanager#ResourceNotFoundException`
  const named = answer?.["__type"];
  const type = typeof named === "string" ? named.split(/[#:]/).at(-1) : undefined;
  if (status === 200 || !type) {
    return new AwsError(
      "UnreadableAnswer",
      status || 500,
      `${host} answered what is no JSON object`,
    );
  }
  const message = answer?.["message"] ?? answer?.["Message"];
  return new AwsError(type, status, typeof message === "string" ? message : "without a message");
}
