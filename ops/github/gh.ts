/** GitHub's own CLI, which is signed in where the administrator works. */
import { isDeepStrictEqual } from "node:util";
import { execa } from "execa";

/** Runs `gh` with some text on its standard input and returns what it printed. Throws `GhFailure`. */
export type Gh = (args: readonly string[], input?: string) => Promise<string>;

/** `gh` failed: what it said, and GitHub's HTTP status where there was an answer. */
export class GhFailure extends Error {
  override readonly name = "GhFailure";
  readonly status: number | undefined;
  constructor(message: string) {
    super(message);
    const [, status] = /\bHTTP (\d{3})\b/.exec(message) ?? [];
    this.status = status === undefined ? undefined : Number(status);
  }
}

const TIMEOUT_MS = 30_000;

export const gh: Gh = async (args, input = "") => {
  const result = await execa("gh", args, { reject: false, timeout: TIMEOUT_MS, input });
  if (result.failed)
    throw new GhFailure(result.stderr.split("\n")[0] || String(result.shortMessage));
  return result.stdout;
};

/** Whether `gh` is there and signed in. */
export const ghIsReady = (run: Gh): Promise<boolean> =>
  run(["auth", "status"]).then(
    () => true,
    () => false,
  );

/** Asks GitHub's API. Throws `GhFailure`. */
export const get = async <T>(run: Gh, path: string): Promise<T> =>
  JSON.parse(await run(["api", path])) as T;

/** Asks GitHub's API for something that may not be there. Throws `GhFailure` for every status but 404. */
export const find = <T>(run: Gh, path: string): Promise<T | undefined> =>
  get<T>(run, path).catch((error: unknown) => {
    if (error instanceof GhFailure && error.status === 404) return undefined;
    throw error;
  });

/** Changes something by GitHub's API. Throws `GhFailure`. */
export async function send(
  run: Gh,
  method: "PUT" | "POST" | "DELETE",
  path: string,
  body: object = {},
): Promise<void> {
  await run(["api", "--method", method, path, "--input", "-"], JSON.stringify(body));
}

/** Whether every property of `wanted` has the same value in `found`. */
export const includes = (found: object | undefined, wanted: object): boolean =>
  found !== undefined &&
  Object.entries(wanted).every(([key, value]) =>
    isDeepStrictEqual((found as Record<string, unknown>)[key], value),
  );
