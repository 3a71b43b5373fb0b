/** What a release ends with: one verdict, one line of truth, and the report for people and machines. Pure. */
import type { Calls } from "./calls.ts";
import type { Followed } from "./follow.ts";
import { MINUTE_MS } from "../support/pace.ts";
import { answered, real } from "./traffic.ts";
import { count, duration, percent } from "../support/words.ts";

/**
 * - `released`: the new version serves, and something has judged it;
 * - `inconclusive`: it serves, but too few calls have judged it;
 * - `rolled back`: the old version serves;
 * - `broken`: the alias is not where it should be; somebody has to look.
 */
export type Verdict = "released" | "inconclusive" | "rolled back" | "broken";

export interface ReleaseReport {
  readonly stack: string;
  readonly functionName: string;
  readonly verdict: Verdict;
  /** One line: what is true now. */
  readonly summary: string;
  readonly from: string;
  readonly to: string;
  readonly changes: readonly string[];
  readonly deploymentId: string;
  readonly rollbackDeploymentId: string | null;
  readonly configName: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationSeconds: number;
  /** As CloudWatch counted them during the canary; it may be a minute or two late. */
  readonly calls: { readonly old: Calls; readonly new: Calls };
  /** Calls that judged the new version. */
  readonly judgedBy: {
    readonly real: number;
    readonly synthetic: number;
    readonly minimum: number;
    /** How the pre-traffic hook ended. */
    readonly hook: string | null;
  };
  readonly whyRolledBack: string | null;
  readonly overriddenAlarms: readonly string[];
  /** Why alarms were overridden or a failed version was tried again. */
  readonly reason: string | null;
  readonly alias: {
    readonly version: string;
    readonly weights: Readonly<Record<string, number>>;
  };
}

/** Everything that the report is made from. */
export interface ReleaseFacts {
  readonly stack: string;
  readonly functionName: string;
  readonly followed: Followed;
  /** What the pre-traffic hook finds wrong with the new version. */
  readonly hookFaults: readonly string[];
  readonly minimum: number;
  readonly changes: readonly string[];
  readonly calls: { readonly old: Calls; readonly new: Calls };
  readonly endedMs: number;
  readonly overriddenAlarms: readonly string[];
  readonly reason?: string | undefined;
}

export function reportOf(facts: ReleaseFacts): ReleaseReport {
  const { followed, minimum } = facts;
  const { shift, deployment, rollback, alias, calls } = followed;
  const verdict = verdictOf(followed, minimum);
  return {
    stack: facts.stack,
    functionName: facts.functionName,
    verdict,
    summary: summaryOf(verdict, facts),
    from: deployment.from,
    to: deployment.to,
    changes: facts.changes,
    deploymentId: deployment.id,
    rollbackDeploymentId: rollback?.id ?? null,
    configName: shift.configName,
    startedAt: new Date(deployment.createdMs).toISOString(),
    durationSeconds: Math.round((facts.endedMs - deployment.createdMs) / 100) / 10,
    calls: facts.calls,
    judgedBy: {
      real: real(calls),
      synthetic: calls.synthetic,
      minimum,
      hook: followed.hook ?? null,
    },
    whyRolledBack: deployment.status === "Succeeded" ? null : why(facts),
    overriddenAlarms: facts.overriddenAlarms,
    reason: facts.reason ?? null,
    alias: { version: alias.version, weights: alias.weights },
  };
}

/** The alias decides, not what the deployment says of itself. */
export function verdictOf(
  { shift, deployment, alias, calls, faults }: Followed,
  minimum: number,
): Verdict {
  if (Object.keys(alias.weights).length > 0) return "broken";
  if (deployment.status !== "Succeeded") {
    return alias.version === deployment.from ? "rolled back" : "broken";
  }
  // With faults: it was over before it could be stopped for what it answered.
  if (alias.version !== deployment.to || faults.length > 0) return "broken";
  const judged = shift.windowMinutes === 0 || answered(calls) >= minimum;
  return judged ? "released" : "inconclusive";
}

function why({ followed: { stoppedBecause, deployment }, hookFaults }: ReleaseFacts): string {
  if (stoppedBecause) return stoppedBecause;
  const said = deployment.errorMessage ?? deployment.errorCode ?? deployment.status;
  return hookFaults.length > 0 ? `${said} (${hookFaults.join("; ")})` : said;
}

function summaryOf(verdict: Verdict, facts: ReleaseFacts): string {
  const { followed, minimum, functionName, stack, endedMs } = facts;
  const { shift, deployment, alias, calls } = followed;
  const took = duration((endedMs - deployment.createdMs) / MINUTE_MS);
  switch (verdict) {
    case "released": {
      const judges =
        shift.windowMinutes === 0
          ? "judged by the pre-traffic hook"
          : `judged by ${real(calls)} real and ${count(calls.synthetic, "synthetic call")}`;
      return `released: ${functionName} serves version ${alias.version} (before: ${deployment.from}), ${judges}, in ${took}`;
    }
    case "inconclusive":
      return `inconclusive: ${functionName} serves version ${alias.version}, but ${count(answered(calls), "call")} of ${minimum} judged it; watch it, or go back: npm run rollback -- --stack ${stack} --reason "…"`;
    case "rolled back":
      return `rolled back: ${functionName} serves version ${alias.version} as before; version ${deployment.to} did not pass: ${why(facts)}`;
    case "broken":
      break;
  }
  const weights = Object.entries(alias.weights).map(
    ([version, share]) => ` and sends ${percent(share)} to version ${version}`,
  );
  return `broken: ${functionName} is at version ${alias.version}${weights.join("")}, and deployment ${deployment.id} ended as ${deployment.status}; put it right: npm run rollback -- --stack ${stack} --to ${deployment.from} --reason "…"`;
}

/** The report for a pull request or a step summary. */
export function markdownOf(report: ReleaseReport): string {
  const { calls, judgedBy, whyRolledBack, overriddenAlarms, reason, changes } = report;
  const rows: [string, string][] = [
    ["Function", `\`${report.functionName}\``],
    ["Versions", `${report.from} → ${report.to}`],
    [
      "Changed",
      changes.length > 0 ? changes.map(cell).join("<br>") : "nothing that is listed here",
    ],
    ["Shift", `\`${report.configName}\``],
    ["Duration", duration(report.durationSeconds / 60)],
    ["Pre-traffic hook", judgedBy.hook ?? "not known"],
    [
      "Judged by",
      `${judgedBy.real} real and ${judgedBy.synthetic} synthetic calls (at least ${judgedBy.minimum} in a canary)`,
    ],
    [`Version ${report.from} (old)`, tally(calls.old)],
    [`Version ${report.to} (new)`, tally(calls.new)],
    ...optional("Why it went back", whyRolledBack),
    ...optional("Alarms not watched", overriddenAlarms.join(", ")),
    ...optional("Reason given", reason),
    [
      "Deployments",
      [report.deploymentId, report.rollbackDeploymentId]
        .filter(Boolean)
        .map(String)
        .join(", then "),
    ],
  ];
  return [
    `### Release to ${report.stack}: ${report.verdict}`,
    "",
    cell(report.summary),
    "",
    "| | |",
    "|---|---|",
    ...rows.map(([what, value]) => `| ${what} | ${value} |`),
    "",
  ].join("\n");
}

const tally = ({ invocations, errors }: Calls): string =>
  `${count(invocations, "call")}, ${count(errors, "error")}`;

const optional = (what: string, value: string | null): [string, string][] =>
  value ? [[what, cell(value)]] : [];

/** Text that others wrote must not break out of its cell, nor become markup. */
const cell = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("|", "\\|")
    .replaceAll(/\s*\n\s*/g, " ");
