/** What is wrong with how a stack is released and runs: a pure judgement of a snapshot of AWS's state. */
import { type OfFunction, stackArgument } from "../support/function-argument.ts";
import type { Finding } from "./check.ts";

export interface AlarmFact {
  readonly name: string;
  readonly state: "OK" | "ALARM" | "INSUFFICIENT_DATA" | "MISSING";
  /** Since when, milliseconds since 1970; 0 when it is missing. */
  readonly sinceMs: number;
  /** Whether it reads a metric that nothing emits although the function is called. */
  readonly blind?: boolean;
}

export interface ReleaseFacts extends OfFunction {
  readonly stack: string;
  readonly functionName: string;
  /** Absent when there is none. */
  readonly alias?: {
    readonly version: string;
    /** Shares of other versions, 0 to 1. */
    readonly weights: Readonly<Record<string, number>>;
  };
  /** The version that the last update published. */
  readonly newestVersion: string;
  /** Why a release would refuse the newest version, if it is known to be bad. */
  readonly newestIsBad?: string;
  /** The deployment that is under way. */
  readonly active?: { readonly id: string; readonly createdMs: number };
  readonly alarms: readonly AlarmFact[];
  /** Messages in the dead-letter queue, those in somebody's hands included; absent when there is no queue. */
  readonly deadLetters?: number;
  /** For example `nodejs22.x`. */
  readonly runtime?: string;
  /** What a release needs and what is not there, each as a noun phrase. */
  readonly missing: readonly string[];
  readonly nowMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The slowest shift takes 100 minutes and a hook may take an hour; what takes longer hangs. */
export const STUCK_MS = 3 * HOUR_MS;
/** A new alarm has looked at its first period long before. */
export const SILENT_MS = DAY_MS;
/** Time to move to another runtime without haste. */
const RUNTIME_NOTICE_MS = 180 * DAY_MS;

/** When Lambda stops patching a runtime (AWS's table of Lambda runtimes, read in November 2026). */
const RUNTIME_DEPRECATION: Readonly<Record<string, string>> = {
  "nodejs22.x": "2027-04-30",
  "nodejs24.x": "2028-04-30",
};

/** Everything that is wrong, what works least first. */
export function judgeRelease(facts: ReleaseFacts): Finding[] {
  const findings = [
    ...missingParts(facts),
    ...traffic(facts),
    ...alarms(facts),
    ...deadLetters(facts),
    ...runtime(facts),
  ];
  const rank = ({ severity }: Finding) => (severity === "error" ? 0 : 1);
  return findings.sort((left, right) => rank(left) - rank(right));
}

function missingParts({ stack, missing }: ReleaseFacts): Finding[] {
  return missing.map((part) => ({
    severity: "error",
    problem: `${part} is not there, so no release can work`,
    remedy: `pulumi up --stack ${stack}`,
  }));
}

function traffic(facts: ReleaseFacts): Finding[] {
  const { functionName, alias, active, newestVersion, newestIsBad, nowMs } = facts;
  const stack = stackArgument(facts.stack, facts);
  if (!alias) return [];
  const weighted = Object.entries(alias.weights);
  if (active) {
    const hours = (nowMs - active.createdMs) / HOUR_MS;
    if (nowMs - active.createdMs < STUCK_MS) return [];
    return [
      {
        severity: "error",
        problem: `deployment ${active.id} has been under way for ${hours.toFixed(0)} hours, and blocks every other`,
        remedy: `npm run rollback -- ${stack} --reason "deployment ${active.id} hangs"`,
      },
    ];
  }
  if (weighted.length > 0) {
    const shares = weighted.map(([version, share]) => `${share * 100} % to version ${version}`);
    return [
      {
        severity: "error",
        problem: `${functionName} still sends ${shares.join(", ")} although no deployment is under way; CodeDeploy starts none while it does`,
        remedy: `npm run rollback -- ${stack} --to ${alias.version} --reason "leftover weights"`,
      },
    ];
  }
  if (Number(alias.version) >= Number(newestVersion)) return [];
  const behind = `the alias${facts.functionId === undefined ? "" : ` of ${functionName}`} is at version ${alias.version}, and version ${newestVersion} was published`;
  return [
    newestIsBad === undefined
      ? {
          severity: "warning",
          problem: `${behind} but never released`,
          remedy: `npm run release -- ${stack}`,
        }
      : {
          severity: "warning",
          problem: `${behind} but ${newestIsBad}`,
          remedy: "fix it, deploy, and release that",
        },
  ];
}

function alarms({ stack, alarms, nowMs }: ReleaseFacts): Finding[] {
  return alarms.flatMap(({ name, state, sinceMs, blind }): Finding[] => {
    const since = new Date(sinceMs).toISOString().slice(0, 16).replace("T", " ");
    if (state === "MISSING") {
      return [
        {
          severity: "error",
          problem: `alarm ${name} is not there, so nothing would stop a bad release`,
          remedy: `pulumi up --stack ${stack}`,
        },
      ];
    }
    if (state === "ALARM") {
      return [
        {
          severity: "error",
          problem: `alarm ${name} has been red since ${since} UTC`,
          remedy: "follow its runbook in docs/operations.md",
        },
      ];
    }
    if (blind) {
      return [
        {
          severity: "warning",
          problem: `alarm ${name} reads a metric that nothing has emitted for two weeks, although the function is called: it can never fire`,
          remedy:
            "compare its dimensions with those that the function emits (aws cloudwatch list-metrics)",
        },
      ];
    }
    if (state === "INSUFFICIENT_DATA" && nowMs - sinceMs >= SILENT_MS) {
      return [
        {
          severity: "warning",
          problem: `alarm ${name} has had no data since ${since} UTC: it may read a metric that nothing emits`,
          remedy:
            "compare its dimensions with those that the function emits (aws cloudwatch list-metrics)",
        },
      ];
    }
    return [];
  });
}

function deadLetters({
  stack,
  functionId,
  functionName,
  deadLetters = 0,
}: ReleaseFacts): Finding[] {
  if (deadLetters === 0) return [];
  const are = deadLetters === 1 ? "1 dead letter waits" : `${deadLetters} dead letters wait`;
  return [
    {
      severity: "warning",
      problem: `${are} in the queue${functionId === undefined ? "" : ` of ${functionName}`}, which forgets them when their retention is over`,
      remedy: `npm run replay -- ${stackArgument(stack, { functionId })} --dry-run`,
    },
  ];
}

function runtime({ stack, runtime, nowMs }: ReleaseFacts): Finding[] {
  if (runtime === undefined) return [];
  const date = RUNTIME_DEPRECATION[runtime];
  const remedy = `set the config key runtime to a newer one: pulumi config set runtime … --stack ${stack}`;
  if (date === undefined) return [];
  const leftMs = Date.parse(date) - nowMs;
  if (leftMs > RUNTIME_NOTICE_MS) return [];
  return [
    leftMs <= 0
      ? {
          severity: "error",
          problem: `runtime ${runtime} has been deprecated since ${date}: Lambda patches it no more`,
          remedy,
        }
      : {
          severity: "warning",
          problem: `runtime ${runtime} will be deprecated on ${date}`,
          remedy,
        },
  ];
}
