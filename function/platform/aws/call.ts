/**
 * Calls of AWS's services that speak JSON (Secrets Manager, Systems Manager, DynamoDB, SQS, EventBridge …) over
 * `node:https`: signed, bounded in time, and tried again where that can help. `fetch` would cost 45 ms of CPU at its
 * first use, an SDK client 30 ms at each cold start.
 * Put here: how a call is sent and tried again. What it says and answers is its adapter's.
 */
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as TlsAgent, request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { isRecord } from "../structure.ts";
import { type Step, unsampled } from "../tracing.ts";
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
  /**
   * Whether making it twice does no harm: a read, or a write with a condition or a token. Default: yes. One that is
   * not is made again only where AWS says that it did nothing.
   */
  readonly isRepeatable?: boolean;
  /** Refusals beside the usual ones that a second try can cure. */
  readonly passes?: (error: AwsError) => boolean;
  /** The step of the trace that the call is. */
  readonly trace: Step;
}

/** The answer of one operation, as parsed JSON. Throws `AwsError`. */
export type SendCall = (call: AwsCall) => Promise<Readonly<Record<string, unknown>>>;

/** AWS's own refusal, or that it could not be reached. What is shown of it never holds what was sent or answered. */
export class AwsError extends Error {
  /** AWS's name of it, such as `AccessDeniedException`; `NetworkError` where nothing answered. */
  readonly code: string;
  /** HTTP status; 0 where nothing answered. */
  readonly status: number;
  /** What AWS says beside the message, for example why a transaction was cancelled. Private, so that no log lists it. */
  readonly #answer: Answer;
  constructor(code: string, status: number, message: string, answer: Answer = {}) {
    super(`${code}: ${message}`);
    this.name = "AwsError";
    this.code = code;
    this.status = status;
    this.#answer = answer;
  }
  /** The refusal as AWS sent it. It may hold data: never log it. */
  answer(): Answer {
    return this.#answer;
  }
}

type Answer = Readonly<Record<string, unknown>>;

const TRIES = 4;
/** One try, connecting included. The services that this is for answer within 50 ms. */
const TRY_MS = 2000;
/** Ceiling of the first pause; each next one is twice as long, and drawn from zero on: "full jitter". */
const PAUSE_MS = 25;
/** Connections at once, as the SDK has it. */
const MAX_SOCKETS = 50;
/** Longest that init waits for a connection that it opens beforehand. */
const OPENING_MS = 500;

/** Refusals of what was not carried out, which a second try can cure. */
const NOT_DONE =
  /^(Throttl|TooManyRequests|RequestLimit|ProvisionedThroughput|TransactionConflict|TransactionInProgress)/;

/** Failures of AWS's own: nobody knows whether it was carried out. */
const UNCERTAIN = /^(InternalS|InternalFailure|ServiceUnavail)/;

/** Connections that are kept open between calls, and between invocations. */
export interface Connections {
  readonly http: Agent;
  readonly https: TlsAgent;
}

export const keptConnections = (): Connections => {
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS };
  return { http: new Agent(options), https: new TlsAgent(options) };
};

/**
 * Opens a connection at init, where the CPU is not throttled: the first call saves the handshake, and runs code that
 * is compiled. It asks what load balancers ask, unsigned. Never fails and never takes longer than half a second, so that a
 * service that is away does not keep the function from loading.
 */
export async function openConnection(
  service: Service,
  env: Environment,
  connections: Connections,
): Promise<void> {
  const url = endpointOf(service, env["AWS_REGION"] ?? "", env);
  const late = new AbortController();
  const limit = setTimeout(() => late.abort(), OPENING_MS);
  const { signal } = late;
  const ask = { method: "GET", headers: {}, body: "", signal, trace: unsampled() };
  // What is answered is no JSON, and where nothing answers the first call says so.
  await send(url, connections, ask).catch(() => {});
  clearTimeout(limit);
}

const agentOf = ({ protocol }: URL, { http, https }: Connections): Agent =>
  protocol === "http:" ? http : https;

/** Sends calls of one region with the credentials of the environment, which are read again at each call. */
export function awsCalls(env: Environment, connections = keptConnections()): SendCall {
  return ({
    service,
    operation,
    input,
    signal,
    trace,
    isRepeatable = true,
    passes = () => false,
  }) =>
    trace.step(
      service.name,
      async (step) => {
        const region = env["AWS_REGION"] ?? "";
        const url = endpointOf(service, region, env);
        const body = JSON.stringify(input);
        step.details({ aws: { operation, region } });
        const isCurable = (error: AwsError): boolean =>
          isRefusedForNow(error) || passes(error) || (isRepeatable && isUncertain(error));
        let isFirstClosed = true;
        for (let tried = 1; ; tried++) {
          signal.throwIfAborted();
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
          try {
            return await send(url, connections, {
              method: "POST",
              headers: header ? { ...headers, "x-amzn-trace-id": header } : headers,
              body,
              signal,
              trace: step,
            });
          } catch (error) {
            signal.throwIfAborted();
            if (tried >= TRIES || !(error instanceof AwsError) || !isCurable(error)) throw error;
            if (error.code === CLOSED && isFirstClosed) {
              // The others were kept as long, and the sandbox slept meanwhile: all of them are closed.
              isFirstClosed = false;
              dropIdle(agentOf(url, connections));
              tried -= 1;
            } else {
              await sleep(Math.random() * PAUSE_MS * 2 ** (tried - 1), undefined, { signal });
            }
          }
        }
      },
      "aws",
    );
}

/** A connection that was kept turned out closed when it was used: nothing is known of the service by that. */
const CLOSED = "ConnectionClosed";

const isRefusedForNow = ({ code, status }: AwsError): boolean =>
  status === 429 || (status >= 400 && NOT_DONE.test(code));

const isUncertain = ({ code, status }: AwsError): boolean =>
  status === 0 || status >= 500 || UNCERTAIN.test(code);

function dropIdle({ freeSockets }: Agent): void {
  for (const sockets of Object.values(freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy();
  }
}

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
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  readonly trace: Step;
}

function send(
  url: URL,
  connections: Connections,
  { method, headers, body, signal, trace }: Sent,
): Promise<Answer> {
  const request = url.protocol === "http:" ? httpRequest : httpsRequest;
  const options = {
    agent: agentOf(url, connections),
    method,
    headers: body === "" ? headers : { ...headers, "content-length": Buffer.byteLength(body) },
  };
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    let isLate = false;
    const failed = (error: Error): void => {
      end();
      if (isLate) {
        reject(new AwsError("TimeoutError", 0, `no answer from ${url.host} in time`));
        return;
      }
      const code = sent.reusedSocket && !isAnswered ? CLOSED : "NetworkError";
      reject(new AwsError(code, 0, `${url.host} cannot be reached (${codeOf(error)})`));
    };
    const answered = (response: IncomingMessage): void => {
      isAnswered = true;
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", failed);
      response.on("end", () => {
        end();
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
    const sent: ClientRequest = request(url, options, answered);
    // By hand: signals that are made of others cost 3 ms at the first call, in the throttled first invocation.
    const giveUp = (): void => {
      isLate = true;
      sent.destroy();
    };
    const limit = setTimeout(giveUp, TRY_MS);
    signal.addEventListener("abort", giveUp);
    const end = (): void => {
      clearTimeout(limit);
      signal.removeEventListener("abort", giveUp);
    };
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
  const text = typeof message === "string" ? message : "without a message";
  return new AwsError(type, status, text, answer);
}
