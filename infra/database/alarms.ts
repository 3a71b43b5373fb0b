/** What is watched of the table and of the changes that it publishes. Runbooks: docs/operations.md#runbooks. */
import type { Scope } from "../names.ts";
import { type Alarm, math, watch } from "../observability/alarms.ts";
import { iteratorAge } from "../sources/alarms.ts";
import { operationMetric, OPERATIONS, tableMetric } from "./metrics.ts";
import { changesBus, type DatabaseSettings } from "./settings.ts";

type Facts = Scope & DatabaseSettings;

/** Refused requests within five minutes; a few are DynamoDB's own while it splits a partition. */
const THROTTLES = 10;
/** Percent of a brake from which it is about to refuse. */
const BRAKE_PERCENT = 80;
/** Errors of DynamoDB's own within five minutes; the client tries each again. */
const SYSTEM_ERRORS = 5;
/** Subscribers wait for news that is older than this: ten minutes. */
export const BEHIND_MS = 600_000;

export const databaseAlarms = (facts: Facts): Readonly<Record<string, Alarm>> => ({
  ...throttles(facts),
  ...capacity(facts),
  ...systemErrors(facts),
  ...(changesBus(facts) !== undefined && changesBehind(facts)),
});

const throttles = (facts: Facts): Readonly<Record<string, Alarm>> => ({
  "table-throttles": {
    severity: "P3",
    runbook: "table-throttles",
    meaning: `DynamoDB refused ${THROTTLES} or more requests to the table within five minutes, for there were too many.`,
    rule: math(
      "Refused requests",
      "FILL(reads, 0) + FILL(writes, 0)",
      {
        reads: [tableMetric(facts, "ReadThrottleEvents"), "Sum"],
        writes: [tableMetric(facts, "WriteThrottleEvents"), "Sum"],
      },
      { atLeast: THROTTLES, window: 300 },
    ),
  },
});

function capacity(facts: Facts): Readonly<Record<string, Alarm>> {
  const brakes = [
    {
      id: "writes",
      perSecond: facts.databaseMaxWriteUnitsPerSecond,
      consumed: tableMetric(facts, "ConsumedWriteCapacityUnits"),
    },
    {
      id: "reads",
      perSecond: facts.databaseMaxReadUnitsPerSecond,
      consumed: tableMetric(facts, "ConsumedReadCapacityUnits"),
    },
  ].filter(({ perSecond }) => perSecond > 0);
  if (brakes.length === 0) return {};
  const shares = brakes.map(({ id, perSecond }) => `100 * FILL(${id}, 0) / ${perSecond * 60}`);
  return {
    "table-capacity": {
      severity: "P4",
      runbook: "table-throttles",
      meaning: `The table used ${BRAKE_PERCENT} % of what config lets it in three of five minutes.`,
      rule: math(
        "Used units in percent of the brake",
        shares.length > 1 ? `MAX([${shares.join(", ")}])` : shares.join(""),
        Object.fromEntries(brakes.map(({ id, consumed }) => [id, [consumed, "Sum"] as const])),
        { atLeast: BRAKE_PERCENT, window: 60, windows: 5, datapoints: 3 },
      ),
    },
  };
}

const systemErrors = (facts: Facts): Readonly<Record<string, Alarm>> => ({
  "table-errors": {
    severity: "P2",
    runbook: "table-errors",
    meaning: `DynamoDB failed ${SYSTEM_ERRORS} or more requests to the table within five minutes by a fault of its own.`,
    rule: math(
      "Failed requests",
      OPERATIONS.map((operation) => `FILL(${idOf(operation)}, 0)`).join(" + "),
      Object.fromEntries(
        OPERATIONS.map((operation) => [
          idOf(operation),
          [operationMetric(facts, "SystemErrors", operation), "Sum"] as const,
        ]),
      ),
      { atLeast: SYSTEM_ERRORS, window: 300 },
    ),
  },
});

/** CloudWatch's ids begin with a lower-case letter. */
const idOf = (operation: string): string => operation.charAt(0).toLowerCase() + operation.slice(1);

/** Of all streams of the function, as Lambda counts it; later than this one, the others ring by themselves. */
const changesBehind = (scope: Scope): Readonly<Record<string, Alarm>> => ({
  "changes-behind": {
    severity: "P3",
    runbook: "changes-behind",
    meaning: "Changes of the table are published more than ten minutes late.",
    rule: watch(iteratorAge(scope), "Maximum", { above: BEHIND_MS, window: 300 }),
  },
});
