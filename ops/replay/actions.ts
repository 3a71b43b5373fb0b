/** What `npm run replay` does: takes messages out of the queue, or puts those of a file back. */
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { AwsClients } from "../support/aws.ts";
import { minuteMs } from "../support/pace.ts";
import { confirmed, type Terminal } from "../support/terminal.ts";
import { Archive, archived } from "./archive.ts";
import { invokingClient, streamsClient } from "./clients.ts";
import { systemClock } from "./clock.ts";
import { isSendable } from "./dead-letter.ts";
import { drain, type Counts, type DrainOptions, type DrainResult } from "./drain.ts";
import { groupByError, isSelected, type Selection } from "./error-groups.ts";
import { importDeadLetters, waitingIn } from "./import.ts";
import { invoke, timeoutOf } from "./invoke.ts";
import type { ReplayOptions } from "./options.ts";
import {
  deadLetters,
  groupLines,
  invisibleOf,
  isSuccess,
  type Purpose,
  reportLines,
  reportOf,
} from "./report.ts";
import { sendBack } from "./send-back.ts";
import type { ReplayQueue } from "./sources.ts";
import type { SqsQueue } from "./sqs-queue.ts";
import { readBatch, streamBatchOf } from "./stream-batch.ts";
import { survey } from "./survey.ts";
import { underWatch } from "./under-watch.ts";
import { type Depth, type Unseen, unseenLine, unseenOf } from "./unseen.ts";

/** More messages than this are not listed one by one before a replay. */
const SURVEY_MAX = 10_000;
/** A survey that is killed leaves its messages hidden for so long; renewed while it goes on. */
const SURVEY_HIDDEN_SECONDS = 30;

export interface Session {
  readonly options: ReplayOptions;
  readonly outputs: StackOutputs;
  readonly clients: AwsClients;
  readonly sqs: SQSClient;
  /** The queue, and where what is in it goes back to. */
  readonly from: ReplayQueue;
  readonly queue: SqsQueue;
  readonly queueName: string;
  readonly terminal: Terminal;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** With `--json`: what is printed at the end. */
  readonly print: (document: object) => void;
}

/** What is in the queue before anything is done. */
interface Listing {
  readonly selected: number;
  /** Of those: what holds nothing that the function could be invoked with. */
  readonly unsendable: number;
  readonly groups: ReturnType<typeof groupByError>;
  readonly before: Depth;
  readonly beforeMs: number;
  readonly unseen: Unseen;
}

/** Lists the messages, asks, and replays or exports them. */
export async function takeOut(session: Session): Promise<void> {
  const { options, outputs, terminal, signal, from, print } = session;
  const purpose = options.export === undefined ? "replay" : "export";
  const selection = selectionOf(options, Date.now());
  const listing = await list(session, selection);
  const { selected, unsendable, groups, unseen } = listing;
  const shown = { stack: outputs.environment, purpose, selected, unsendable, groups };
  if (signal.aborted || selected === 0 || options.dryRun) {
    if (options.json) print({ ...shown, ...invisibleOf(unseen), dryRun: true });
    terminal.say(nothingDone(session, purpose, listing));
    if (signal.aborted || (selected === 0 && unseen.count > 0)) process.exitCode = 1;
    return;
  }
  const target =
    options.export ??
    from.sourceUrl?.split("/").at(-1) ??
    `${outputs.functionName}:${outputs.aliasName}`;
  const count = Math.min(purpose === "replay" ? selected - unsendable : selected, options.max);
  // Of a group of a FIFO queue nobody sees more than the first messages before those are gone.
  const atLeast = from.fifo && count < options.max ? "at least " : "";
  await confirmed(`${purpose} ${atLeast}${deadLetters(count)} to ${target}?`, options.yes);

  const common = drainOptions(session, selection, count);
  const result = await (options.export === undefined
    ? replaying(session, common)
    : exporting(options.export, common));
  const seen = result.delivered + result.failed + result.passedOver + result.heldBack;
  const left = unseenOf(listing.before, listing.beforeMs, seen + result.unsendable);
  // Of an unfinished run nobody can say what it would have come across.
  const unseenNow = result.endedEarly === undefined ? left : { ...left, count: 0 };
  const report = reportOf(purpose, result, unseenNow);
  terminal.quiet();
  if (options.json) print({ ...shown, ...report });
  else for (const line of reportLines(report, unseenNow)) console.log(line);
  if (!isSuccess(report)) process.exitCode = 1;
}

function nothingDone({ signal }: Session, purpose: Purpose, { selected, unseen }: Listing): string {
  if (signal.aborted) return "interrupted; nothing was done";
  if (selected > 0) return "nothing was done";
  return unseen.count > 0
    ? `nothing to ${purpose} can be seen now; run the command again then`
    : `nothing to ${purpose}`;
}

/** Messages that fail again in asynchronous mode are new ones: without a bound the run would chase them. */
const selectionOf = ({ asynchronous, until, ...rest }: ReplayOptions, now: number): Selection =>
  asynchronous
    ? { ...rest, until: Math.min(now, until ?? now) }
    : { ...rest, ...(until !== undefined && { until }) };

async function list(session: Session, selection: Selection): Promise<Listing> {
  const { options, queue, terminal, signal } = session;
  const before = await queue.depth(signal);
  const beforeMs = Date.now();
  const found = await survey(queue.hidingFor(SURVEY_HIDDEN_SECONDS), systemClock, SURVEY_MAX, {
    signal,
    progress: (seen) => terminal.live(`${deadLetters(seen)} seen`, String(Math.floor(seen / 1000))),
  });
  const meant = found.deadLetters.filter((deadLetter) => isSelected(deadLetter, selection));
  const unsendable = meant.filter(({ sendable }) => !sendable).length;
  const groups = groupByError(meant);
  const unseen = unseenOf(before, beforeMs, found.more ? 0 : found.deadLetters.length);
  const many = `${found.more ? "more than " : ""}${deadLetters(found.deadLetters.length)}`;
  terminal.say(`${many} in the queue, ${meant.length} selected`);
  if (!options.json) for (const line of groupLines(groups)) terminal.say(line);
  if (unseen.count > 0) terminal.say(unseenLine(unseen));
  return { selected: meant.length, unsendable, groups, before, beforeMs, unseen };
}

/** Everything of a drain but what is done with a message. */
function drainOptions(
  { options, from, queue, terminal, signal }: Session,
  selection: Selection,
  count: number,
): Omit<DrainOptions, "deliver"> {
  return {
    queue,
    clock: systemClock,
    signal,
    selects: (deadLetter) => isSelected(deadLetter, selection),
    // One after the other keeps the order of each group.
    concurrency: from.fifo ? 1 : options.concurrency,
    ratePerSecond: options.rate,
    max: options.max,
    maxFailuresInARow: options.maxFailures,
    progress: progressOn(terminal, count),
  };
}

async function replaying(
  session: Session,
  common: Omit<DrainOptions, "deliver">,
): Promise<DrainResult> {
  const { clients, outputs, options, signal, from } = session;
  const deliver = await delivery(session);
  let counts: Pick<Counts, "delivered" | "failed"> = { delivered: 0, failed: 0 };
  const watch = {
    clients,
    outputs,
    clock: systemClock,
    minuteMs: minuteMs(),
    // A queue delivers by itself later, and again, as Lambda does.
    asynchronous: options.asynchronous ?? from.sourceUrl !== undefined,
    signal,
    counts: () => counts,
  };
  return underWatch(watch, (released) =>
    drain({
      ...common,
      signal: AbortSignal.any([signal, released]),
      // A queue takes whatever was in it, JSON or not.
      unsendable: (deadLetter) =>
        from.sourceUrl !== undefined || isSendable(deadLetter) ? undefined : deadLetter.error,
      deliver,
      progress: (now) => {
        counts = now;
        common.progress?.(now);
      },
    }),
  );
}

/** How one message is delivered: to the queue that gave it up, else by calling the function. */
async function delivery({
  clients,
  outputs,
  options,
  signal,
  sqs,
  from,
}: Session): Promise<DrainOptions["deliver"]> {
  const { sourceUrl, fifo } = from;
  if (sourceUrl !== undefined) {
    return (deadLetter, abandoned) => sendBack(sqs, { sourceUrl, fifo }, deadLetter, abandoned);
  }
  const { functionName, aliasName, region } = outputs;
  const target = { functionName, aliasName, asynchronous: options.asynchronous ?? false };
  const timeoutSeconds = await timeoutOf(clients.lambda, target, signal);
  const lambda = invokingClient(region, options.concurrency, timeoutSeconds);
  const streams = streamsClient(region);
  return async (deadLetter, abandoned) => {
    const batch = deadLetter.event === undefined ? streamBatchOf(deadLetter.body) : undefined;
    if (!batch) return invoke(lambda, target, deadLetter, abandoned);
    const event = await readBatch(streams, batch, abandoned);
    const error = event === undefined ? "the stream has dropped these records" : deadLetter.error;
    return invoke(lambda, target, { event, error }, abandoned);
  };
}

async function exporting(
  path: string,
  common: Omit<DrainOptions, "deliver">,
): Promise<DrainResult> {
  const archive = await Archive.open(path);
  try {
    return await drain({
      ...common,
      // A file needs no sparing, and writes what comes at the same time at once.
      ratePerSecond: Infinity,
      concurrency: EXPORT_CONCURRENCY,
      deliver: async (deadLetter) => {
        await archive.append(archived(deadLetter));
        return { ok: true };
      },
    });
  } finally {
    await archive.close();
  }
}

const EXPORT_CONCURRENCY = 100;

/** Puts the messages of a file back into the queue. */
export async function putBack(session: Session, path: string): Promise<void> {
  const { options, outputs, from, queue, queueName, terminal, signal, print } = session;
  const queueUrl = from.url;
  const { all, rest, cutOff } = await waitingIn(path, queueUrl);
  if (cutOff) {
    terminal.say(
      `the last line of ${path} is cut off and left out; if a run was killed there, its message is still in the queue`,
    );
  }
  const before = all.length - rest.length;
  terminal.say(
    `${deadLetters(all.length)} in ${path}, ${before > 0 ? `${before} imported before, ` : ""}${rest.length} to import`,
  );
  const count = Math.min(rest.length, options.max);
  let done = { imported: 0, refused: [] as readonly { id: string; error: string }[] };
  if (count > 0 && !options.dryRun) {
    await confirmed(`import ${deadLetters(count)} into ${queueName}?`, options.yes);
    done = await importDeadLetters({
      queue,
      path,
      queueUrl,
      max: options.max,
      signal,
      progress: (sent) => showProgress(terminal, sent, count, `${sent} of ${count}`),
    });
  }
  terminal.quiet();
  const { imported, refused } = done;
  const left = rest.length - imported;
  if (options.json) {
    print({ stack: outputs.environment, purpose: "import", imported, refused, left });
  } else {
    for (const { id, error } of refused) console.log(`  ${id} was not taken: ${error}`);
    const how = options.dryRun ? "nothing was done" : `imported ${deadLetters(imported)}`;
    console.log(`${how}; ${left} of ${path} left`);
  }
  if (signal.aborted || refused.length > 0) process.exitCode = 1;
}

const BAR_WIDTH = 20;
/** Often enough for an eye; a thousand lines a second would only cost time. */
const PROGRESS_EVERY_MS = 100;

function progressOn(terminal: Terminal, all: number): (counts: Counts) => void {
  let shownMs = -Infinity;
  return ({ delivered, failed, unsendable, heldBack }) => {
    const done = delivered + failed;
    const nowMs = performance.now();
    if (done < all && nowMs - shownMs < PROGRESS_EVERY_MS) return;
    shownMs = nowMs;
    const others = [
      ...(unsendable > 0 ? [`${unsendable} cannot be sent`] : []),
      ...(heldBack > 0 ? [`${heldBack} held back`] : []),
    ];
    const counts = [`${delivered} of ${all} done`, `${failed} failed`, ...others].join(", ");
    showProgress(terminal, done, all, counts);
  };
}

/** A bar on a terminal; elsewhere a line for every tenth. */
function showProgress(terminal: Terminal, done: number, all: number, counts: string): void {
  const share = Math.min(1, done / Math.max(1, all));
  const full = Math.round(BAR_WIDTH * share);
  const bar = "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
  terminal.live(`${bar} ${counts}`, String(Math.floor(10 * share)));
}
