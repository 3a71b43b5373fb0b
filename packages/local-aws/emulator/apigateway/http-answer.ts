/**
 * The answer of a function behind an HTTP API as its caller gets it (API Gateway developer guide, "Create AWS Lambda
 * proxy integrations for HTTP APIs in API Gateway", "Lambda function response for format 2.0"): JSON without a status
 * code is the body of a 200.
 */
import type { Answer } from "../http.ts";
import { isJson, listed } from "./document.ts";
import { parsed, restAnswer, statusOf } from "./rest-answer.ts";
import type { ApiRequest } from "./request.ts";

/** The answer that a payload means, or nothing where it is none. */
export function httpAnswer(
  payload: string,
  request: ApiRequest,
  version: "1.0" | "2.0",
): Answer | undefined {
  if (version === "1.0") return restAnswer(payload, withAnyAccepted(request), ["*/*"]);
  const given = parsed(payload);
  if (given === undefined) return undefined;
  if (!isJson(given) || given["statusCode"] === undefined) {
    const body = typeof given === "string" ? given : JSON.stringify(given);
    return {
      status: 200,
      body: Buffer.from(body),
      headers: { "content-type": "application/json" },
    };
  }
  const { statusCode, headers, body, cookies, isBase64Encoded } = given;
  const status = statusOf(statusCode);
  const isText = body === undefined || body === null || typeof body === "string";
  const isGood = headers === undefined || headers === null || isJson(headers);
  if (status === undefined || !isText || !isGood) return undefined;
  const own = Object.entries(isJson(headers) ? headers : {})
    .filter(([name]) => !NOT_OF_FUNCTIONS.has(name.toLowerCase()))
    .map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  const setCookies = listed(cookies).map(String);
  return {
    status,
    body: Buffer.from(body ?? "", isBase64Encoded === true ? "base64" : "utf8"),
    headers: {
      "content-type": "text/plain; charset=utf-8",
      ...Object.fromEntries(own),
      ...(setCookies.length > 0 && { "set-cookie": setCookies }),
    },
  };
}

const NOT_OF_FUNCTIONS = new Set(["connection", "content-length", "date", "transfer-encoding"]);

/** HTTP APIs ask nobody what they accept. */
const withAnyAccepted = (request: ApiRequest): ApiRequest => ({
  ...request,
  headers: [["accept", "*/*"]],
});
