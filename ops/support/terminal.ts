/**
 * What a command says while it works, on stderr: stdout is left to its result, for machines and pipes.
 * On a terminal one live line is written over; elsewhere (CI, a pipe) each change is a plain line.
 *
 * Not @clack's spinner: it reads the keyboard itself and ends the process with status 0 on Ctrl-C, where
 * a release still has to be stopped.
 */
import { clearLine, cursorTo } from "node:readline";
import { confirm, isCancel, isCI } from "@clack/prompts";
import { Refused } from "./refused.ts";

export interface Terminal {
  /** Writes a line that stays. */
  say(line: string): void;
  /**
   * Shows how it stands now. Where lines cannot be written over, it is written only when `state` differs
   * from the last one (leave out of it what changes all the time, such as the seconds elapsed), and once a
   * minute, so that a long wait does not look like a hang.
   */
  live(line: string, state: string): void;
  /** Takes the live line away. */
  quiet(): void;
  /** Both as one function: with a `state` the message is live, without one it stays. */
  readonly progress: (message: string, state?: string) => void;
}

/** Longest silence in milliseconds where lines cannot be written over. */
const SILENCE_MS = 60_000;

/** Writes to stderr. */
export function openTerminal(
  output: NodeJS.WriteStream = process.stderr,
  now: () => number = Date.now,
): Terminal {
  const overwrites = output.isTTY && !isCI();
  let lastState: string | undefined;
  let writtenMs = 0;
  const quiet = () => {
    if (!overwrites) return;
    cursorTo(output, 0);
    clearLine(output, 0);
  };
  const say = (line: string) => {
    quiet();
    output.write(`${line}\n`);
  };
  const live = (line: string, state: string) => {
    if (overwrites) {
      quiet();
      // A line that wraps could not be taken back.
      output.write(line.slice(0, Math.max(20, output.columns - 1)));
    } else if (state !== lastState || now() - writtenMs >= SILENCE_MS) {
      output.write(`${line}\n`);
      writtenMs = now();
    }
    lastState = state;
  };
  const progress = (message: string, state?: string) => {
    if (state === undefined) say(message);
    else live(message, state);
  };
  return { say, live, quiet, progress };
}

/** Staging is there to be changed; about everything else the user is asked first. */
export const asksFirst = ({ environment }: { readonly environment: string }): boolean =>
  environment !== "staging";

/**
 * Asks before something is changed, unless `yes` was given. Throws `Refused` when the answer is no, or
 * when nobody can answer.
 */
export async function confirmed(question: string, yes: true | undefined): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) {
    throw new Refused(`nobody is there to confirm: ${question}; add --yes to go on without asking`);
  }
  const answer = await confirm({ message: question, initialValue: false, output: process.stderr });
  if (isCancel(answer) || !answer) throw new Refused("not confirmed; nothing was changed");
}
