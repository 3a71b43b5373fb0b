/** An OpenAPI document as text, and what both kinds of API read out of it in the same way. */
import { parse } from "yaml";
import { AwsError } from "../http.ts";
import type { Json } from "./definition.ts";

export const badRequest = (message: string): AwsError =>
  new AwsError(400, "BadRequestException", message);

/** The methods that OpenAPI names, and API Gateway's own for all that a path does not name. */
const METHODS: Readonly<Record<string, string>> = {
  get: "GET",
  put: "PUT",
  post: "POST",
  delete: "DELETE",
  options: "OPTIONS",
  head: "HEAD",
  patch: "PATCH",
  "x-amazon-apigateway-any-method": "ANY",
};

export interface Operation {
  readonly path: string;
  readonly httpMethod: string;
  readonly operation: Json;
  readonly pathItem: Json;
}

/** The document of JSON or YAML text. Throws what API Gateway refuses. */
export function readDocument(text: string): Json {
  let document: unknown;
  try {
    document = parse(text);
  } catch {
    throw badRequest("Invalid OpenAPI input.");
  }
  if (!isJson(document) || !textOf(document["openapi"]).startsWith("3.0.")) {
    throw badRequest("Invalid OpenAPI input. Only OpenAPI 3.0 is read in the local cloud.");
  }
  return document;
}

export const operationsOf = (document: Json): readonly Operation[] =>
  Object.entries(json(document["paths"])).flatMap(([path, pathItem]) =>
    Object.entries(json(pathItem)).flatMap(([key, operation]) => {
      const httpMethod = METHODS[key];
      if (httpMethod === undefined) return [];
      return [{ path, httpMethod, operation: json(operation), pathItem: json(pathItem) }];
    }),
  );

/** What a local reference such as `#/components/schemas/Record` means; anything else stays what it is. */
export function resolved(document: Json, value: unknown): Json {
  const reference = isJson(value) ? value["$ref"] : undefined;
  if (typeof reference !== "string") return json(value);
  const parts = /^#\/(.+)$/.exec(reference)?.[1]?.split("/") ?? [];
  let found: unknown = parts.length > 0 ? document : undefined;
  for (const part of parts) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    found = isJson(found) ? found[key] : undefined;
  }
  if (!isJson(found)) throw badRequest(`Invalid reference specified: ${reference}`);
  return resolved(document, found);
}

export const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const json = (value: unknown): Json => (isJson(value) ? value : {});

export const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** A text, number or boolean as text; empty where there is none. */
export const scalarText = (value: unknown): string =>
  value === undefined || value === null
    ? ""
    : typeof value === "string"
      ? value
      : JSON.stringify(value);

/** The members as texts. */
export const textsOf = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(json(value)).map(([key, member]) => [key, scalarText(member)]));
