/**
 * From an HTTP event to the domain's event, and from its result to the answer, by the domain's routes. In the bundle
 * only where an API is turned on.
 * Put here: what HTTP says of a call beside its body: path, method, query, `If-Match`, `ETag`, `Location`.
 */
import { type Fault, RefusedError } from "./errors.ts";
import { header, type HttpEvent, readBody, target, text } from "./http.ts";
import type { Route } from "./route.ts";
import { read, type Schema } from "./schema.ts";
import { isRecord } from "./structure.ts";

/** What the routes say of a request; `undefined` where its path is none of theirs. */
export interface Routing {
  /** Methods of the path, as the header `Allow` says them. */
  readonly allow: string;
  /** `undefined` where the path has no such method. */
  readonly call?: {
    /** The domain's event. Throws `RefusedError`. */
    readonly payload: () => unknown;
    readonly status: number;
    readonly headers: (result: object) => Readonly<Record<string, string>>;
  };
}

export function routing(event: HttpEvent, routes: readonly Route[]): Routing | undefined {
  const path = pathOf(event);
  const { method } = target(event);
  const all = routes.flatMap((route) => {
    const values = match(route.path, path);
    return values ? [{ route, values }] : [];
  });
  const fewest = Math.min(...all.map(({ values }) => Object.keys(values).length));
  const best = all.filter(({ values }) => Object.keys(values).length === fewest);
  if (best.length === 0) return undefined;
  const methods = best.map(({ route }): string => route.method);
  const allow = [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"];
  const found = best.find(({ route }) => route.method === (method === "HEAD" ? "GET" : method));
  return {
    allow: allow.sort().join(", "),
    ...(found && {
      call: {
        payload: () => payloadOf(found.route, found.values, event),
        status: found.route.status,
        headers: (result) => headersOf(found.route, result, event, path),
      },
    }),
  };
}

/**
 * A call as most clients make it, by the first example of a body: run at init to warm the code up. In the form of a
 * function URL, which needs the least.
 */
export function sampleCall(routes: readonly Route[] = []): object | undefined {
  const route = routes.find(({ example }) => example?.body);
  if (!route) return undefined;
  const { method, path, example } = route;
  return {
    rawPath: path,
    requestContext: { http: { method, path } },
    headers: { "content-type": "application/json" },
    body: JSON.stringify(example?.body),
  };
}

/**
 * The path as the routes know it. What stands before it (a stage, the base path of a domain) is known by the route of
 * the API itself: `resource` of a REST API, `routeKey` of an HTTP API. Where that is no route but a catch-all, the
 * stage of an HTTP API is taken off.
 */
function pathOf(event: HttpEvent): string {
  const { resource, routeKey, requestContext } = event;
  const { path } = target(event);
  const template = text(resource) || text(routeKey).replace(/^\S+ /, "");
  if (template.startsWith("/") && !template.endsWith("+}")) {
    return `/${path
      .split("/")
      .slice(1 - template.split("/").length)
      .join("/")}`;
  }
  const stage = isRecord(requestContext) ? `/${text(requestContext.stage)}` : "";
  return "rawPath" in event && path.startsWith(`${stage}/`) ? path.slice(stage.length) : path;
}

/** The values in the path, still encoded. */
function match(template: string, path: string): Record<string, string> | undefined {
  const parts = template.split("/");
  const given = path.split("/");
  if (parts.length !== given.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith("{") && value !== "") values[part.slice(1, -1)] = value;
    else if (part !== value) return undefined;
  }
  return values;
}

function payloadOf(route: Route, values: Record<string, string>, event: HttpEvent): unknown {
  const faults: Fault[] = [];
  /** Every fault of every part of the request comes in one answer. */
  const attempt = <T>(run: () => T, otherwise: T): T => {
    try {
      return run();
    } catch (error) {
      // What has a status of its own, such as a body in an encoding that is not read here, is refused for that alone.
      if (!(error instanceof RefusedError) || error.statusCode !== 400) throw error;
      faults.push(...error.faults);
      return otherwise;
    }
  };
  const { body, query = { type: "object" }, isConditional } = route;
  const call = {
    parameters: attempt(() => parametersOf(route, values, event), {}),
    query: attempt(() => read(query, queryOf(event, query.properties ?? {})), {}),
    body: body ? attempt(() => read(body, readBody(event)), {}) : {},
    ...(isConditional && attempt(() => expectedVersion(header(event, "if-match")), {})),
  };
  if (faults.length > 0) throw new RefusedError(faults);
  return route.event(call);
}

function parametersOf(
  { parameters = {} }: Route,
  values: Record<string, string>,
  event: HttpEvent,
): Record<string, unknown> {
  const given = Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const decoded = decodedSegment(name, value, event);
      return [name, typed(decoded, parameters[name])];
    }),
  );
  return read({ type: "object", properties: parameters, required: Object.keys(parameters) }, given);
}

/**
 * HTTP APIs decode the path, REST APIs, function URLs and load balancers hand it over as it came (measured at live
 * APIs: pull request 93 of middleapi/standard-server).
 */
function decodedSegment(name: string, value: string, { requestContext }: HttpEvent): string {
  const { http, domainName } = isRecord(requestContext) ? requestContext : {};
  if (isRecord(http) && !text(domainName).includes(".lambda-url.")) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    throw new RefusedError([{ path: name, message: "must be percent-encoded UTF-8" }]);
  }
}

/** A load balancer leaves the query encoded, the others decode it. Of several values of a name the last one counts. */
function queryOf(
  { queryStringParameters, multiValueQueryStringParameters, requestContext }: HttpEvent,
  rules: Readonly<Record<string, Schema>>,
): Record<string, unknown> {
  const given = isRecord(queryStringParameters)
    ? queryStringParameters
    : isRecord(multiValueQueryStringParameters)
      ? multiValueQueryStringParameters
      : {};
  const isEncoded = isRecord(requestContext) && isRecord(requestContext.elb);
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, values]) => {
      if (!Object.hasOwn(rules, name)) return [];
      const last: unknown = Array.isArray(values) ? values.at(-1) : values;
      const value = isEncoded ? decodedQuery(text(last)) : text(last);
      return [[name, typed(value, rules[name])]];
    }),
  );
}

const decodedQuery = (value: string): string => {
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    return value;
  }
};

/** A URL holds texts alone: one that its rule takes for a number or for true or false is read as that. */
function typed(value: string, { type }: Schema = {}): unknown {
  if (type === "boolean") return value === "true" || (value === "false" ? false : value);
  const isNumber = (type === "integer" || type === "number") && /^-?\d+(\.\d+)?$/.test(value);
  return isNumber ? Number(value) : value;
}

/** An `ETag` of ours is the version in quotes; something between may have called it weak. */
function expectedVersion(ifMatch: string | undefined): { expectedVersion?: number } {
  if (ifMatch === undefined) return {};
  const version = /^(?:W\/)?"(\d{1,15})"$/.exec(ifMatch.trim())?.[1];
  if (version !== undefined) return { expectedVersion: Number(version) };
  const message = 'must be one ETag as an answer gave it, such as "3" with its quotes';
  throw new RefusedError([{ path: "if-match", message }]);
}

function headersOf(
  { location }: Route,
  result: object,
  event: HttpEvent,
  path: string,
): Record<string, string> {
  const members: Readonly<Record<string, unknown>> = { ...result };
  const { version } = members;
  return {
    ...(typeof version === "number" && { etag: `"${version}"` }),
    ...(location && {
      location:
        before(event, path) +
        location.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
          encodeURIComponent(String(members[name])),
        ),
    }),
  };
}

/** What the caller's path has before that of the routes, such as a stage: an address that we give must have it too. */
function before(event: HttpEvent, path: string): string {
  const { requestContext } = event;
  const whole = (isRecord(requestContext) && text(requestContext.path)) || target(event).path;
  return whole.endsWith(path) ? whole.slice(0, -path.length) : "";
}
