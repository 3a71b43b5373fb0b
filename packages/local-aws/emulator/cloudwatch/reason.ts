/** Why an alarm is in its state, in CloudWatch's words, as in messages that AWS has sent. Pure. */
import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { breaches } from "./alarms.ts";
import type { AlarmState } from "./evaluation.ts";

const COMPARISONS: Readonly<Record<string, string>> = {
  GreaterThanThreshold: "greater than",
  GreaterThanOrEqualToThreshold: "greater than or equal to",
  LessThanThreshold: "less than",
  LessThanOrEqualToThreshold: "less than or equal to",
};

/** One data point, newest first in a list of them; without a value there is none. */
export interface Datapoint {
  readonly fromMs: number;
  readonly value: number | undefined;
}

/** The reason of a metric alarm's change, by the data points that it was judged by. */
export function changeReason(
  alarm: MetricAlarm,
  datapoints: readonly Datapoint[],
  { from, to }: { readonly from: AlarmState; readonly to: AlarmState },
): string {
  const { EvaluationPeriods: periods = 1, DatapointsToAlarm: needed = periods } = alarm;
  const known = datapoints.filter(({ value }) => value !== undefined).slice(0, periods);
  const missing = periods - known.length;
  const treated =
    missing === 0
      ? ""
      : ` and ${count(missing, "missing datapoint")} ${were(missing)} treated as [${TREATED[alarm.TreatMissingData ?? "missing"] ?? "Missing"}]`;
  if (known.length === 0) {
    return `Threshold Crossed: no datapoints were received for ${count(periods, "period")}${treated}.`;
  }
  // Those that decided it.
  const deciding = known.filter(({ value = 0 }) => breaches(alarm, value) === (to === "ALARM"));
  const shown = deciding.map(({ fromMs, value }) => `${decimal(value ?? 0)} (${day(fromMs)})`);
  const comparison = COMPARISONS[alarm.ComparisonOperator ?? ""] ?? "beyond";
  const crossed = `${to === "ALARM" ? "" : "not "}${comparison} the threshold (${decimal(alarm.Threshold ?? 0)})`;
  return `Threshold Crossed: ${shown.length} out of the last ${periods} datapoints [${shown.join(", ")}] ${were(shown.length)} ${crossed}${treated} (minimum ${count(needed, "datapoint")} for ${to === "ALARM" ? `${from} -> ALARM` : "ALARM -> OK"} transition).`;
}

const TREATED: Readonly<Record<string, string>> = {
  notBreaching: "NonBreaching",
  breaching: "Breaching",
  ignore: "Ignore",
  missing: "Missing",
};

const were = (number: number): string => (number === 1 ? "was" : "were");

const count = (number: number, thing: string): string =>
  `${number} ${thing}${number === 1 ? "" : "s"}`;

const decimal = (value: number): string =>
  Number.isInteger(value) ? value.toFixed(1) : String(value);

/** `25/11/26 18:40:00`. */
function day(ms: number): string {
  const [date = "", time = ""] = new Date(ms).toISOString().split("T");
  const [year = "", month, dayOfMonth] = date.split("-");
  return `${dayOfMonth}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}

/** The reason of a composite alarm's change: which of its alarms changed last. */
export function compositeReason(child: {
  readonly arn: string;
  readonly state: AlarmState;
  readonly changedMs: number;
}): string {
  const at = new Date(child.changedMs);
  const weekday = new Intl.DateTimeFormat("en", { weekday: "long", timeZone: "UTC" }).format(at);
  const month = new Intl.DateTimeFormat("en", { month: "long", timeZone: "UTC" }).format(at);
  const [date = "", time = ""] = at.toISOString().split("T");
  const [year, , dayOfMonth] = date.split("-");
  return `${child.arn} transitioned to ${child.state} at ${weekday} ${dayOfMonth} ${month}, ${year} ${time.slice(0, 8)} UTC`;
}
