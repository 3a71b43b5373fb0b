/**
 * How CloudWatch judges an alarm by its delivered data points. Pure.
 *
 * Source: CloudWatch user guide, "Evaluating an alarm" and "Configuring how CloudWatch alarms treat missing
 * data": more periods are read than are needed, the newest real data points are used first, and missing ones
 * are filled in only where the real ones are too few.
 */

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** The part of an alarm that decides. */
export interface AlarmRule {
  /** N: periods that are judged. */
  readonly evaluationPeriods: number;
  /** M: data points among them that must breach. Default: all. */
  readonly datapointsToAlarm?: number | undefined;
  /** Default `missing`. */
  readonly treatMissingData?: string | undefined;
  /** Whether one data point breaches. */
  readonly breaches: (value: number) => boolean;
}

/**
 * Periods that are read beyond those that are needed. CloudWatch says that it reads more and that the number
 * depends on the period, and its examples show five for three.
 */
export const EXTRA_PERIODS = 2;

/** The state after one evaluation. `datapoints` has one entry a period, newest first, `undefined` where there is none. */
export function evaluateAlarm(
  rule: AlarmRule,
  datapoints: readonly (number | undefined)[],
  previous: AlarmState,
): AlarmState {
  const { evaluationPeriods, treatMissingData = "missing", breaches } = rule;
  const needed = rule.datapointsToAlarm ?? evaluationPeriods;
  const real = datapoints.filter((value) => value !== undefined).slice(0, evaluationPeriods);
  const breaching = real.filter(breaches).length;
  if (breaching >= needed) return "ALARM";
  const missing = evaluationPeriods - real.length;
  if (missing === 0) return "OK";
  const [newest] = real;
  switch (treatMissingData) {
    case "notBreaching":
      return "OK";
    case "breaching":
      return breaching + missing >= needed ? "ALARM" : "OK";
    case "ignore":
      return newest !== undefined && !breaches(newest) ? "OK" : previous;
    default:
      if (newest === undefined) return "INSUFFICIENT_DATA";
      // What is there decides: a lone breach with nothing newer is an alarm.
      return breaching === real.length ? "ALARM" : "OK";
  }
}
