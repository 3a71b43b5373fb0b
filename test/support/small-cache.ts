/**
 * For its effect: what is kept of compiled code stays small. Copies of the project that tests make leave entries
 * that nothing reads again, so a cache that has grown too big begins once more.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { PROJECT_ROOT } from "../../ops/support/project.ts";

const FOLDER = path.join(PROJECT_ROOT, ".cache", "compiled");

/** Files; the project and its packages make 2,000 of them, 20 MB, and a run of all tests some hundred more. */
const MOST = 20_000;

if (existsSync(FOLDER) && readdirSync(FOLDER, { recursive: true }).length > MOST) {
  rmSync(FOLDER, { recursive: true, force: true });
}
