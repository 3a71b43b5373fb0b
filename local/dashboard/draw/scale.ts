/** Axes: round numbers and round times, and how they are written. */

/** Maps values to pixels. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  readonly position: (value: number) => number;
}

/** An axis with about `count` round ticks, which begins with 0 unless a value is below it. */
export function valueScale(
  values: readonly number[],
  {
    min,
    max,
    count,
    length,
  }: { min?: number | undefined; max?: number | undefined; count: number; length: number },
): Scale {
  const least = min ?? Math.min(0, ...values);
  const most = max ?? Math.max(...values, least);
  const range = most > least ? most - least : Math.abs(least) || 1;
  // Half a message is none.
  const rounded = roundStep(range / count);
  const step = values.every(Number.isInteger) ? Math.ceil(rounded) : rounded;
  const from = min ?? Math.floor(least / step) * step;
  const to = max ?? Math.ceil((least + range) / step) * step;
  const ticks: number[] = [];
  for (let index = 0; index <= Math.round((to - from) / step); index++) {
    const tick = from + index * step;
    if (tick <= to + step / 1000) ticks.push(Number(tick.toPrecision(12)));
  }
  const position = (value: number) => length - ((value - from) / (to - from)) * length;
  return { from, to, ticks, position };
}

/** The next 1, 2, 2.5 or 5 times a power of ten. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 2.5, 5, 10].find((each) => each * power >= least * 0.999) ?? 10;
  return factor * power;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((each) => each * SECOND),
  ...[1, 2, 5, 10, 15, 20, 30].map((each) => each * MINUTE),
  ...[1, 2, 3, 6, 12].map((each) => each * HOUR),
  ...[1, 2, 7, 14, 28].map((each) => each * DAY),
] as const;

/** An axis of time, its ticks at round times of UTC, as many as have room. */
export function timeScale(fromMs: number, toMs: number, length: number, tickWidth: number): Scale {
  const room = Math.max(1, Math.floor(length / tickWidth));
  const range = Math.max(1, toMs - fromMs);
  const step = TIME_STEPS.find((each) => range / each <= room) ?? range;
  const ticks: number[] = [];
  for (let tick = Math.ceil(fromMs / step) * step; tick <= toMs; tick += step) ticks.push(tick);
  return {
    from: fromMs,
    to: toMs,
    ticks,
    position: (value) => ((value - fromMs) / range) * length,
  };
}

/** `14:05`, with seconds where the ticks are closer than a minute, with the date where they are days. */
export function timeText(ms: number, stepMs = MINUTE): string {
  const iso = new Date(ms).toISOString();
  if (stepMs >= DAY) return iso.slice(5, 10);
  return iso.slice(11, stepMs < MINUTE ? 19 : 16);
}

const MONTHS =
  "January February March April May June July August September October November December";

/** `12 March 2026`. */
export function dateText(ms: number): string {
  const date = new Date(ms);
  return `${date.getUTCDate()} ${MONTHS.split(" ")[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

const UNITS = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** A number as people read it on an axis: `0.05`, `350`, `1.2k`, `30M`. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 10_000) {
    const [unit = 1, letter = ""] = UNITS.find(([least]) => size >= least) ?? [];
    return `${trimmed(value / unit, 1)}${letter}`;
  }
  if (size >= 1000) return trimmed(value, 0).replace(/(\d)(\d{3})$/, "$1,$2");
  return trimmed(value, size >= 100 ? 0 : size >= 1 ? 2 : 4);
}

const trimmed = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

/** The same for a number that stands alone; 99.97 is not 100. */
export function numberText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return shortNumber(value);
  return size >= 100
    ? trimmed(value, 0)
    : size >= 1
      ? trimmed(value, 2)
      : String(Number(value.toPrecision(3)));
}
