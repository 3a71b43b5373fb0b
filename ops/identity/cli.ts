/** The Pulumi CLI of this machine, or the one that the project keeps where there is none. */
import { execa, type Options } from "execa";
import { resolveEngine } from "local-aws/engine/resolve.ts";
import type { Terminal } from "../support/terminal.ts";
import type { PulumiCli } from "./apply.ts";

export interface CliOptions {
  /** The project's folder. */
  readonly root: string;
  readonly terminal: Terminal;
  /** Ends the search for a CLI early. */
  readonly signal: AbortSignal;
  /** Path of the CLI. Default: the one that the project uses. */
  readonly command?: string;
}

/** Longest wait in milliseconds for the CLI to stop in order. */
const CANCEL_LIMIT_MS = 120_000;

export async function openCli({
  root,
  terminal,
  signal,
  command: given,
}: CliOptions): Promise<PulumiCli> {
  const command =
    given ?? (await resolveEngine({ progress: terminal.progress, signal })).command.command;
  const common = (cancelSignal: AbortSignal) =>
    ({
      cwd: root,
      stdin: "ignore",
      reject: false,
      cancelSignal,
      // One interruption lets the CLI finish what it has begun and release its lock; a second one ends it at
      // once. Ctrl-C reaches a whole process group, so the CLI gets a group of its own, and ours alone counts.
      killSignal: "SIGINT",
      detached: true,
      forceKillAfterDelay: CANCEL_LIMIT_MS,
      env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
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
