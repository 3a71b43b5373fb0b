/**
 * Integrations that answer by themselves, which CORS preflights are made of (API Gateway developer guide, "Set up mock
 * integrations"): the request's template chooses a status, and the integration response with that status maps headers
 * and body.
 */
import { Compile, parse as parseTemplate } from "velocityjs";
import type { Answer } from "../http.ts";
import type { Context } from "./context.ts";
import type { Integration } from "./definition.ts";
import { isJson } from "./document.ts";
import { GatewayRefusal, mapped } from "./gateway-response.ts";
import { type ApiRequest, grouped, mediaTypeOf } from "./request.ts";
import { parsed } from "./rest-answer.ts";

export function mockAnswer(
  integration: Integration,
  request: ApiRequest,
  context: Context,
  pathParameters: Readonly<Record<string, string>>,
): Answer {
  const run = (template: string) => rendered(template, request, context, pathParameters);
  const { output } = run(requestTemplate(integration, request));
  const chosen = parsed(output);
  const status = isJson(chosen) ? Number(chosen["statusCode"]) : Number.NaN;
  // Without a status, the mock has not answered.
  if (!Number.isInteger(status))
    throw failure("Unable to parse statusCode. It should be an integer");
  const responses = integration.responses;
  const response =
    responses.find(({ pattern }) => pattern !== "default" && matchesAll(pattern, String(status))) ??
    responses.find(({ pattern }) => pattern === "default");
  if (!response)
    throw failure("No match for output mapping and no default endpoint mapping configured");
  const [[contentType, template] = ["application/json", ""]] = Object.entries(
    response.responseTemplates,
  );
  const { output: body, overrides } = run(template);
  const headers = Object.entries(response.responseParameters).flatMap(([parameter, expression]) => {
    const name = /^method\.response\.header\.(.+)$/.exec(parameter)?.[1];
    const value = mapped(expression, context, request);
    return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value]];
  });
  const { status: overridden, header = {} } = overrides;
  const own = Object.entries(header).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    status: Number(overridden ?? response.statusCode),
    body: Buffer.from(body),
    headers: Object.fromEntries([["content-type", contentType], ...headers, ...own]) as Record<
      string,
      string
    >,
  };
}

const failure = (cause: string): GatewayRefusal =>
  new GatewayRefusal("API_CONFIGURATION_ERROR", { status: 500, cause });

const matchesAll = (pattern: string, text: string): boolean =>
  new RegExp(`^(?:${pattern})$`).test(text);

/** Which template a request is given (guide, "Integration passthrough behaviors"). */
function requestTemplate(
  { requestTemplates, passthroughBehavior }: Integration,
  request: ApiRequest,
): string {
  const template = requestTemplates[mediaTypeOf(request)] ?? requestTemplates["$default"];
  if (template !== undefined) return template;
  const behavior = passthroughBehavior.toLowerCase();
  const passes =
    behavior === "when_no_match" ||
    (behavior === "when_no_templates" && Object.keys(requestTemplates).length === 0);
  if (!passes)
    throw new GatewayRefusal("UNSUPPORTED_MEDIA_TYPE", { message: "Unsupported Media Type" });
  return request.body.toString();
}

interface Overrides {
  readonly status?: number;
  readonly header?: Readonly<Record<string, unknown>>;
}

/** A Velocity template with `$input`, `$util` and `$context` (guide, "Mapping template reference"). */
function rendered(
  template: string,
  request: ApiRequest,
  context: Context,
  pathParameters: Readonly<Record<string, string>>,
): { readonly output: string; readonly overrides: Overrides } {
  const parameters = {
    path: mapOf(pathParameters),
    querystring: mapOf(grouped(request.query).last),
    header: mapOf(grouped(request.headers).last),
  };
  // Path, query, header, in this order (guide, "$input Variables").
  const find = (name: string): string =>
    Object.values(parameters)
      .map((values) => values.get(name))
      .find((value) => value !== "") ?? "";
  const responseOverride: { status?: number; header: Record<string, unknown> } = { header: {} };
  const values = {
    input: {
      body: request.body.toString(),
      params: (name?: string) => (name === undefined ? parameters : find(name)),
    },
    util: { escapeJavaScript: (text: string) => JSON.stringify(text).slice(1, -1) },
    context: { ...context.nested(), responseOverride },
  };
  const output = new Compile(parseTemplate(template)).render(values);
  return { output, overrides: responseOverride };
}

/** Values as templates read them, by `.name` or `.get("name")`; names are case-sensitive, and a missing one is empty. */
const mapOf = (values: Readonly<Record<string, string>>) =>
  Object.assign(
    Object.create({
      get(this: Readonly<Record<string, string>>, name: string): string {
        return Object.hasOwn(this, name) ? (this[name] ?? "") : "";
      },
    }) as { get(name: string): string },
    values,
  );
