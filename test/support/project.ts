/** Copies of this project, for tests that change one. */
import { cpSync, readdirSync } from "node:fs";
import path from "node:path";
import { PROJECT_ROOT } from "../../ops/support/project.ts";

/** What is installed, built or kept by tools, and belongs to no copy. */
const LEFT_OUT = new Set([".git", "node_modules", ".cache", ".build"]);

/** Copies the files of the project into a folder, which need not be there yet and may be in its cache. */
export function copyProjectTo(folder: string): void {
  const kept = (file: string): boolean => !LEFT_OUT.has(path.basename(file));
  for (const entry of readdirSync(PROJECT_ROOT).filter(kept)) {
    cpSync(path.join(PROJECT_ROOT, entry), path.join(folder, entry), {
      recursive: true,
      filter: kept,
    });
  }
}
