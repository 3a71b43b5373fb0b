import { existsSync } from "node:fs";
import path from "node:path";

/** The module with a program's own answers to data sources; undefined where it has none. */
export function answersOf(program: string): string | undefined {
  const file = path.join(program, "infra", "own", "data-sources.ts");
  return existsSync(file) ? file : undefined;
}
