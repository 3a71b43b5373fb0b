/** Steps that make something true and find out by themselves whether it is: run again, they go on where they stopped. */
import type { Terminal } from "../support/terminal.ts";

export interface Step {
  /** What is true afterwards, in words. */
  readonly what: string;
  /** Whether it is true already. Must not change anything. */
  readonly isDone: () => Promise<boolean>;
  /** Makes it so. Only where what it asks for may refuse, and the rest can go on without, yields "not possible". */
  readonly make: () => Promise<void | "not possible">;
}

/** What became of a step. */
export type Outcome = "was there" | "made" | "would be made" | "not possible";

export interface Done {
  readonly what: string;
  readonly outcome: Outcome;
}

/** Says of each step whether it is done, in order and without changing anything. */
export async function survey(steps: readonly Step[]): Promise<Done[]> {
  const found: Done[] = [];
  for (const { what, isDone } of steps) {
    found.push({ what, outcome: (await isDone()) ? "was there" : "would be made" });
  }
  return found;
}

/**
 * Makes what is missing, in order. `record` hears of every step as soon as it is done, so that a failure
 * in the middle still leaves a true list.
 */
export async function makeAll(
  steps: readonly Step[],
  terminal: Terminal,
  record: (done: Done) => void,
): Promise<void> {
  for (const { what, isDone, make } of steps) {
    terminal.live(what, what);
    const wasThere = await isDone();
    const outcome = wasThere ? "was there" : ((await make()) ?? "made");
    terminal.quiet();
    record({ what, outcome });
  }
}

/** Whether an AWS call finds what it asks for; the named errors say that it does not. */
export async function exists(
  call: Promise<unknown>,
  ...absent: readonly string[]
): Promise<boolean> {
  return (await unlessAbsent(call, ...absent)) !== undefined;
}

/** The answer of an AWS call, or undefined where one of the named errors says that there is none. */
export async function unlessAbsent<T>(
  call: Promise<T>,
  ...absent: readonly string[]
): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && absent.includes(error.name)) return undefined;
    throw error;
  }
}
