/**
 * Commands that run one after the other in one process, which loads the AWS SDK once: to load it is most of what
 * a short command costs. For what a command says and how it ends; whoever sends signals starts a process for it.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { PROJECT_ROOT } from "../../ops/support/project.ts";
import type { Ended } from "./command.ts";

/** A script of this project, relative to its folder, and its arguments. */
export type Call = readonly [script: string, ...args: string[]];

export type Answer = Pick<Ended, "exitCode" | "stdout" | "stderr">;

/** What the process is asked to do. */
export interface Order {
  readonly call: Call;
  /** Set while the command runs, beside what the process has. */
  readonly env: NodeJS.ProcessEnv;
}

export interface Host {
  /** Runs a command when those before it have ended. Rejects when it ends the whole process. */
  run(call: Call, env?: NodeJS.ProcessEnv): Promise<Answer>;
  close(): void;
}

const PROCESS = fileURLToPath(new URL("host-process.ts", import.meta.url));

export function openHost(): Host {
  const child = fork(PROCESS, { cwd: PROJECT_ROOT, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const over = once(child, "exit").then(() => {
    throw new Error("the process that runs the commands has ended");
  });
  over.catch(() => undefined);
  let last: Promise<unknown> = Promise.resolve();
  return {
    run: (call, env = {}) => {
      const answer = last.then(async () => {
        const answered = once(child, "message");
        child.send({ call, env } satisfies Order);
        const [message] = await Promise.race([answered, over]);
        return message as Answer;
      });
      last = answer.catch(() => undefined);
      return answer;
    },
    close: () => {
      child.kill("SIGKILL");
    },
  };
}

/** The answers of several commands, in their order: for example to `--help`. */
export async function ask(calls: readonly Call[]): Promise<readonly Answer[]> {
  const host = openHost();
  try {
    return await Promise.all(calls.map((call) => host.run(call)));
  } finally {
    host.close();
  }
}

/** Gives the enclosing suite a host; call the result in tests. */
export function useHost(): () => Host {
  let host: Host | undefined;
  after(() => {
    host?.close();
  });
  return () => (host ??= openHost());
}
