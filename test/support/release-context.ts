/** What the release commands work with, for tests: in this process, and as processes of their own. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Session } from "../../ops/support/session.ts";
import { type Ended, startNode } from "./command.ts";
import { type Answer, type Call, useHost } from "./host.ts";
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

type CommandOf<Result> = (world: World, name: string, args?: readonly string[]) => Promise<Result>;

/** Runs commands of `ops` against a world: as their users start them, or to their end, in a host. */
export function useCommands(): {
  readonly start: CommandOf<Running>;
  readonly end: CommandOf<Answer>;
} {
  let folder: string;
  const host = useHost();
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "commands-"));
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  const prepared = async (world: World, name: string, args: readonly string[]) => {
    const outputs = world.outputs();
    const file = join(folder, `${outputs.serviceName}-${outputs.functionVersion}.json`);
    await writeFile(file, JSON.stringify(outputs));
    const call: Call = [`ops/${name}.ts`, "--stack", outputs.environment, ...args];
    const env = { ...world.environment, ...world.front.environment, STACK_OUTPUTS_FILE: file };
    return { call, env };
  };
  const start: CommandOf<Running> = async (world, name, args = []) => {
    const { call, env } = await prepared(world, name, args);
    const child = startNode(call, { cwd: ROOT, env });
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
  const end: CommandOf<Answer> = async (world, name, args = []) => {
    const { call, env } = await prepared(world, name, args);
    return host().run(call, env);
  };
  return { start, end };
}
