import { InvalidArgumentError } from "commander";

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** An age or a date as milliseconds since 1970. */
export function time(text: string, _previous?: unknown, now = Date.now()): number {
  const age = /^(\d+)([smhd])$/.exec(text);
  if (age) return now - Number(age[1]) * UNIT_MS[age[2] as keyof typeof UNIT_MS];
  const date = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(date)) {
    throw new InvalidArgumentError(
      "must be an age such as 90m, 2h or 7d, or a date such as 2026-03-01 or 2026-03-01T12:00Z",
    );
  }
  return date;
}
