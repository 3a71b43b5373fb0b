/**
 * Request validation (API Gateway developer guide, "Request validation for REST APIs in API Gateway"): required
 * parameters have to be there and not blank, whatever their type; the body has to obey the model of its content type.
 * A type without a model is not validated, unless there is one under `$default`. Names of headers are
 * case-sensitive (same guide, "Amazon API Gateway important notes"), so a required one counts as missing where a client
 * writes it in another case.
 */
import type { Json, Method } from "./definition.ts";
import { GatewayRefusal } from "./gateway-response.ts";
import { type ApiRequest, mediaTypeOf } from "./request.ts";
import { parsed } from "./rest-answer.ts";
import { compileModel } from "./schema.ts";

/** Throws 400 for a request that its method's validator refuses. */
export function validate(
  method: Method,
  request: ApiRequest,
  pathParameters: Readonly<Record<string, string>>,
): void {
  if (method.validatesParameters) {
    const missing = method.requiredParameters.filter(({ in: where, name }) => {
      if (where === "path") return (pathParameters[name] ?? "").trim() === "";
      const given = where === "header" ? request.headers : request.query;
      return !given.some(([key, value]) => key === name && value.trim() !== "");
    });
    if (missing.length > 0) {
      const names = missing.map(({ name }) => name).sort();
      const message = `Missing required request parameters: [${names.join(", ")}]`;
      throw new GatewayRefusal("BAD_REQUEST_PARAMETERS", { message, validation: message });
    }
  }
  if (!method.validatesBody) return;
  const model = modelFor(method, request);
  if (model === undefined) return;
  const body = parsed(request.body.toString());
  // No body, or one that is no JSON, obeys no model.
  const fault = body === undefined ? "[Unable to parse request body]" : compileModel(model)(body);
  if (fault !== undefined) throw new GatewayRefusal("BAD_REQUEST_BODY", { validation: fault });
}

function modelFor({ models }: Method, request: ApiRequest): Json | undefined {
  const type = mediaTypeOf(request);
  const [, exact] =
    Object.entries(models).find(([name]) => name.split(";")[0]?.trim().toLowerCase() === type) ??
    [];
  return exact ?? models["$default"];
}
