/** One AWS request, as far as the front needs to know it. */
import type { IncomingMessage } from "node:http";

export interface Call {
  /** As in the signature's scope: `lambda`, `codedeploy`, `monitoring`, `s3` … */
  readonly service: string;
  /** Operation of a service that is called by name; for others the method and the path. */
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  /** The body as a JSON object. */
  json(): Record<string, unknown>;
}

export interface Answer {
  readonly status: number;
  /** An object is sent as JSON. */
  readonly body: object | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function readCall(incoming: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const { pathname: path, searchParams: query } = new URL(incoming.url ?? "/", "http://front");
  const method = incoming.method ?? "GET";
  const target = header(incoming, "x-amz-target").split(".")[1];
  const scope = /Credential=[^/]*\/\d+\/[^/]+\/([^/]+)\//.exec(header(incoming, "authorization"));
  return {
    service: scope?.[1] ?? "",
    operation: target ?? `${method} ${path}`,
    method,
    path,
    query,
    headers: incoming.headers,
    body,
    json: () => (body.length > 0 ? (JSON.parse(body.toString()) as Record<string, unknown>) : {}),
  };
}

const header = (incoming: IncomingMessage, name: string): string =>
  String(incoming.headers[name] ?? "");
