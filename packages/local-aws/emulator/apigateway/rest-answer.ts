/**
 * The answer of a function behind a REST API as its caller gets it (API Gateway developer guide, "Lambda proxy
 * integrations in API Gateway", "Output format of a Lambda function for proxy integration"; LocalStack's provider for
 * API Gateway, whose checks were compared with AWS): members may be missing, but no others may be there.
 */
import type { Answer } from "../http.ts";
import { isJson } from "./document.ts";
import { isBinary } from "./rest-event.ts";
import { type ApiRequest, headerOf } from "./request.ts";

const MEMBERS = new Set(["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"]);

/** Headers that the gateway sets itself; the function's come under another name (guide, "Important notes"). */
const REMAPPED = new Set([
  "authorization",
  "connection",
  "content-length",
  "content-md5",
  "date",
  "expect",
  "host",
  "max-forwards",
  "proxy-authenticate",
  "server",
  "te",
  "trailer",
  "upgrade",
  "user-agent",
  "www-authenticate",
]);

/** The answer that a payload means, or nothing where it is no answer: the gateway then answers 502. */
export function restAnswer(
  payload: string,
  request: ApiRequest,
  binaryMediaTypes: readonly string[],
): Answer | undefined {
  const given = parsed(payload);
  if (!isJson(given) || Object.keys(given).some((key) => !MEMBERS.has(key))) return undefined;
  const { statusCode, body, isBase64Encoded } = given;
  const status = statusOf(statusCode);
  const headers = headersOf(given["headers"], given["multiValueHeaders"]);
  const isText = body === undefined || body === null || typeof body === "string";
  if (status === undefined || headers === undefined || !isText) return undefined;
  // The first media type that the caller accepts decides (guide, "Return binary media from a Lambda proxy integration").
  const [accepted = ""] = (headerOf(request, "accept") ?? "").split(",");
  const decodes = isBase64Encoded === true && isBinary(binaryMediaTypes, mediaType(accepted));
  return {
    status,
    body: Buffer.from(body ?? "", decodes ? "base64" : "utf8"),
    headers: { "content-type": "application/json", ...headers },
  };
}

const mediaType = (accepted: string): string => accepted.split(";")[0]?.trim() ?? "";

export function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

/** 200 where none is given. */
export function statusOf(statusCode: unknown): number | undefined {
  const status = statusCode === undefined || statusCode === null ? 200 : Number(statusCode);
  return Number.isInteger(status) && status >= 100 && status <= 599 ? status : undefined;
}

/** Both kinds as one; where a header is in both, what is in the lists goes first, and a value comes once. */
function headersOf(
  headers: unknown,
  multiValueHeaders: unknown,
): Readonly<Record<string, readonly string[]>> | undefined {
  const found: Record<string, string[]> = {};
  const add = (name: string, value: unknown): boolean => {
    if (typeof value !== "string" && typeof value !== "boolean") return false;
    const lower = name.toLowerCase();
    if (lower === "transfer-encoding") return true;
    const key = REMAPPED.has(lower) ? `x-amzn-remapped-${lower}` : lower;
    const values = (found[key] ??= []);
    if (!values.includes(String(value))) values.push(String(value));
    return true;
  };
  for (const given of [multiValueHeaders, headers]) {
    if (given === undefined || given === null) continue;
    if (!isJson(given)) return undefined;
    for (const [name, value] of Object.entries(given)) {
      const values = given === multiValueHeaders && Array.isArray(value) ? value : [value];
      if (!values.every((one) => add(name, one))) return undefined;
    }
  }
  return found;
}
