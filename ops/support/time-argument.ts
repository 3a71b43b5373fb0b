/** Times on the command line: one way to read them for every command, on every machine. */
import { type Command, InvalidArgumentError } from "commander";

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const DAY_MS = UNIT_MS.d;

/** What the help of an option says about its value. */
export const TIME_FORMS =
  "an age such as 90m, 2h or 7d, a time of the last day such as 14:05, or a date such as 2026-03-01 or 2026-03-01T14:05; UTC where no zone is given";

const AGE = /^(?:\d+(?:\.\d+)?[smhdw])+$/;
const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?:Z| ?UTC)?$/i;
const DATE =
  /^(?<day>\d{4}-\d{2}-\d{2})(?:[T ](?<clock>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?(?<zone>Z| ?UTC|[+-]\d{2}:?\d{2})?$/i;

/**
 * An age, a time of the last 24 hours or a date as milliseconds since 1970. Without a zone it is UTC, as all
 * times that the commands print, wherever they run.
 */
export function time(text: string, _previous?: unknown, now = Date.now()): number {
  const found = age(text, now) ?? clock(text, now) ?? date(text.trim());
  if (found === undefined || Number.isNaN(found))
    throw new InvalidArgumentError(`must be ${TIME_FORMS}`);
  return found;
}

function age(text: string, now: number): number | undefined {
  const compact = text.replaceAll(/\s+|\bago\b/g, "");
  if (!AGE.test(compact)) return undefined;
  const parts = [...compact.matchAll(/([\d.]+)([smhdw])/g)];
  return parts.reduce(
    (from, [, count, unit]) => from - Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS],
    now,
  );
}

/** The newest moment at which clocks showed this. */
function clock(text: string, now: number): number | undefined {
  const match = CLOCK.exec(text.trim());
  if (!match) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part || 0));
  const midnight = Math.floor(now / DAY_MS) * DAY_MS;
  const today = midnight + ((hours * 60 + minutes) * 60 + seconds) * 1000;
  return today > now ? today - DAY_MS : today;
}

function date(text: string): number | undefined {
  const { day, clock = "00:00", zone = "Z" } = DATE.exec(text)?.groups ?? {};
  if (day === undefined) return undefined;
  // JavaScript takes 30 February for 2 March.
  const midnight = Date.parse(`${day}T00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day)
    return undefined;
  const offset = /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(-2)}` : "Z";
  return Date.parse(`${day}T${clock}${offset}`);
}

/** Ends the command as wrong usage when a span of time ends before it begins, or lies ahead. */
export function refuseEmptySpan(
  command: Command,
  { since, until }: { readonly since: number; readonly until?: number | undefined },
  now = Date.now(),
): void {
  const shown = (timeMs: number): string => new Date(timeMs).toISOString();
  if (until !== undefined && since >= until) {
    command.error(
      `error: --since ${shown(since)} is not before --until ${shown(until)}; exchange them`,
      { exitCode: 2 },
    );
  }
  if (since > now) {
    command.error(`error: --since ${shown(since)} lies ahead; it is ${shown(now)} now`, {
      exitCode: 2,
    });
  }
}
