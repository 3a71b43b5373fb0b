/** What a release ends with: one verdict, one summary line, and the report for people and machines. Pure. */
import { type OfFunction, stackArgument } from "../support/function-argument.ts";
import { MINUTE_MS } from "../support/pace.ts";
import { count, duration, percent } from "../support/words.ts";
import type { Calls } from "./calls.ts";
import type { PastDeployment } from "./history.ts";
import { type Evidence, type Verdict, versionFailed, whyNot } from "./verdict.ts";

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
  /** Why it is no success. */
  readonly whyNotReleased: string | null;
  /** Whether the version itself failed; else what was to judge it did, or somebody stopped it. */
  readonly versionFailed: boolean;
  /** Why a failed version was tried again. */
  readonly reason: string | null;
  readonly alias: {
    readonly version: string;
    readonly weights: Readonly<Record<string, number>>;
  };
}

/** Everything that the report is made from. */
export interface ReleaseFacts extends OfFunction {
  readonly stack: string;
  readonly functionName: string;
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly rollback?: PastDeployment | undefined;
  readonly hook?: string | undefined;
  readonly changes: readonly string[];
  readonly calls: { readonly old: Calls; readonly new: Calls };
  /** By AWS's clock. */
  readonly endedMs: number;
  readonly reason?: string | undefined;
}

export function reportOf(facts: ReleaseFacts): ReleaseReport {
  const { evidence, verdict } = facts;
  const { shift, deployment, alias, calls, minimum } = evidence;
  return {
    stack: facts.stack,
    functionName: facts.functionName,
    verdict,
    summary: summaryOf(facts),
    from: deployment.from,
    to: deployment.to,
    changes: facts.changes,
    deploymentId: deployment.id,
    rollbackDeploymentId: facts.rollback?.id ?? null,
    configName: shift.configName,
    startedAt: new Date(deployment.createdMs).toISOString(),
    durationSeconds: Math.round((facts.endedMs - deployment.createdMs) / 100) / 10,
    calls: facts.calls,
    judgedBy: {
      real: calls.real,
      synthetic: calls.synthetic,
      minimum,
      hook: facts.hook ?? null,
    },
    whyNotReleased: verdict === "released" ? null : whyNot(evidence),
    versionFailed: verdict !== "released" && versionFailed(evidence),
    reason: facts.reason ?? null,
    alias: { version: alias.version, weights: alias.weights },
  };
}

function summaryOf(facts: ReleaseFacts): string {
  const { evidence, verdict, functionName, stack, endedMs } = facts;
  const { shift, deployment, alias, calls } = evidence;
  const took = duration((endedMs - deployment.createdMs) / MINUTE_MS);
  const rollback = `npm run rollback -- ${stackArgument(stack, facts)} --to ${deployment.from} --reason "…"`;
  switch (verdict) {
    case "released": {
      const judges =
        shift.windowMinutes === 0
          ? "judged by the pre-traffic hook"
          : `judged by ${calls.real} real and ${count(calls.synthetic, "synthetic call")}`;
      return `released: ${functionName} serves version ${alias.version} (before: ${deployment.from}), ${judges}, in ${took}`;
    }
    case "inconclusive":
      return `inconclusive: ${functionName} serves version ${alias.version}, which nothing has judged: ${whyNot(evidence)}; watch it, judge it again with --retry --reason "…", or go back: ${rollback}`;
    case "rolled back": {
      const what = versionFailed(evidence)
        ? `version ${deployment.to} did not pass: ${whyNot(evidence)}`
        : `version ${deployment.to} was not judged: ${whyNot(evidence)}`;
      return `rolled back: ${functionName} serves version ${alias.version} as before; ${what}`;
    }
    case "broken":
      break;
  }
  const weights = Object.entries(alias.weights).map(
    ([version, share]) => ` and sends ${percent(share)} to version ${version}`,
  );
  const where = `broken: ${functionName} is at version ${alias.version}${weights.join("")}`;
  return versionFailed(evidence)
    ? `${where}, and ${whyNot(evidence)}; go back: ${rollback}`
    : `${where}, and deployment ${deployment.id} ended as ${deployment.status}; put it right: ${rollback}`;
}

/** The report for a pull request or a step summary. */
export function markdownOf(report: ReleaseReport): string {
  const { calls, judgedBy, whyNotReleased, reason, changes } = report;
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
    ...optional("Why it is no success", whyNotReleased),
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
