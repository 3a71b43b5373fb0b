/** AWS requests and answers, as far as the front needs to know them. */
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";

export interface Call {
  /** As in the signature's scope: `lambda`, `codedeploy`, `monitoring`, `s3` … */
  readonly service: string;
  /** Operation of a service that is called by name; for others the method and the path. */
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  /** Path and query as they were sent. */
  readonly url: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** The body as a JSON object. */
  json(): Record<string, unknown>;
}

export interface Answer {
  readonly status: number;
  /** An object is sent as JSON. */
  readonly body: object | Uint8Array;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** Sends a call on to the emulator, unchanged. */
export type Forward = (call: Call) => Promise<Answer>;

/** What an AWS service refuses, by the name that it gives it. */
export class AwsError extends Error {
  readonly status: number;
  constructor(status: number, name: string, message: string) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

export async function readCall(incoming: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const url = incoming.url ?? "/";
  const { pathname: path, searchParams: query } = new URL(url, "http://front");
  const method = incoming.method ?? "GET";
  const target = header(incoming, "x-amz-target").split(".")[1];
  const scope = /Credential=[^/]*\/\d+\/[^/]+\/([^/]+)\//.exec(header(incoming, "authorization"));
  return {
    service: scope?.[1] ?? "",
    operation: target ?? `${method} ${path}`,
    method,
    path,
    url,
    query,
    headers: incoming.headers,
    rawHeaders: incoming.rawHeaders,
    body,
    json: () => {
      // The SDK compresses what is large, such as many metrics.
      const zipped = header(incoming, "content-encoding") === "gzip";
      const text = zipped ? gunzipSync(body).toString() : body.toString();
      return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
    },
  };
}

/** The same call with another body. */
export function withJson(call: Call, json: object): Call {
  const body = Buffer.from(JSON.stringify(json));
  const { "content-length": _length, "content-encoding": _encoding, ...headers } = call.headers;
  return {
    ...call,
    headers: { ...headers, "content-length": String(body.length) },
    body,
    json: () => json as Record<string, unknown>,
  };
}

const header = (incoming: IncomingMessage, name: string): string =>
  String(incoming.headers[name] ?? "");

/** Headers of one connection, which say nothing about the answer itself; the server's own date is sent instead. */
const HOP_HEADERS = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "content-length",
  "date",
]);

export const forwardTo =
  (upstream: string): Forward =>
  ({ url, method, headers, body }) =>
    new Promise((done) => {
      const target = new URL(url, upstream);
      const outgoing = request(
        target,
        { method, headers: { ...headers, host: target.host } },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("end", () => {
            const kept = Object.entries(answer.headers).filter(([name]) => !HOP_HEADERS.has(name));
            done({
              status: answer.statusCode ?? 502,
              body: Buffer.concat(chunks),
              headers: Object.fromEntries(kept) as Record<string, string>,
            });
          });
        },
      );
      outgoing.on("error", ({ message }) => {
        done({ status: 502, body: { __type: "BadGateway", message } });
      });
      outgoing.end(body);
    });

/** What is answered instead of an error. */
export function refusal(error: unknown): Answer {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return error instanceof AwsError
    ? { status: error.status, body: { __type: name, message } }
    : { status: 500, body: { __type: "InternalFailure", message } };
}

/** Sends an answer, with the time of the local cloud, milliseconds since 1970. */
export function send(
  response: ServerResponse,
  { status, body, headers = {} }: Answer,
  nowMs: number,
): void {
  const type = { "content-type": "application/x-amz-json-1.1" };
  const { __type: name } = body as { readonly __type?: string };
  response.writeHead(status, {
    ...type,
    ...(headers as Readonly<Record<string, string | string[]>>),
    // Every answer of AWS says what time it is there.
    date: new Date(nowMs).toUTCString(),
    // REST services read the name of an error from the header.
    ...(name && { "x-amzn-errortype": name }),
  });
  response.end(body instanceof Uint8Array ? body : JSON.stringify(body, epochTimes));
}

/** CodeDeploy's and CloudWatch's JSON carries times as seconds since 1970. */
function epochTimes(this: unknown, key: string, value: unknown): unknown {
  const raw = (this as Record<string, unknown>)[key];
  return raw instanceof Date ? raw.getTime() / 1000 : value;
}
