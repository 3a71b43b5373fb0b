/** The contract as API Gateway takes it. gateway-document.ts makes it of the whole, which openapi.ts makes. */

/** One method of one path. */
export interface Operation {
  readonly summary?: string;
  readonly operationId?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Readonly<Record<string, { readonly schema: object }>>;
  };
  readonly responses: Readonly<Record<string, object>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: object;
}

/** What API Gateway imports: OpenAPI 3.0. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  /** Path, for example `/records/{id}`, to its methods in small letters. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, object>> };
}

/** Every operation of a document with another made of it. */
export const mapOperations = <T>(
  { paths }: Pick<OpenApiDocument, "paths">,
  map: (operation: Operation, method: string, path: string) => T,
): Record<string, Record<string, T>> =>
  Object.fromEntries(
    Object.entries(paths).map(([path, operations]) => [
      path,
      Object.fromEntries(
        Object.entries(operations).map(([method, operation]) => [
          method,
          map(operation, method, path),
        ]),
      ),
    ]),
  );
