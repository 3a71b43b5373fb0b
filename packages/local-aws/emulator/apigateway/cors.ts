/**
 * CORS of HTTP APIs (API Gateway developer guide, "Configure CORS for HTTP APIs in API Gateway"): with a configuration,
 * preflights are answered whether or not there is a route for them, and the function's own headers of CORS are ignored.
 */
import type { Answer } from "../http.ts";
import type { Cors } from "./http-state.ts";
import { type ApiRequest, headerOf } from "./request.ts";

export const isPreflight = (request: ApiRequest): boolean =>
  request.method === "OPTIONS" &&
  headerOf(request, "origin") !== undefined &&
  headerOf(request, "access-control-request-method") !== undefined;

export function preflightAnswer(cors: Cors, request: ApiRequest): Answer {
  const headers = originHeaders(cors, request);
  const isAllowed = Object.keys(headers).length > 0;
  const { allowMethods = [], allowHeaders = [], maxAge } = cors;
  return {
    status: 204,
    body: new Uint8Array(),
    headers: {
      ...headers,
      ...(isAllowed &&
        allowMethods.length > 0 && { "access-control-allow-methods": allowMethods.join(",") }),
      ...(isAllowed &&
        allowHeaders.length > 0 && { "access-control-allow-headers": allowHeaders.join(",") }),
      ...(isAllowed && maxAge !== undefined && { "access-control-max-age": String(maxAge) }),
    },
  };
}

/** The answer with the API's headers instead of the function's. */
export function withCors(answer: Answer, cors: Cors, request: ApiRequest): Answer {
  const kept = Object.entries(answer.headers ?? {}).filter(
    ([name]) => !name.startsWith("access-control-"),
  );
  const { exposeHeaders = [] } = cors;
  const headers = originHeaders(cors, request);
  const exposed = Object.keys(headers).length > 0 && exposeHeaders.length > 0;
  return {
    ...answer,
    headers: {
      ...Object.fromEntries(kept),
      ...headers,
      ...(exposed && { "access-control-expose-headers": exposeHeaders.join(",") }),
    },
  };
}

/** Nothing where the request has no origin, or one that is not allowed. */
function originHeaders(cors: Cors, request: ApiRequest): Readonly<Record<string, string>> {
  const origin = headerOf(request, "origin");
  const { allowOrigins = [], allowCredentials = false } = cors;
  const allowed = allowOrigins.find(
    (one) => one === "*" || one === origin || (origin !== undefined && isWildcard(one, origin)),
  );
  if (origin === undefined || allowed === undefined) return {};
  return {
    "access-control-allow-origin": allowed === "*" && !allowCredentials ? "*" : origin,
    ...(allowCredentials && { "access-control-allow-credentials": "true" }),
    ...(allowed !== "*" && { vary: "Origin" }),
  };
}

/** `https://*` and `http://*`. */
const isWildcard = (allowed: string, origin: string): boolean =>
  /^https?:\/\/\*$/.test(allowed) && origin.startsWith(allowed.slice(0, -1));
