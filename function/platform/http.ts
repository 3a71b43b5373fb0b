/**
 * HTTP events of every front: HTTP and REST APIs, function URLs, load balancers.
 * Put here: how they carry method, headers and body. Nothing is changed silently on the way in: what cannot be
 * kept exactly is refused.
 */
import { RefusedError } from "./errors.ts";
import { isRecord, MAX_SIZE, tooLarge } from "./structure.ts";

export type HttpEvent = Readonly<Record<string, unknown>>;

/** What the service does with HTTP, as the header `Allow` says it. */
export const ALLOWED = "GET, HEAD, OPTIONS, POST";

/** Method in capitals, and path. */
export function target({ requestContext, httpMethod, path, rawPath }: HttpEvent): {
  readonly method: string;
  readonly path: string;
} {
  const http = isRecord(requestContext) && isRecord(requestContext.http) ? requestContext.http : {};
  return {
    method: text(httpMethod ?? http.method).toUpperCase(),
    path: text(path ?? rawPath ?? http.path),
  };
}

/** Of an API, function URL or load balancer: what a front cannot choose for itself. */
export const frontId = ({ requestContext }: HttpEvent): string => {
  if (!isRecord(requestContext)) return "";
  const { apiId, elb } = requestContext;
  return text(apiId) || (isRecord(elb) ? text(elb.targetGroupArn) : "");
};

/** A load balancer that is set to multi-value headers sends, and reads, no others. */
export const isMultiValue = ({ headers, multiValueHeaders }: HttpEvent): boolean =>
  isRecord(multiValueHeaders) && !isRecord(headers);

/** A header by its name in small letters, however the front writes it; the last of several values. */
export function header(
  { headers, multiValueHeaders }: HttpEvent,
  name: string,
): string | undefined {
  for (const all of [headers, multiValueHeaders]) {
    if (!isRecord(all)) continue;
    for (const [key, value] of Object.entries(all)) {
      if (key.toLowerCase() !== name) continue;
      const last: unknown = Array.isArray(value) ? value.at(-1) : value;
      if (typeof last === "string") return last;
    }
  }
  return undefined;
}

/** The body as JSON. Throws `RefusedError`: 400 for what is broken, 413 for too much, 415 for what is not read here. */
export function readBody(event: HttpEvent): unknown {
  const { body, isBase64Encoded } = event;
  if (typeof body !== "string" || body === "") throw refused("is required");
  if (body.length > 2 * MAX_SIZE) throw tooLarge("body");
  const charset = /charset="?([^\s";]+)/i.exec(header(event, "content-type") ?? "")?.[1];
  if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset)) {
    throw refused("must be in UTF-8", 415);
  }
  const encoding = header(event, "content-encoding")?.trim().toLowerCase() || "identity";
  // A byte-order mark says how to read the text and is no part of it (RFC 8259, section 8.1).
  return parsed(bodyText(body, isBase64Encoded === true, encoding).replace(/^\uFEFF/, ""));
}

function bodyText(body: string, isBase64: boolean, encoding: string): string {
  // Compressed bytes do not survive being passed on as text.
  if (!isBase64 && encoding !== "identity") throw refused("is compressed but not in base64");
  if (!isBase64) return body;
  const bytes = Buffer.from(body, "base64");
  // `Buffer` skips what is no base64.
  if (bytes.toString("base64") !== body) throw refused("must be base64");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(decompressed(bytes, encoding));
  } catch (error) {
    throw error instanceof RefusedError ? error : refused("must be in UTF-8");
  }
}

/** Loaded when it is needed: few callers compress. */
const DECODERS = {
  gzip: "gunzipSync",
  "x-gzip": "gunzipSync",
  deflate: "inflateSync",
  br: "brotliDecompressSync",
} as const;

const isKnown = (encoding: string): encoding is keyof typeof DECODERS =>
  Object.hasOwn(DECODERS, encoding);

function decompressed(bytes: Buffer, encoding: string): Buffer {
  if (encoding === "identity") return bytes;
  if (!isKnown(encoding)) throw refused("must be encoded as gzip, deflate, br or not at all", 415);
  try {
    // A few bytes may stand for gigabytes: no more than what is accepted is ever unpacked.
    const limit = { maxOutputLength: 2 * MAX_SIZE };
    return process.getBuiltinModule("node:zlib")[DECODERS[encoding]](bytes, limit);
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge("body");
    throw refused(`must be ${encoding}, as its content-encoding says`);
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw refused("must be JSON");
  }
}

const refused = (message: string, statusCode?: number): RefusedError =>
  new RefusedError([{ path: "body", message }], statusCode);

export const text = (value: unknown): string => (typeof value === "string" ? value : "");
