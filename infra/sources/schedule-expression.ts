/** Expressions of EventBridge Scheduler. Pure. */
import { scheduleFault as cronFault } from "../options/schedule.ts";

const RATE = /^rate\((\d+) (minute|hour|day)(s?)\)$/;
const CRON = /^cron\((.+)\)$/;

/** What is wrong with an expression in a time zone, as a clause that follows it; `undefined` when it fires. */
export function expressionFault(expression: string, timeZone: string): string | undefined {
  const rate = RATE.exec(expression);
  if (rate) {
    const [, number = "", , plural] = rate;
    if (Number(number) < 1) return "must have a rate of 1 or more";
    return (Number(number) === 1) === (plural === "")
      ? undefined
      : "must be written as rate(1 minute), but rate(5 minutes); the same for hours and days";
  }
  const [, fields] = CRON.exec(expression) ?? [];
  return fields === undefined
    ? "must be such as rate(5 minutes) or cron(0 3 * * ? *)"
    : cronFault(fields, timeZone);
}
