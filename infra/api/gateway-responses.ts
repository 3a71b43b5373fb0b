/**
 * What a REST API answers itself, in the form of the service's own refusals: message, faults, correlation id.
 * Pure. API Gateway guide, "Gateway response types for API Gateway": what is not named here falls back to
 * DEFAULT_4XX and DEFAULT_5XX, with the status code of its own.
 */
import { gatewayCorsHeaders } from "./cors.ts";
import type { AuthorizationSettings } from "./security.ts";

interface GatewayResponse {
  readonly statusCode?: string;
  readonly responseParameters?: Readonly<Record<string, string>>;
  readonly responseTemplates: Readonly<Record<string, string>>;
}

/** The template is no code: API Gateway only fills in variables. `messageString` comes with its quotes. */
const body = (message: string, faults = ""): GatewayResponse["responseTemplates"] => ({
  "application/json": `{"message":${message},${faults}"correlationId":"$context.requestId"}`,
});

const faultsIn = (path: string): string =>
  `"faults":[{"path":"${path}","message":"$context.error.validationErrorString"}],`;

const OWN_MESSAGE = "$context.error.messageString";

export function gatewayResponses(
  origins: readonly string[],
  { apiAuthorization }: Pick<AuthorizationSettings, "apiAuthorization">,
): Readonly<Record<string, GatewayResponse>> {
  const cors = gatewayCorsHeaders(origins);
  const responses: Readonly<Record<string, GatewayResponse>> = {
    DEFAULT_4XX: { responseTemplates: body(OWN_MESSAGE) },
    // Ours, so a caller learns nothing of it.
    DEFAULT_5XX: { responseTemplates: body('"Internal error"') },
    BAD_REQUEST_BODY: { responseTemplates: body('"Invalid event"', faultsIn("body")) },
    BAD_REQUEST_PARAMETERS: { responseTemplates: body('"Invalid event"', faultsIn("parameters")) },
    THROTTLED: {
      responseTemplates: body('"Too many requests"'),
      responseParameters: { "gatewayresponse.header.Retry-After": "'1'" },
    },
    QUOTA_EXCEEDED: { responseTemplates: body('"Quota exceeded"') },
    // Also of a path or method that there is not. Only where requests are signed can it be a missing signature.
    MISSING_AUTHENTICATION_TOKEN:
      apiAuthorization === "iam"
        ? { responseTemplates: body('"The request is not signed, or there is no such path"') }
        : { statusCode: "404", responseTemplates: body('"No such path"') },
  };
  return Object.fromEntries(
    Object.entries(responses).map(([type, { responseParameters, ...response }]) => [
      type,
      { ...response, responseParameters: { ...cors, ...responseParameters } },
    ]),
  );
}
