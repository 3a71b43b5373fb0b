/**
 * Answers that the gateway gives itself (API Gateway developer guide, "Gateway responses for REST APIs" and "Gateway
 * response types"; error names and texts also from the guide's page "Use CloudWatch metrics" and from answers that users
 * report). A type without a response of its own takes that of `DEFAULT_4XX` or `DEFAULT_5XX`.
 */
import type { Answer } from "../http.ts";
import type { Context } from "./context.ts";
import type { Definition, GatewayResponse } from "./definition.ts";
import { type ApiRequest, headerOf } from "./request.ts";

interface Kind {
  /** Absent for the two defaults. */
  readonly status?: number;
  readonly message?: string;
  /** Header x-amzn-ErrorType. */
  readonly error?: string;
}

const KINDS: Readonly<Record<string, Kind>> = {
  ACCESS_DENIED: { status: 403, message: "Forbidden", error: "AccessDeniedException" },
  API_CONFIGURATION_ERROR: { status: 500 },
  AUTHORIZER_CONFIGURATION_ERROR: { status: 500 },
  AUTHORIZER_FAILURE: { status: 500 },
  BAD_REQUEST_BODY: { status: 400, message: "Invalid request body", error: "BadRequestException" },
  BAD_REQUEST_PARAMETERS: { status: 400, error: "BadRequestException" },
  DEFAULT_4XX: {},
  DEFAULT_5XX: {},
  EXPIRED_TOKEN: { status: 403, error: "ExpiredTokenException" },
  INTEGRATION_FAILURE: { status: 504 },
  INTEGRATION_TIMEOUT: { status: 504, message: "Endpoint request timed out" },
  INVALID_API_KEY: { status: 403, message: "Forbidden", error: "ForbiddenException" },
  INVALID_SIGNATURE: { status: 403, error: "InvalidSignatureException" },
  MISSING_AUTHENTICATION_TOKEN: {
    status: 403,
    message: "Missing Authentication Token",
    error: "MissingAuthenticationTokenException",
  },
  QUOTA_EXCEEDED: { status: 429, message: "Limit Exceeded", error: "LimitExceededException" },
  REQUEST_TOO_LARGE: { status: 413, error: "RequestTooLargeException" },
  RESOURCE_NOT_FOUND: { status: 404, message: "Not Found", error: "NotFoundException" },
  THROTTLED: { status: 429, message: "Too Many Requests", error: "TooManyRequestsException" },
  UNAUTHORIZED: { status: 401, message: "Unauthorized", error: "UnauthorizedException" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, error: "UnsupportedMediaTypeException" },
  WAF_FILTERED: { status: 403, message: "Forbidden", error: "ForbiddenException" },
};

/** Every type that a response may be put for. */
export const GATEWAY_RESPONSE_TYPES: readonly string[] = Object.keys(KINDS);

interface RefusalDetails {
  readonly status?: number;
  readonly message?: string;
  /** Header x-amzn-ErrorType. */
  readonly error?: string;
  /** What the body did not obey. */
  readonly validation?: string;
  /** Why an integration failed, for the access log alone: callers do not learn it. */
  readonly cause?: string;
}

/** The end of a request at the gateway itself. */
export class GatewayRefusal extends Error {
  readonly type: string;
  readonly details: RefusalDetails;
  constructor(type: string, details: RefusalDetails = {}) {
    super(details.message ?? KINDS[type]?.message ?? "Internal server error");
    this.type = type;
    this.details = details;
  }
}

/** The answer, as the API's own gateway responses have it. */
export function gatewayAnswer(
  refusal: GatewayRefusal,
  { gatewayResponses }: Pick<Definition, "gatewayResponses">,
  context: Context,
  request: ApiRequest,
): Answer {
  const { type, message, details } = refusal;
  const kind = KINDS[type] ?? {};
  const ownStatus = details.status ?? kind.status ?? 500;
  const fallback = ownStatus < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX";
  const response = gatewayResponses[type] ?? gatewayResponses[fallback] ?? DEFAULT;
  context.set({
    "error.message": message,
    "error.messageString": JSON.stringify(message),
    "error.responseType": type,
    // People put it between quotes, where AWS's answers are still JSON.
    "error.validationErrorString":
      details.validation && JSON.stringify(details.validation).slice(1, -1),
    "integration.error": details.cause,
    integrationErrorMessage: details.cause,
  });
  const templates = Object.entries(response.responseTemplates);
  const [contentType, template] = templates.find(([media]) => accepts(request, media)) ??
    templates[0] ?? ["application/json", DEFAULT_TEMPLATE];
  const error = details.error ?? kind.error ?? "InternalServerErrorException";
  return {
    status: response.statusCode ?? ownStatus,
    body: Buffer.from(context.substitute(template, "")),
    headers: {
      "content-type": contentType,
      "x-amzn-errortype": error,
      ...ownHeaders(response, context, request),
    },
  };
}

/** The guide's default body: simple substitution, no Velocity. */
const DEFAULT_TEMPLATE = '{"message":$context.error.messageString}';
const DEFAULT: GatewayResponse = { responseParameters: {}, responseTemplates: {} };

const accepts = (request: ApiRequest, media: string): boolean =>
  (headerOf(request, "accept") ?? "").split(",").some((one) => one.split(";")[0]?.trim() === media);

/** Values of `gatewayresponse.header.NAME`: a text in single quotes, or what the request or the context holds. */
function ownHeaders(
  { responseParameters }: GatewayResponse,
  context: Context,
  request: ApiRequest,
): Readonly<Record<string, string>> {
  const found = Object.entries(responseParameters).flatMap(([parameter, expression]) => {
    const name = /^gatewayresponse\.header\.(.+)$/.exec(parameter)?.[1];
    const value = mapped(expression, context, request);
    return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value]];
  });
  return Object.fromEntries(found) as Record<string, string>;
}

/** The value of a parameter mapping (guide, "Request and response data mapping reference"). */
export function mapped(
  expression: string,
  context: Context,
  request: ApiRequest,
): string | undefined {
  const text = /^'(.*)'$/s.exec(expression)?.[1];
  if (text !== undefined) return text;
  const variable = /^context\.(.+)$/.exec(expression)?.[1];
  if (variable !== undefined) return context.get(variable);
  const header = /^method\.request\.header\.(.+)$/.exec(expression)?.[1];
  if (header !== undefined) return headerOf(request, header);
  const parameter = /^method\.request\.querystring\.(.+)$/.exec(expression)?.[1];
  return request.query.find(([name]) => name === parameter)?.[1];
}
