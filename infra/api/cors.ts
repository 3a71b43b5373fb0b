/** What browsers are allowed, in one list for both kinds of API. Pure. */
import type { Operation } from "./document.ts";

/** Headers that pages may send: of signatures, keys and tokens, of the handler, of traces. */
export const ALLOWED_HEADERS = [
  "authorization",
  "content-type",
  "idempotency-key",
  "if-match",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-security-token",
  "x-amzn-trace-id",
  "x-api-key",
  "x-correlation-id",
] as const;

/** Headers of answers that pages may read beside the few that browsers always show. */
export const EXPOSED_HEADERS = ["etag", "location", "retry-after", "x-correlation-id"] as const;

/** How long a browser need not ask again. Chrome keeps it for two hours at most. */
export const MAX_AGE_SECONDS = 3600;

/** Methods in capitals, as headers have them. */
export const methodsOf = (operations: object): readonly string[] =>
  Object.keys(operations).map((method) => method.toUpperCase());

/**
 * `Access-Control-Allow-Origin` holds one origin. Where there is one to choose from, or all, it is fixed, else it
 * depends on who asks.
 */
export const fixedOrigin = (origins: readonly string[]): string | undefined =>
  origins.length === 1 ? origins[0] : undefined;

const quoted = (text: string): string => `'${text}'`;

/**
 * The answer to a browser's question before a call, without a call of the function. API Gateway evaluates the
 * template of a mock integration's response, so it can choose among origins; an origin that is not allowed gets no
 * such header, and the browser makes no call (API Gateway guide, "Override your API's request and response
 * parameters and status codes").
 */
export function preflight(
  origins: readonly string[],
  operations: Readonly<Record<string, Operation>>,
): object {
  const origin = fixedOrigin(origins);
  const headers = {
    ...(origin !== undefined && { "Access-Control-Allow-Origin": origin }),
    "Access-Control-Allow-Methods": [...methodsOf(operations), "OPTIONS"].join(","),
    "Access-Control-Allow-Headers": ALLOWED_HEADERS.join(","),
    "Access-Control-Max-Age": String(MAX_AGE_SECONDS),
    ...(origin !== "*" && { Vary: "Origin" }),
  };
  const parameters = Object.values(operations)
    .flatMap(({ parameters: all = [] }) => all)
    .filter(({ in: where }) => where === "path");
  return {
    summary: "What browsers ask before a call",
    ...(parameters.length > 0 && {
      parameters: [...new Map(parameters.map((one) => [one.name, one])).values()],
    }),
    responses: {
      "204": {
        description: "What a page of an allowed origin may send",
        headers: Object.fromEntries(
          [...Object.keys(headers), "Access-Control-Allow-Origin"].map((name) => [
            name,
            { schema: { type: "string" } },
          ]),
        ),
      },
    },
    security: [],
    "x-amazon-apigateway-integration": {
      type: "mock",
      // The question has no body, and so no content type: API Gateway takes application/json then.
      requestTemplates: { "application/json": '{"statusCode": 204}' },
      passthroughBehavior: "never",
      responses: {
        default: {
          statusCode: "204",
          responseParameters: Object.fromEntries(
            Object.entries(headers).map(([name, value]) => [
              `method.response.header.${name}`,
              quoted(value),
            ]),
          ),
          responseTemplates: {
            "application/json": origin === undefined ? chooseOrigin(origins) : "",
          },
        },
      },
    },
  };
}

/** Origins hold no sign that means something to the template language: their rule is in infra/options/api.ts. */
const chooseOrigin = (origins: readonly string[]): string =>
  [
    '#set($origin = $input.params().header.get("Origin"))',
    '#if($origin == "")#set($origin = $input.params().header.get("origin"))#end',
    `#if(${origins.map((origin) => `$origin == "${origin}"`).join(" || ")})`,
    "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)",
    "#end",
  ].join("\n");

/** The same for an answer that API Gateway itself gives, in the form of its gateway responses. */
export function gatewayCorsHeaders(origins: readonly string[]): Readonly<Record<string, string>> {
  if (origins.length === 0) return {};
  const origin = fixedOrigin(origins);
  return {
    // No template is evaluated here. Whoever asks may read that it was refused and why: nothing of the service's.
    "gatewayresponse.header.Access-Control-Allow-Origin":
      origin === undefined ? "method.request.header.Origin" : quoted(origin),
    "gatewayresponse.header.Access-Control-Expose-Headers": quoted(EXPOSED_HEADERS.join(",")),
    ...(origin !== "*" && { "gatewayresponse.header.Vary": quoted("Origin") }),
  };
}
