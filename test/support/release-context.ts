/** What the release commands work with, for tests: in this process, and as processes of their own. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Session } from "../../ops/support/session.ts";
import { type Ended, startNode } from "./command.ts";
import type { World } from "./release-world.ts";

/** The session of a command in this process; `lines` gets what it says. */
export const sessionOf = (
  world: World,
  lines: string[] = [],
  interrupted = new AbortController().signal,
): Session => ({
  clients: world.clients,
  outputs: world.outputs(),
  terminal: {
    say: (line) => lines.push(line),
    live: (line) => lines.push(line),
    quiet: () => undefined,
    progress: () => undefined,
  },
  minuteMs: world.minuteMs,
  interrupted,
});

/** The message of the refusal that `work` ends with; fails when it ends well. */
export const refusal = async (work: Promise<unknown>): Promise<string> => {
  const ended = await work.then(
    (value) => ({ value }),
    (error: Error) => ({ error }),
  );
  if ("error" in ended) return ended.error.message;
  throw new Error(`expected a refusal, and it did: ${JSON.stringify(ended.value)}`);
};

const ROOT = decodeURIComponent(new URL("../..", import.meta.url).pathname);

export interface Running {
  kill(signal: NodeJS.Signals): void;
  /** Resolves once it has said this on stderr. */
  says(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

/** Runs a command of `ops` as its users do, against the world. */
export function useCommands(): (
  world: World,
  name: string,
  args?: readonly string[],
) => Promise<Running> {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "commands-"));
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  return async (world, name, args = []) => {
    const outputs = world.outputs();
    const file = join(folder, `${outputs.serviceName}-${outputs.functionVersion}.json`);
    await writeFile(file, JSON.stringify(outputs));
    const child = startNode([`ops/${name}.ts`, "--stack", outputs.environment, ...args], {
      cwd: ROOT,
      env: { ...world.environment, ...world.front.environment, STACK_OUTPUTS_FILE: file },
    });
    let said = "";
    let over = false;
    const ended = child.finally(() => {
      over = true;
    });
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    return {
      says: async (text) => {
        while (!said.includes(text)) {
          if (over) throw new Error(`${name} ended without saying ${text}: ${said}`);
          await setTimeout(10);
        }
      },
      kill: (signal) => void child.kill(signal),
      ended,
    };
  };
}
