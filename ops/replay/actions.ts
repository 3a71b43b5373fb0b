/** What `npm run replay` does: takes messages out of the queue, or puts those of a file back. */
import { setTimeout as sleep } from "node:timers/promises";
import { GetAliasCommand } from "@aws-sdk/client-lambda";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { AwsClients } from "../support/aws.ts";
import { Refused } from "../support/refused.ts";
import { confirmed, type Terminal } from "../support/terminal.ts";
import { Archive, archived } from "./archive.ts";
import { type Clock, drain, type DrainOptions, type DrainResult } from "./drain.ts";
import { importDeadLetters, waitingIn } from "./import.ts";
import { invoke } from "./invoke.ts";
import { groupByError, isSelected, type Selection } from "./dead-letter.ts";
import type { ReplayOptions } from "./options.ts";
import {
  groupLines,
  isSuccess,
  deadLetters,
  type Purpose,
  reportLines,
  reportOf,
} from "./report.ts";
import type { SqsQueue } from "./sqs-queue.ts";
import { survey } from "./survey.ts";

/** More messages than this are not looked at one by one before a replay. */
const SURVEY_MAX = 10_000;

export interface Session {
  readonly options: ReplayOptions;
  readonly outputs: StackOutputs;
  readonly clients: AwsClients;
  readonly queue: SqsQueue;
  readonly queueName: string;
  readonly terminal: Terminal;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
}

/** What is said of the messages that are meant, before and after. */
interface Listing {
  readonly stack: string;
  readonly purpose: Purpose;
  readonly selected: number;
  readonly groups: ReturnType<typeof groupByError>;
}

const clock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal && { signal }).catch(() => {}),
};

/** Lists the messages, asks, and replays or exports them. */
export async function takeOut(session: Session): Promise<void> {
  const { options, outputs, terminal, signal } = session;
  const purpose = options.export === undefined ? "replay" : "export";
  const selection = selectionOf(options, Date.now());
  const listing = await list(session, selection, purpose);
  const { selected } = listing;
  if (options.dryRun || selected === 0 || signal.aborted) {
    if (options.json) print({ ...listing, dryRun: true });
    terminal.say(selected === 0 ? `nothing to ${purpose}` : "nothing was done");
    return;
  }
  if (purpose === "replay") await refuseDuringRelease(session);
  const target = options.export ?? `${outputs.functionName}:${outputs.aliasName}`;
  const count = Math.min(selected, options.max);
  await confirmed(`${purpose} ${deadLetters(count)} to ${target}?`, options.yes);

  const deliver = options.export === undefined ? replaying(session) : exporting(options.export);
  const report = reportOf(purpose, await deliver(drainOptions(session, selection, count)));
  terminal.quiet();
  if (options.json) print({ ...listing, ...report });
  else for (const line of reportLines(report)) console.log(line);
  if (!isSuccess(report)) process.exitCode = 1;
}

/** Messages that fail again in asynchronous mode are new ones: without a bound the run would chase them. */
const selectionOf = ({ asynchronous, until, ...rest }: ReplayOptions, now: number): Selection =>
  asynchronous
    ? { ...rest, until: Math.min(now, until ?? now) }
    : { ...rest, ...(until !== undefined && { until }) };

async function list(session: Session, selection: Selection, purpose: Purpose): Promise<Listing> {
  const { options, outputs, queue, terminal, signal } = session;
  const found = await survey(queue, clock, SURVEY_MAX, signal);
  const meant = found.deadLetters.filter((deadLetter) => isSelected(deadLetter, selection));
  const groups = groupByError(meant);
  const many = `${found.more ? "more than " : ""}${deadLetters(found.deadLetters.length)}`;
  terminal.say(`${many} in the queue, ${meant.length} selected`);
  if (!options.json) for (const line of groupLines(groups)) terminal.say(line);
  return { stack: outputs.environment, purpose, selected: meant.length, groups };
}

/** Everything of a drain but what is done with a message. */
function drainOptions(
  { options, queue, terminal, signal }: Session,
  selection: Selection,
  count: number,
): Omit<DrainOptions, "deliver"> {
  return {
    queue,
    clock,
    signal,
    selects: (deadLetter) => isSelected(deadLetter, selection),
    concurrency: options.concurrency,
    ratePerSecond: options.rate,
    max: options.max,
    maxFailuresInARow: options.maxFailures,
    progress: ({ delivered, failed }) => {
      const counts = `${delivered} of ${count} done, ${failed} failed`;
      showProgress(terminal, delivered + failed, count, counts);
    },
  };
}

type Drain = (options: Omit<DrainOptions, "deliver">) => Promise<DrainResult>;

const replaying =
  ({ clients, outputs, options }: Session): Drain =>
  (rest) => {
    const { functionName, aliasName } = outputs;
    const target = { functionName, aliasName, asynchronous: options.asynchronous ?? false };
    return drain({ ...rest, deliver: (deadLetter) => invoke(clients.lambda, target, deadLetter) });
  };

const exporting =
  (path: string): Drain =>
  async (rest) => {
    const archive = await Archive.open(path);
    try {
      return await drain({
        ...rest,
        // A file needs no sparing.
        ratePerSecond: Infinity,
        deliver: async (deadLetter) => {
          await archive.append(archived(deadLetter));
          return { ok: true };
        },
      });
    } finally {
      await archive.close();
    }
  };

/** Old failures would count against the version that a canary is judging. */
async function refuseDuringRelease({ clients, outputs }: Session): Promise<void> {
  const { functionName, aliasName, environment } = outputs;
  const { RoutingConfig } = await clients.lambda.send(
    new GetAliasCommand({ FunctionName: functionName, Name: aliasName }),
  );
  if (Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {}).length > 0) {
    throw new Refused(
      `a release is shifting traffic of ${functionName}, and dead letters would count against it; wait for its end, or follow it: npm run release -- --stack ${environment} --follow`,
    );
  }
}

/** Puts the messages of a file back into the queue. */
export async function putBack(session: Session, path: string): Promise<void> {
  const { options, outputs, queue, queueName, terminal, signal } = session;
  const { all, rest } = await waitingIn(path);
  terminal.say(`${deadLetters(all.length)} in ${path}, ${rest.length} to import`);
  const count = Math.min(rest.length, options.max);
  let done = 0;
  if (count > 0 && !options.dryRun) {
    await confirmed(`import ${deadLetters(count)} into ${queueName}?`, options.yes);
    done = await importDeadLetters({
      queue,
      path,
      max: options.max,
      signal,
      progress: (sent) => showProgress(terminal, sent, count, `${sent} of ${count}`),
    });
  }
  terminal.quiet();
  const left = rest.length - done;
  if (options.json) print({ stack: outputs.environment, purpose: "import", imported: done, left });
  else console.log(`imported ${deadLetters(done)}; ${left} of ${path} left`);
  if (signal.aborted) process.exitCode = 1;
}

const BAR_WIDTH = 20;

/** A bar on a terminal; elsewhere a line for every tenth. */
function showProgress(terminal: Terminal, done: number, all: number, counts: string): void {
  const full = Math.round((BAR_WIDTH * Math.min(done, all)) / all);
  const bar = "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
  terminal.live(`${bar} ${counts}`, String(Math.floor((10 * done) / all)));
}

const print = (value: object) => console.log(JSON.stringify(value, undefined, 2));
