/** The Pulumi CLI, as an administrator would call it by hand. */
import { execa } from "execa";
import { resolveEngine } from "local-aws/engine/resolve.ts";
import { Refused } from "../support/refused.ts";
import type { Terminal } from "../support/terminal.ts";
import { keepingStackFile } from "./stack-file.ts";
import type { Step } from "./steps.ts";

/** The CLI on one project and backend. */
export interface Pulumi {
  /** Runs it quietly. */
  call(...args: readonly string[]): Promise<{ readonly failed: boolean; readonly stderr: string }>;
  /** Runs it for all to see, on standard error. */
  show(...args: readonly string[]): Promise<{ readonly failed: boolean }>;
}

export interface PulumiOptions {
  /** The project's folder. */
  readonly root: string;
  /** `PULUMI_BACKEND_URL`; undefined for whatever the CLI is signed in to. */
  readonly backendUrl: string | undefined;
  /** Whether to get the CLI where it is not there; else whatever is on the PATH is asked. */
  readonly fetch: boolean;
  readonly terminal: Terminal;
}

export async function openPulumi(options: PulumiOptions): Promise<Pulumi> {
  const { root, backendUrl, fetch, terminal } = options;
  const command = fetch
    ? (await resolveEngine({ progress: terminal.progress })).command.command
    : "pulumi";
  const common = {
    cwd: root,
    stdin: "ignore",
    reject: false,
    env: {
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...(backendUrl !== undefined && { PULUMI_BACKEND_URL: backendUrl }),
    },
  } as const;
  return {
    call: (...args) => execa(command, [...args, "--non-interactive"], common),
    show: (...args) =>
      execa(command, [...args, "--non-interactive"], {
        ...common,
        stdout: process.stderr,
        stderr: "inherit",
      }),
  };
}

export interface StackOptions {
  /** The project's folder. */
  readonly root: string;
  readonly stack: string;
  /** Where the stack is kept, in words. */
  readonly where: string;
  /** For a new stack; undefined for the backend's own. */
  readonly secretsProvider: string | undefined;
}

/** Makes the stack in the backend. */
export const stackStep = (
  pulumi: Pulumi,
  { root, stack, where, secretsProvider }: StackOptions,
): Step => ({
  what: `stack ${stack} in ${where}`,
  // What else can fail (no sign-in, no bucket yet) shows when the stack is made.
  isDone: async () => !(await pulumi.call("stack", "select", stack)).failed,
  make: () =>
    keepingStackFile(root, stack, async () => {
      const provider = secretsProvider ? ["--secrets-provider", secretsProvider] : [];
      const { failed, stderr } = await pulumi.call("stack", "init", stack, ...provider);
      if (failed) throw new Refused(`stack ${stack} cannot be made: ${lastWords(stderr)}`);
    }),
});

/** Deploys. Throws `Refused`. */
export async function deploy(pulumi: Pulumi, stack: string): Promise<void> {
  const { failed } = await pulumi.show("up", "--stack", stack, "--yes", "--skip-preview");
  if (!failed) return;
  throw new Refused(
    "pulumi up did not finish, for the reason above",
    "what was done stays, and running this again goes on from there",
  );
}

const lastWords = (stderr: string): string => {
  const lines = stderr.split("\n").filter((line) => line.startsWith("error:"));
  return lines.at(-1)?.slice("error:".length).trim() ?? "pulumi said nothing";
};
