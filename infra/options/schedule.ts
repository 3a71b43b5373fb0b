/**
 * Cron expressions as AWS takes them: minute, hour, day of the month, month, day of the week, year (Application Auto
 * Scaling User Guide, "Schedule recurring scaling actions using cron expressions"; EventBridge Scheduler User Guide,
 * "Schedule types"). Pure.
 */
import { Cron } from "croner";

/** What is wrong with an expression, as a clause that follows its text; `undefined` when it fires. */
export function scheduleFault(expression: string, timeZone: string): string | undefined {
  const fields = expression.trim().split(/\s+/);
  const [minute, hour, day, month, weekday, year] = fields;
  if (fields.length !== 6 || weekday === undefined) {
    return `has ${fields.length} fields; write six: minute hour day-of-month month day-of-week year`;
  }
  if ((day === "?") === (weekday === "?")) {
    return "must have ? as either its day of the month or its day of the week, and not as both";
  }
  // One that fires for some years only would be a fault of its config one day, with no change of it.
  if (year !== "*") return "must have * as its year";
  // The number behind # is no day, and a step behind / neither.
  if (/(?<![#/\d])(?:[089]|\d\d)/.test(weekday)) {
    return "has a day of the week that is none; AWS counts from Sunday, 1, to Saturday, 7";
  }
  // `L` alone is the last day of the week.
  const days = weekday === "L" ? "SAT" : weekday;
  const text = ["0", minute, hour, day, month, days, "*"].join(" ");
  try {
    const next = new Cron(text, { ...AWS_CRON, timezone: timeZone, paused: true }).nextRun();
    return next === null ? "never fires" : undefined;
  } catch (error) {
    return `is no cron expression (${reasonOf(error)})`;
  }
}

/** AWS counts the days of the week from Sunday, 1, and writes steps from a value: 0/15. */
const AWS_CRON = {
  mode: "7-part",
  alternativeWeekdays: true,
  sloppyRanges: true,
  domAndDow: true,
} as const;

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/^Cron\w+: /, "") : String(error);

/** Whether it is an IANA name that JavaScript knows, and AWS with it; an offset such as +01:00 is none. */
export function isTimeZone(name: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    return !/^[+-]/.test(timeZone);
  } catch {
    return false;
  }
}
