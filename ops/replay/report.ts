/** What a replay says: one report, as text for people or JSON for machines. */
import { errorKey, type ErrorGroup, groupName } from "./dead-letter.ts";
import { type DrainResult, MAXIMUM_REACHED } from "./drain.ts";

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
  readonly failed: number;
  readonly failures: readonly FailureGroup[];
  readonly undeletedIds: readonly string[];
  readonly durationMs: number;
  readonly messagesPerSecond: number;
  readonly endedEarly?: string;
}

const EXAMPLES = 3;

export function reportOf(purpose: Purpose, result: DrainResult): ReplayReport {
  const { delivered, failed, undeletedIds, durationMs, endedEarly } = result;
  const groups = Map.groupBy(result.failures, ({ error }) => errorKey(error));
  const failures = [...groups]
    .map(([key, members]) => ({
      error: groupName(
        key,
        members.map(({ error }) => error),
      ),
      count: members.length,
      exampleIds: members.slice(0, EXAMPLES).map(({ id }) => id),
    }))
    .sort((a, b) => b.count - a.count);
  const messagesPerSecond =
    Math.round(((delivered + failed) / Math.max(durationMs, 1)) * 10_000) / 10;
  return {
    purpose,
    delivered,
    failed,
    failures,
    undeletedIds,
    durationMs: Math.round(durationMs),
    messagesPerSecond,
    ...(endedEarly === undefined ? {} : { endedEarly }),
  };
}

/** Whether everything that was asked for was done. */
export const isSuccess = ({ failed, endedEarly }: ReplayReport): boolean =>
  failed === 0 && (endedEarly === undefined || endedEarly === MAXIMUM_REACHED);

const DONE = { replay: "replayed", export: "exported" } as const;

/** The end of a run: why messages failed, and last the line that says what is true now. */
export function reportLines(report: ReplayReport): string[] {
  const { purpose, delivered, failed, failures, undeletedIds, endedEarly } = report;
  const lines = failures.map(
    ({ error, count, exampleIds }) =>
      `  ${count} × ${error} (for example ${exampleIds.join(", ")})`,
  );
  if (undeletedIds.length > 0) {
    lines.push(
      `  ${undeletedIds.length} succeeded but could not be deleted and may be replayed again: ${undeletedIds.slice(0, EXAMPLES).join(", ")}`,
    );
  }
  const seconds = (report.durationMs / 1000).toFixed(1);
  const back =
    failed === 0 ? "" : `; ${deadLetters(failed)} failed and ${isOrAre(failed)} in the queue`;
  const early = endedEarly === undefined ? "" : `; ended early: ${endedEarly}`;
  return [...lines, `${DONE[purpose]} ${deadLetters(delivered)} in ${seconds} s${back}${early}`];
}

/** The messages by error, the largest group first. */
export function groupLines(groups: readonly ErrorGroup[]): string[] {
  const width = String(groups[0]?.count ?? 0).length;
  return groups.map(
    ({ error, count, oldest, newest }) =>
      `  ${String(count).padStart(width)} × ${error} (${timeSpan(oldest, newest)})`,
  );
}

const minute = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace("T", " ");

function timeSpan(oldest: number, newest: number): string {
  const [from, to] = [minute(oldest), minute(newest)];
  return from === to ? `${from} UTC` : `${from} to ${to} UTC`;
}

export const deadLetters = (count: number): string =>
  count === 1 ? "1 message" : `${count} messages`;

const isOrAre = (count: number) => (count === 1 ? "is" : "are");
