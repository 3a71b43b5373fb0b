/** What is wrong with routes: what OpenAPI, API Gateway or the router could not take. Pure. */
import type { Route } from "../../function/platform/route.ts";
import type { Schema } from "../../function/platform/schema.ts";

/**
 * A segment of a path, by API Gateway's rules: letters, digits and `_ - . , :`, or one whole parameter (API Gateway
 * guide, "Amazon API Gateway important notes for REST APIs").
 */
const SEGMENT = /^(?:[\w\-.,:]+|\{\w+\})$/;

/** API Gateway answers these itself (same page). */
const RESERVED = new Set(["/ping", "/sping"]);

/** One line each: route, fault, remedy. */
export function routeFaults(routes: readonly Route[]): string[] {
  const names = new Set<string>();
  const calls = new Set<string>();
  const titles = new Map<string, string>();
  const variables = new Map<string, string>();
  return routes.flatMap((route) => {
    const { name, method, path } = route;
    const faults = [
      ...ownFaults(route),
      ...siblingFaults(path, variables),
      ...titleFaults(route, titles),
    ];
    // Two paths that differ in the names of their parameters alone are one path to the router and to API Gateway.
    const call = `${method} ${path.replaceAll(/\{\w+\}/g, "{}")}`;
    if (names.has(name)) faults.push("another route has the same name; rename one");
    if (calls.has(call)) faults.push(`another route is ${method} ${path} too; remove one`);
    names.add(name);
    calls.add(call);
    return faults.map((fault) => `route ${name}: ${fault}`);
  });
}

function ownFaults({
  name,
  method,
  path,
  parameters = {},
  query,
  body,
  location,
  result,
}: Route): string[] {
  const faults: string[] = [];
  const segments = path.split("/").slice(1);
  const inPath = segments.filter((one) => one.startsWith("{")).map((one) => one.slice(1, -1));
  if (!/^[a-zA-Z][a-zA-Z0-9]*$/.test(name)) {
    faults.push("its name must have letters and digits only, because models are named by it");
  }
  if (!path.startsWith("/") || segments.some((segment) => !SEGMENT.test(segment))) {
    faults.push(
      `path "${path}" must be segments of letters, digits and _ - . , : or one whole {parameter} each, such as /records/{id}`,
    );
  }
  if (RESERVED.has(path))
    faults.push(`path "${path}" is one that API Gateway answers itself; take another`);
  if (new Set(inPath).size < inPath.length)
    faults.push(`path "${path}" has a parameter twice; rename one`);
  for (const parameter of Object.keys(parameters)) {
    if (!inPath.includes(parameter)) {
      faults.push(
        `parameters has "${parameter}", which its path has not; add {${parameter}} to the path or remove it`,
      );
    }
  }
  if (body && (method === "GET" || method === "DELETE")) {
    faults.push(`${method} has a body, which OpenAPI says nothing of; use query or another method`);
  }
  const schemas = { ...parameters, query, body, result };
  for (const [where, schema] of Object.entries(schemas)) {
    if (schema) faults.push(...schemaFaults(schema, where));
  }
  for (const [, member = ""] of location?.matchAll(/\{(\w+)\}/g) ?? []) {
    if (!result.properties?.[member]) {
      faults.push(`location has {${member}}, which its result has not; add it to the result`);
    }
  }
  return faults;
}

function schemaFaults(schema: Schema, path: string): string[] {
  const { required = [], properties = {}, items, pattern } = schema;
  return [
    ...(pattern !== undefined && !isPattern(pattern)
      ? [`${path} has the pattern "${pattern}", which is no regular expression; correct it`]
      : []),
    ...required
      .filter((name) => !Object.hasOwn(properties, name))
      .map(
        (name) => `${path} requires "${name}" and says nothing else of it; add it to properties`,
      ),
    ...Object.entries(properties).flatMap(([name, own]) => schemaFaults(own, `${path}.${name}`)),
    ...(items ? schemaFaults(items, `${path}.items`) : []),
  ];
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, "u").source !== "";
  } catch {
    return false;
  }
}

/**
 * API Gateway has one parameter below one path, and refuses a second name for it: "A sibling of this resource already
 * has a variable path part -- only one is allowed".
 */
function siblingFaults(path: string, variables: Map<string, string>): string[] {
  const parts = path.split("/");
  return parts.flatMap((part, index) => {
    if (!part.startsWith("{")) return [];
    const before = parts.slice(0, index).join("/");
    const known = variables.get(before) ?? part;
    variables.set(before, known);
    return known === part
      ? []
      : [`path "${path}" has ${part} where another route has ${known}; call both the same`];
  });
}

/** Schemas with the same title are one component of the document. */
function titleFaults({ body, result }: Route, titles: Map<string, string>): string[] {
  return [body, result].flatMap((schema) => {
    if (schema?.title === undefined) return [];
    const { title } = schema;
    const text = JSON.stringify(schema);
    const known = titles.get(title) ?? text;
    titles.set(title, known);
    if (!/^[a-zA-Z][a-zA-Z0-9]*$/.test(title) || title === "Refusal") {
      return [`title "${title}" must have letters and digits only, and not be Refusal`];
    }
    return known === text ? [] : [`another schema has the title "${title}" too; rename one`];
  });
}
