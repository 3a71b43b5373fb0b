import { join } from "node:path";

/** Folder of this project: Pulumi.yaml, the stack files and index.ts are in it. */
export const PROJECT_ROOT = join(import.meta.dirname, "../..");
