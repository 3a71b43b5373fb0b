/** `npm run replay`: dead letters by error, and back to the function. */
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { GetAliasCommand } from "@aws-sdk/client-lambda";
import type { StackOutputs } from "../infra/outputs.ts";
import { Archive, archived } from "./replay/archive.ts";
import { type Clock, type Delivery, drain, type DrainResult } from "./replay/drain.ts";
import { importLetters, waitingIn } from "./replay/import.ts";
import { interruption } from "./replay/interruption.ts";
import { invoke } from "./replay/invoke.ts";
import { groupByError, isSelected, type Letter } from "./replay/letter.ts";
import { replayCommand, type ReplayOptions } from "./replay/options.ts";
import {
  groupLines,
  isSuccess,
  letters,
  type Purpose,
  reportLines,
  reportOf,
} from "./replay/report.ts";
import { SqsQueue } from "./replay/sqs-queue.ts";
import { survey } from "./replay/survey.ts";
import { type AwsClients, explaining, openStackAccount } from "./support/aws.ts";
import { Refused, run } from "./support/command.ts";
import { readStackOutputs } from "./support/stack-outputs.ts";
import { confirmed, openTerminal, type Terminal } from "./support/terminal.ts";

/** More letters than this are not looked at one by one before a replay. */
const SURVEY_MAX = 10_000;

const clock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal && { signal }).catch(() => {}),
};

interface Session {
  readonly options: ReplayOptions;
  readonly outputs: StackOutputs;
  readonly clients: AwsClients;
  readonly queue: SqsQueue;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

async function replay(options: ReplayOptions): Promise<void> {
  const terminal = openTerminal();
  const outputs = await readStackOutputs(options.stack);
  const clients = await openStackAccount(outputs);
  const queue = new SqsQueue(clients.sqs, outputs.deadLetterQueueUrl);
  terminal.say(
    `stack ${outputs.environment}, account ${outputs.accountId}, region ${outputs.region}, queue ${nameOf(outputs)}`,
  );
  const { signal, end } = interruption(() =>
    terminal.say("interrupted: finishing what has begun; interrupt again to stop at once"),
  );
  try {
    const session = { options, outputs, clients, queue, terminal, signal };
    await (options.import === undefined ? takeOut(session) : putBack(session, options.import));
  } finally {
    end();
  }
}

const nameOf = ({ deadLetterQueueUrl }: StackOutputs) => deadLetterQueueUrl.split("/").at(-1) ?? "";

/** Lists the letters, asks, and replays or exports them. */
async function takeOut(session: Session): Promise<void> {
  const { options, outputs, queue, terminal, signal } = session;
  const begun = Date.now();
  const found = await survey(queue, clock, SURVEY_MAX, signal);
  // Letters that fail again in asynchronous mode are new letters: without a bound the run would chase them.
  const until = options.asynchronous ? Math.min(begun, options.until ?? begun) : options.until;
  const selection = { ...options, ...(until === undefined ? {} : { until }) };
  const selected = found.letters.filter((letter) => isSelected(letter, selection));
  const groups = groupByError(selected);
  const many = `${found.more ? "more than " : ""}${letters(found.letters.length)}`;
  terminal.say(`${many} in the queue, ${selected.length} selected`);

  const purpose: Purpose = options.export === undefined ? "replay" : "export";
  const said = { stack: outputs.environment, purpose, selected: selected.length, groups };
  if (options.json && (options.dryRun || selected.length === 0)) print({ ...said, dryRun: true });
  else if (!options.json) for (const line of groupLines(groups)) terminal.say(line);
  if (options.dryRun || selected.length === 0 || signal.aborted) {
    terminal.say(selected.length === 0 ? "nothing to replay" : "nothing was replayed");
    return;
  }

  if (purpose === "replay") await refuseDuringRelease(session);
  const target = options.export ?? `${outputs.functionName}:${outputs.aliasName}`;
  const count = Math.min(selected.length, options.max);
  await confirmed(`${purpose} ${letters(count)} to ${target}?`, options.yes);

  const archive = options.export === undefined ? undefined : await Archive.open(options.export);
  const deliver = (letter: Letter) =>
    archive ? exportTo(archive, letter) : invokeWith(session, letter);
  const selects = (letter: Letter) => isSelected(letter, selection);
  const rate = archive ? Infinity : options.rate;
  let result: DrainResult;
  try {
    result = await drain({
      queue,
      clock,
      signal,
      selects,
      deliver,
      concurrency: options.concurrency,
      ratePerSecond: rate,
      max: options.max,
      maxFailuresInARow: options.maxFailures,
      progress: ({ delivered, failed }) => {
        const counts = `${delivered} of ${count} done, ${failed} failed`;
        showProgress(terminal, delivered + failed, count, counts);
      },
    });
  } finally {
    await archive?.close();
  }
  terminal.quiet();
  const report = reportOf(purpose, result);
  if (options.json) print({ ...said, ...report });
  else for (const line of reportLines(report)) console.log(line);
  if (!isSuccess(report)) process.exitCode = 1;
}

const invokeWith = ({ clients, outputs, options }: Session, letter: Letter): Promise<Delivery> => {
  const { functionName, aliasName } = outputs;
  const asynchronous = options.asynchronous ?? false;
  return invoke(clients.lambda, { functionName, aliasName, asynchronous }, letter);
};

async function exportTo(archive: Archive, letter: Letter): Promise<Delivery> {
  await archive.append(archived(letter));
  return { ok: true };
}

/** Old failures would count against the version that a canary is judging. */
async function refuseDuringRelease({ clients, outputs }: Session): Promise<void> {
  const { functionName, aliasName, environment } = outputs;
  const { RoutingConfig } = await clients.lambda.send(
    new GetAliasCommand({ FunctionName: functionName, Name: aliasName }),
  );
  if (Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {}).length > 0) {
    throw new Refused(
      `a release is shifting traffic of ${functionName}, and dead letters would count against it; wait for its end, or follow it: npm run release -- --stack ${environment}`,
    );
  }
}

/** Puts the letters of a file back into the queue. */
async function putBack(session: Session, path: string): Promise<void> {
  const { options, outputs, queue, terminal, signal } = session;
  const { all, rest } = await waitingIn(path);
  terminal.say(`${letters(all.length)} in ${path}, ${rest.length} to import`);
  const count = Math.min(rest.length, options.max);
  let done = 0;
  if (count > 0 && !options.dryRun) {
    await confirmed(`import ${letters(count)} into ${nameOf(outputs)}?`, options.yes);
    done = await importLetters({
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
  else console.log(`imported ${letters(done)}; ${left} of ${path} left`);
  if (signal.aborted) process.exitCode = 1;
}

function showProgress(terminal: Terminal, done: number, all: number, counts: string): void {
  const tenths = Math.floor((10 * done) / all);
  terminal.live(`${bar(done, all)} ${counts}`, String(tenths));
}

const BAR_WIDTH = 20;

function bar(done: number, all: number): string {
  const full = Math.round((BAR_WIDTH * Math.min(done, all)) / all);
  return "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
}

const print = (value: object) => console.log(JSON.stringify(value, undefined, 2));

const program = () => replayCommand().action(explaining(replay));

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await run(program());
