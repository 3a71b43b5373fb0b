/** The options of `npm run replay`, read and refused in one place. */
import { InvalidArgumentError, Option } from "commander";
import { command, type ConfirmedOptions, withConfirmation } from "../support/command.ts";
import { type FunctionOptions, withFunction } from "../support/function-outputs.ts";
import { time } from "../support/time-argument.ts";

export interface ReplayOptions extends ConfirmedOptions, FunctionOptions {
  readonly dryRun?: true;
  /** Name of an event source, or `function`. Default: all. */
  readonly source?: string;
  readonly error?: string;
  /** Milliseconds since 1970, as are all times here. */
  readonly since?: number;
  readonly until?: number;
  readonly max: number;
  /** Messages a second. */
  readonly rate: number;
  readonly concurrency: number;
  readonly maxFailures: number;
  readonly asynchronous?: true;
  readonly export?: string;
  readonly import?: string;
}

/** Spares a service that has just recovered; a healthy one can be given more. */
const DEFAULT_RATE = 10;
const DEFAULT_CONCURRENCY = 10;
/** So many in a row with the same error are no accident any more. */
const DEFAULT_MAX_FAILURES = 20;

/** What only invocations need. */
const PACE = ["rate", "concurrency", "maxFailures"];

export const replayCommand = () =>
  withFunction(
    withConfirmation(
      command(
        "replay",
        "Lists the dead letters by error, then invokes the function with them again; those of a queue go back to that queue. A message is deleted only after it has succeeded.",
        'npm run replay -- --stack staging --error "Internal error" --since 2h',
      ),
    ),
  )
    .option("--dry-run", "only list what would be replayed")
    .option(
      "--source <name>",
      "only the dead letters of this event source, or of the function itself: function (default: all, one queue after the other)",
    )
    .option("--error <text>", "only messages whose error contains this text; … stands for anything")
    .option(
      "--since <time>",
      "only messages from then on: an age such as 90m, 2h, 7d, or a date",
      time,
    )
    .option("--until <time>", "only messages before then", time)
    .addOption(
      new Option("--max <count>", "most messages to replay")
        .argParser(count)
        .default(Infinity, "all"),
    )
    .option("--rate <count>", "messages a second", positive, DEFAULT_RATE)
    .option("--concurrency <count>", "messages at the same time", count, DEFAULT_CONCURRENCY)
    .option(
      "--max-failures <count>",
      "after so many failures in a row, hold back messages with the same error",
      count,
      DEFAULT_MAX_FAILURES,
    )
    .option(
      "--asynchronous",
      "do not wait for answers: Lambda retries, and what fails at every try is a new message",
    )
    .addOption(
      new Option(
        "--export <file>",
        "move the messages aside to a file instead of replaying them",
      ).conflicts(["import", "asynchronous", ...PACE]),
    )
    .addOption(
      new Option(
        "--import <file>",
        "put the messages of such a file back into the queue",
      ).conflicts(["asynchronous", "error", "since", "until", ...PACE]),
    )
    .hook("preAction", (replay) => {
      const { since = -Infinity, until = Infinity } = replay.opts<ReplayOptions>();
      if (since >= until) {
        replay.error("error: --since is not before --until, so no message could be meant");
      }
    });

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("must be a number above 0");
  return value;
}

function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new InvalidArgumentError("must be a whole number above 0");
  return Number(text);
}
