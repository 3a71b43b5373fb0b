/** The contract of this service: its routes, under the name and the version of package.json. */
import { readFileSync } from "node:fs";
import type { Route } from "../../function/platform/route.ts";
import { openApiDocument } from "./openapi.ts";
import type { OpenApiDocument } from "./openapi-types.ts";

/** Throws an `Error` in one line where a route has a fault. */
export function contractOf(routes: readonly Route[] = []): OpenApiDocument {
  const file = new URL("../../package.json", import.meta.url);
  const { name, version } = JSON.parse(readFileSync(file, "utf8")) as Readonly<
    Record<"name" | "version", string>
  >;
  return openApiDocument({ title: name, version, routes });
}
