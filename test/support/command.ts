/**
 * Other programs, as their users run them. The types of execa are exact to the point that two of them take the
 * type checker as long to compare as half of the project; these are plain.
 */
import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { execa, type Options } from "execa";

/** How a program ended. */
export interface Ended {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Both of them, in the order of writing. */
  readonly all: string;
}

/** A program under way. It is never rejected: how it ended is for the test to judge. */
export interface Running extends Promise<Ended>, Pick<ChildProcess, "pid" | "kill"> {
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** Starts a program that finds nothing on its stdin. */
export const start = (file: string, args: readonly string[], options: Options = {}): Running =>
  execa(file, args, {
    reject: false,
    all: true,
    stdin: "ignore",
    ...options,
  }) as unknown as Running;

/** Starts a script of this project, or of `options.cwd`, with the Node.js of the tests. */
export const startNode = (args: readonly string[], options: Options = {}): Running =>
  start(process.execPath, args, options);
