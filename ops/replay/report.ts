/** What a replay says: one report, as text for people or JSON for machines. */
import { count } from "../support/words.ts";
import { type DrainResult, type Failure, MAXIMUM_REACHED } from "./drain.ts";
import { type ErrorGroup, membersByError } from "./error-groups.ts";
import type { Unseen } from "./unseen.ts";
import { unseenLine } from "./unseen.ts";

/** What the messages were taken out of the queue for. */
export type Purpose = "replay" | "export";

export interface FailureGroup {
  readonly error: string;
  readonly count: number;
  /** A few message ids, to find the messages by. */
  readonly exampleIds: readonly string[];
}

export interface ReplayReport {
  readonly purpose: Purpose;
  /** Replayed with success, or exported. */
  readonly delivered: number;
  /** Failed again, and are in the queue again. */
  readonly failed: number;
  readonly failures: readonly FailureGroup[];
  /** Hold nothing that the function could be invoked with. */
  readonly unsendable: number;
  readonly unsendables: readonly FailureGroup[];
  /** Not tried, because others with the same error failed again. */
  readonly heldBack: number;
  readonly undeletedIds: readonly string[];
  /** Cut off by an interruption: they may have succeeded. */
  readonly unknownIds: readonly string[];
  /** In another reader's hands all the time. */
  readonly invisible: number;
  /** ISO 8601; absent when none is. */
  readonly invisibleUntil?: string;
  readonly durationMs: number;
  readonly messagesPerSecond: number;
  readonly endedEarly?: string;
}

const EXAMPLES = 3;

export function reportOf(purpose: Purpose, result: DrainResult, unseen: Unseen): ReplayReport {
  const { delivered, failed, unsendable, heldBack, durationMs, endedEarly } = result;
  return {
    purpose,
    delivered,
    failed,
    failures: grouped(result.failures),
    unsendable,
    unsendables: grouped(result.unsendables),
    heldBack,
    undeletedIds: result.undeletedIds,
    unknownIds: result.unknownIds,
    ...invisibleOf(unseen),
    durationMs: Math.round(durationMs),
    messagesPerSecond: Math.round(((delivered + failed) / Math.max(durationMs, 1)) * 10_000) / 10,
    ...(endedEarly === undefined ? {} : { endedEarly }),
  };
}

export const invisibleOf = ({ count, backMs }: Unseen) => ({
  invisible: count,
  ...(count > 0 && { invisibleUntil: new Date(backMs).toISOString() }),
});

function grouped(failures: readonly Failure[]): FailureGroup[] {
  return membersByError(failures)
    .map(({ error, members }) => ({
      error,
      count: members.length,
      exampleIds: members.slice(0, EXAMPLES).map(({ id }) => id),
    }))
    .sort((a, b) => b.count - a.count);
}

/** Whether everything that was asked for was done. */
export const isSuccess = (report: ReplayReport): boolean =>
  report.failed + report.unsendable + report.heldBack + report.invisible === 0 &&
  report.unknownIds.length === 0 &&
  (report.endedEarly === undefined || report.endedEarly === MAXIMUM_REACHED);

const DONE = { replay: "replayed", export: "exported" } as const;

/** The end of a run: why messages failed, and last the line that sums it up. */
export function reportLines(report: ReplayReport, unseen: Unseen): string[] {
  const { purpose, delivered, failed, unsendable, heldBack, endedEarly } = report;
  const lines = [...report.failures, ...report.unsendables].map(
    ({ error, count, exampleIds }) =>
      `  ${count} × ${error} (for example ${exampleIds.join(", ")})`,
  );
  const notes: [number, string][] = [
    [
      unsendable,
      `${deadLetters(unsendable)} can never be sent as they are; move them aside with --export`,
    ],
    [
      heldBack,
      `${deadLetters(heldBack)} not tried, because those with the same error before them failed again; to try them all, raise --max-failures`,
    ],
    [
      report.undeletedIds.length,
      `${report.undeletedIds.length} succeeded but could not be deleted and may be replayed again: ${examples(report.undeletedIds)}`,
    ],
    [
      report.unknownIds.length,
      `${report.unknownIds.length} were cut off and may have succeeded; they come back by themselves: ${examples(report.unknownIds)}`,
    ],
    [unseen.count, unseenLine(unseen)],
  ];
  for (const [number, note] of notes) if (number > 0) lines.push(`  ${note}`);
  const seconds = (report.durationMs / 1000).toFixed(1);
  const left = failed + unsendable + heldBack;
  const back = left === 0 ? "" : `; ${deadLetters(left)} left in the queue (${failed} failed)`;
  const early = endedEarly === undefined ? "" : `; ended early: ${endedEarly}`;
  return [...lines, `${DONE[purpose]} ${deadLetters(delivered)} in ${seconds} s${back}${early}`];
}

const examples = (ids: readonly string[]) => ids.slice(0, EXAMPLES).join(", ");

/** Most groups to list: an unknown kind of id would otherwise fill the screen. */
const MOST_GROUPS = 20;

/** The messages by error, the largest group first. */
export function groupLines(groups: readonly ErrorGroup[]): string[] {
  const width = String(groups[0]?.count ?? 0).length;
  const lines = groups
    .slice(0, MOST_GROUPS)
    .map(
      ({ error, count, oldest, newest }) =>
        `  ${String(count).padStart(width)} × ${error} (${timeSpan(oldest, newest)})`,
    );
  const more = groups.length - lines.length;
  return more > 0 ? [...lines, `  and ${more} more errors; --json lists all`] : lines;
}

const minute = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace("T", " ");

function timeSpan(oldest: number, newest: number): string {
  const [from, to] = [minute(oldest), minute(newest)];
  return from === to ? `${from} UTC` : `${from} to ${to} UTC`;
}

export const deadLetters = (number: number): string => count(number, "message");
