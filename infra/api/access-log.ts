/**
 * One line of the access log, as JSON. Pure. API Gateway guide, "Variables for access logging for API Gateway" and
 * "Customize HTTP API access logs".
 *
 * Nothing of headers, body, path or query: ids in paths and keys in headers may be secret. Not the gateway's own error
 * message either, because it quotes the header `Authorization` where that is malformed, and the validation's, because
 * it quotes values of the body; `errorType` says which it was. Values that may be missing are quoted, because API Gateway
 * writes a hyphen for them; the others are numbers, so that queries can sort by them.
 */

const COMMON = {
  // A caller can choose the first by the header x-amzn-RequestId, and never the second.
  requestId: "$context.requestId",
  extendedRequestId: "$context.extendedRequestId",
  /** Lambda's id of the call: `function_request_id` of the handler's lines, and its correlation id by default. */
  integrationRequestId: "$context.integration.requestId",
  requestTime: "$context.requestTime",
  method: "$context.httpMethod",
  status: "$context.status",
  latencyMs: "$context.responseLatency",
  integrationLatencyMs: "$context.integrationLatency",
  integrationStatus: "$context.integration.status",
  /** What kept the gateway from the function's answer. */
  integrationError: "$context.integrationErrorMessage",
  errorType: "$context.error.responseType",
  responseBytes: "$context.responseLength",
  sourceIp: "$context.identity.sourceIp",
  /** Id of the AWS principal that signed the request. */
  principal: "$context.identity.caller",
} as const;

/** Every request has these. */
const NUMBERS = /"(\$context\.(?:status|responseLatency))"/g;

const line = (fields: Readonly<Record<string, string>>): string =>
  JSON.stringify(fields).replaceAll(NUMBERS, "$1");

export const REST_LOG_FORMAT = line({
  ...COMMON,
  route: "$context.resourcePath",
  integrationError: "$context.integration.error",
  /** Id of the API key, not its value. */
  apiKeyId: "$context.identity.apiKeyId",
  traceId: "$context.xrayTraceId",
});

export const HTTP_LOG_FORMAT = line({ ...COMMON, route: "$context.routeKey" });
