/** The Pulumi CLI of this machine, or the one that the project keeps where there is none. */
import { execa, type Options } from "execa";
import { resolveEngine } from "local-aws/engine/resolve.ts";
import type { Terminal } from "../support/terminal.ts";
import type { PulumiCli } from "./apply.ts";

export interface CliOptions {
  /** The project's folder. */
  readonly root: string;
  readonly terminal: Terminal;
  /** What the CLI gets beside this process's own environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export async function openCli({
  root,
  terminal,
  environment = {},
  signal,
}: CliOptions): Promise<PulumiCli> {
  const { command } = (await resolveEngine({ progress: terminal.progress, signal })).command;
  const common = (cancelSignal: AbortSignal) =>
    ({
      cwd: root,
      stdin: "ignore",
      reject: false,
      cancelSignal,
      // Long enough for the CLI to stop an update in order and to release its lock.
      gracefulCancel: false,
      forceKillAfterDelay: 30_000,
      killSignal: "SIGINT",
      env: { PULUMI_SKIP_UPDATE_CHECK: "true", ...environment },
    }) as const satisfies Options;
  return {
    read: async (args, signal) => {
      const { failed, stdout, stderr } = await execa(
        command,
        [...args, "--non-interactive"],
        common(signal),
      );
      return { failed, stdout, stderr };
    },
    show: async (args, signal) => {
      const { failed } = await execa(
        command,
        [...args, "--non-interactive", "--suppress-progress"],
        // Standard output is left to the result.
        { ...common(signal), stdout: process.stderr, stderr: "inherit" },
      );
      return { failed };
    },
  };
}
