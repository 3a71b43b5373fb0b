/**
 * What is known about each version: from CodeDeploy's own deployments, and from the marks that are kept
 * for what CodeDeploy does not see (a rollback by hand, the trial of a first version). Pure.
 */

/** A deployment, as far as releases look at it. */
export interface PastDeployment {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdMs: number;
  /** CodeDeploy's: Created, Queued, InProgress, Baking, Ready, Succeeded, Failed or Stopped. */
  readonly status: string;
  /** Whether CodeDeploy made it to roll another one back. */
  readonly rollsBack: boolean;
  readonly from: string;
  readonly to: string;
  /** Full name of the configuration, for example `CodeDeployDefault.LambdaAllAtOnce`. */
  readonly configName: string;
  /** CodeDeploy's error code. */
  readonly errorCode?: string | undefined;
  readonly errorMessage?: string | undefined;
}

/** Something that somebody, or a command, found out about a version. */
export interface ReleaseRecord {
  readonly version: string;
  /** The version's CodeSha256: a function that is deleted and made again starts at version 1 again. */
  readonly codeSha256: string;
  readonly outcome: "good" | "bad";
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
  /** ARN of who it was. */
  readonly by: string;
}

/** What is held of a version. */
export interface VersionStatus {
  readonly outcome: "good" | "bad";
  /** Completes "version 7 …". */
  readonly why: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

const OVER = ["Succeeded", "Failed", "Stopped"];
export const isActive = ({ status }: Pick<PastDeployment, "status">): boolean =>
  !OVER.includes(status);

/** Codes that blame the version. Others (a role, a limit, a stop by hand) say nothing about it. */
const VERSION_FAULTS = [
  "ALARM_ACTIVE",
  "HOOK_EXECUTION_FAILURE",
  "HEALTH_CONSTRAINTS",
  "CUSTOMER_APPLICATION_UNHEALTHY",
];

/** The standing of each version that anything is known about; the latest finding wins. */
export function statuses(
  deployments: readonly PastDeployment[],
  records: readonly ReleaseRecord[],
): ReadonlyMap<string, VersionStatus> {
  const findings: [version: string, status: VersionStatus][] = [
    ...deployments.flatMap(findingsOf),
    ...records.map(({ version, outcome, reason, at }): [string, VersionStatus] => [
      version,
      {
        outcome,
        why: `${outcome === "bad" ? "was marked bad" : "was found good"} on ${at.slice(0, 10)}: ${reason}`,
        atMs: Date.parse(at),
      },
    ]),
  ];
  return new Map(findings.sort(([, left], [, right]) => left.atMs - right.atMs));
}

function findingsOf(deployment: PastDeployment): [version: string, status: VersionStatus][] {
  const { id, createdMs, status, rollsBack, from, to, errorCode = "", errorMessage } = deployment;
  if (rollsBack) return [];
  const day = new Date(createdMs).toISOString().slice(0, 10);
  if (status === "Succeeded") {
    return [
      // It served until this release; what is known from before or after counts for more.
      [from, { outcome: "good", why: `served until deployment ${id}`, atMs: 0 }],
      [to, { outcome: "good", why: `was released on ${day} by deployment ${id}`, atMs: createdMs }],
    ];
  }
  if (!VERSION_FAULTS.includes(errorCode)) return [];
  const why = `failed deployment ${id} on ${day}: ${errorMessage ?? errorCode}`;
  return [[to, { outcome: "bad", why, atMs: createdMs }]];
}

/**
 * Where a rollback goes: the version that was found good last, but none that serves now, is bad or is gone.
 */
export function lastGood(
  known: ReadonlyMap<string, VersionStatus>,
  existing: readonly string[],
  current: string,
): string | undefined {
  const candidates = [...known]
    .filter(([version, { outcome }]) => {
      return outcome === "good" && version !== current && existing.includes(version);
    })
    // Of two of the same age the higher number is the younger.
    .sort(
      ([left, { atMs: leftMs }], [right, { atMs: rightMs }]) =>
        rightMs - leftMs || Number(right) - Number(left),
    );
  return candidates[0]?.[0];
}
