/**
 * What a command says while it works, on stderr: stdout is left to its result, for machines and pipes.
 * On a terminal the live line is written over; elsewhere (CI, a pipe) each change is a plain line.
 *
 * Not @clack's spinner: it reads the keyboard itself and ends the process with status 0 on Ctrl-C, where
 * a release still has to be stopped.
 */
import { clearScreenDown, cursorTo, moveCursor } from "node:readline";
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
  /** Rows that the live line takes now. */
  let rows = 0;
  const quiet = () => {
    if (!overwrites) return;
    if (rows > 1) moveCursor(output, 0, 1 - rows);
    cursorTo(output, 0);
    clearScreenDown(output);
    rows = 0;
  };
  const say = (line: string) => {
    quiet();
    output.write(`${line}\n`);
  };
  const live = (line: string, state: string) => {
    if (overwrites) {
      quiet();
      // Rows that the terminal made by itself could not be taken back.
      const wrapped = wrapLive(line, Math.max(20, output.columns - 1));
      output.write(wrapped.join("\n"));
      rows = wrapped.length;
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

/** What stands between the parts of a live line. */
const SEPARATOR = " · ";

/**
 * A live line in rows of at most `width` characters, broken between its parts. Nothing is left out: the end
 * can be the name of the alarm that has just fired.
 */
export function wrapLive(line: string, width: number): string[] {
  const rows: string[] = [];
  for (const part of line.split(SEPARATOR)) {
    const last = rows.at(-1);
    const joined = last === undefined ? part : `${last}${SEPARATOR}${part}`;
    if (joined.length <= width) rows.splice(-1, 1, joined);
    // A part that no row can hold is broken between its words, or, if it must be, within one.
    else rows.push(...(part.match(new RegExp(`.{1,${width}}(?:\\s|$)|.{1,${width}}`, "gu")) ?? []));
  }
  return rows;
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
    throw new Refused(
      `nobody is there to confirm: ${question}`,
      "add --yes to go on without asking",
    );
  }
  const answer = await confirm({ message: question, initialValue: false, output: process.stderr });
  if (isCancel(answer) || !answer) throw new Refused("not confirmed", "nothing was changed");
}
