/** The part of OpenAPI 3.0 that the contract is written in. */
import type { Schema } from "../../function/platform/schema.ts";

/** A rule, as OpenAPI says it. */
export interface SchemaObject extends Omit<Schema, "enum" | "properties" | "items"> {
  readonly $ref?: string;
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly properties?: Readonly<Record<string, SchemaObject>>;
  readonly items?: SchemaObject;
  readonly nullable?: true;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: SchemaObject;
}

export interface Content {
  readonly "application/json": { readonly schema: SchemaObject; readonly example?: object };
}

export interface Header {
  readonly description?: string;
  readonly schema: SchemaObject;
}

export interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Header | Reference>>;
  readonly content?: Content;
}

/** To a part that several have in common: `#/components/responses/NotFound`. */
export interface Reference {
  readonly $ref: string;
}

/** One method of one path. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly (Parameter | Reference)[];
  readonly requestBody?: { readonly required: true; readonly content: Content };
  /** Status to answer. */
  readonly responses: Readonly<Record<string, Response | Reference>>;
}

export interface OpenApiDocument {
  readonly openapi: "3.0.1";
  readonly info: { readonly title: string; readonly version: string };
  /** Path, for example `/records/{id}`, to its methods in small letters. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, SchemaObject>>;
    readonly responses?: Readonly<Record<string, Response>>;
    readonly parameters?: Readonly<Record<string, Parameter>>;
    readonly headers?: Readonly<Record<string, Header>>;
  };
}
