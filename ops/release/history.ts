/**
 * What is known about each version. Everything that counts is a record that a release or a rollback has written,
 * in the order of writing; nothing is deduced from how a deployment ended, and no clock is compared. Pure.
 */

/** A deployment, as far as releases look at it. */
export interface PastDeployment {
  readonly id: string;
  /** Milliseconds since 1970, by CodeDeploy's clock. */
  readonly createdMs: number;
  /** Absent while it is active. */
  readonly completedMs?: number | undefined;
  /** CodeDeploy's: Created, Queued, InProgress, Baking, Ready, Succeeded, Failed or Stopped. */
  readonly status: string;
  /** Whether CodeDeploy made it to roll another one back. */
  readonly rollsBack: boolean;
  readonly from: string;
  readonly to: string;
  /** Full name of the configuration, for example `CodeDeployDefault.LambdaAllAtOnce`. */
  readonly configName: string;
  /** As it was started with; holds the token of the command that started it. */
  readonly description: string;
  /** Alarms that it watches instead of its group's. */
  readonly alarmNames: readonly string[];
  /** CodeDeploy's error code. */
  readonly errorCode?: string | undefined;
  readonly errorMessage?: string | undefined;
}

/**
 * - `released`: it serves, and the hook and enough calls have judged it;
 * - `unjudged`: it serves, but nothing has judged it;
 * - `failed`: calls of its own failed;
 * - `guard failed`: what was to judge it did not work (hook, alarms, a missing right); says nothing about it;
 * - `stopped`: somebody stopped its release; says nothing about it;
 * - `rolled back`: somebody took its traffic away.
 */
export type Outcome =
  | "released"
  | "unjudged"
  | "failed"
  | "guard failed"
  | "stopped"
  | "rolled back";

/** What a command found out about a version, or did to it. */
export interface ReleaseRecord {
  readonly version: string;
  /** The version's CodeSha256: a function that is deleted and made again starts at version 1 again. */
  readonly codeSha256: string;
  readonly outcome: Outcome;
  /** In words. */
  readonly reason: string;
  /** The deployment that it is about. Absent for the trial of a first version. */
  readonly deploymentId?: string | undefined;
  /** The version that served before: it is known to have served. */
  readonly from?: string | undefined;
  /** Where a rollback went. */
  readonly to?: string | undefined;
  /** The line that the command ended with, for whoever runs it again. */
  readonly summary?: string | undefined;
  /** ISO 8601, by AWS's clock. For people: the order of the records is what counts. */
  readonly at: string;
  /** ARN of who it was. */
  readonly by: string;
}

/** What is held of a version. */
export interface VersionStatus {
  readonly outcome: "good" | "bad" | "unjudged";
  /** Completes "version 7 …". */
  readonly why: string;
  /** Grows with the age of the knowledge's record: larger is newer. */
  readonly order: number;
}

const OVER = ["Succeeded", "Failed", "Stopped"];
export const isActive = ({ status }: Pick<PastDeployment, "status">): boolean =>
  !OVER.includes(status);

/** What an outcome says about its version, if anything. */
const OF_OUTCOME: Readonly<Record<Outcome, [VersionStatus["outcome"], string] | undefined>> = {
  released: ["good", "was judged good"],
  unjudged: ["unjudged", "has not been judged"],
  failed: ["bad", "failed"],
  "rolled back": ["bad", "was rolled back"],
  "guard failed": undefined,
  stopped: undefined,
};

/** The status of each version that anything is known about; the last record that says something wins. */
export function statuses(records: readonly ReleaseRecord[]): ReadonlyMap<string, VersionStatus> {
  const known = new Map<string, VersionStatus>();
  records.forEach(({ version, outcome, reason, from, at }, index) => {
    if (from !== undefined && !known.has(from)) {
      const why = `served until ${at.slice(0, 10)}`;
      known.set(from, { outcome: "good", why, order: -1 });
    }
    const meaning = OF_OUTCOME[outcome];
    if (!meaning) return;
    const [status, words] = meaning;
    known.set(version, {
      outcome: status,
      why: `${words} on ${at.slice(0, 10)}: ${reason}`,
      order: index,
    });
  });
  return known;
}

/** The last record of a version, whatever it says. */
export const lastRecord = (
  records: readonly ReleaseRecord[],
  version: string,
): ReleaseRecord | undefined => records.findLast((record) => record.version === version);

/** Good versions but this one, the one that was found good last first. */
export const goodVersions = (
  known: ReadonlyMap<string, VersionStatus>,
  current: string,
): readonly string[] =>
  [...known]
    .filter(([version, { outcome }]) => outcome === "good" && version !== current)
    // Of two of the same age the higher number is the younger.
    .sort(
      ([left, { order: leftOrder }], [right, { order: rightOrder }]) =>
        rightOrder - leftOrder || Number(right) - Number(left),
    )
    .map(([version]) => version);

/** Where a rollback goes: the version that was found good last, but none that serves now, is bad or is gone. */
export const lastGood = (
  known: ReadonlyMap<string, VersionStatus>,
  existing: readonly string[],
  current: string,
): string | undefined => goodVersions(known, current).find((version) => existing.includes(version));
