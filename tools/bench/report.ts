/** The benchmark's results as text and as a picture. Pure. */
import type { Cold } from "./measure.ts";
import { BASELINE, OURS } from "./variants.ts";

export interface Results {
  /** Where and how: processor, Node, throttle, runs, load of the machine before. */
  readonly conditions: readonly string[];
  readonly cold: readonly Cold[];
  /** Microseconds a warm call by variant. */
  readonly warmMicros: Readonly<Record<string, number>>;
  readonly zipBytes: Readonly<Record<string, number>>;
  /** Our microseconds a warm call by bytes of payload. */
  readonly payload: readonly { readonly bytes: number; readonly micros: number }[];
  /** Our milliseconds a call by calls in a row, from the first one on, through the client. */
  readonly rows: readonly { readonly calls: number; readonly ms: number }[];
}

/** What this project promises of its handler; docs/handler.md says why. */
export const BARS = {
  coldRatio: { 256: 1.65, 512: 1.55 } as Readonly<Record<number, number>>,
  warmMicros: 100,
  zipBytes: 14 * 1024,
  residentMb: 6,
} as const;

const memories = (cold: readonly Cold[]): number[] => [...new Set(cold.map((it) => it.memoryMb))];

const find = (cold: readonly Cold[], variant: string, memoryMb: number): Cold | undefined =>
  cold.find((it) => it.variant === variant && it.memoryMb === memoryMb);

/** Cold start as a ratio to the empty handler. */
export const ratio = (cold: readonly Cold[], variant: string, memoryMb: number): number =>
  find(cold, variant, memoryMb)?.ratio ?? Number.NaN;

/** Each bar with what was measured. */
export function judge(
  results: Results,
): { bar: string; measured: number; limit: number; met: boolean }[] {
  const { cold, warmMicros, zipBytes } = results;
  const empty = (it: Readonly<Record<string, number>>) => it[BASELINE] ?? Number.NaN;
  const ours = (it: Readonly<Record<string, number>>) => it[OURS] ?? Number.NaN;
  const resident = memories(cold).map(
    (memoryMb) =>
      (find(cold, OURS, memoryMb)?.residentMb ?? Number.NaN) -
      (find(cold, BASELINE, memoryMb)?.residentMb ?? Number.NaN),
  );
  const measured: [bar: string, value: number, limit: number][] = [
    ...memories(cold).flatMap((memoryMb): [string, number, number][] => {
      const limit = BARS.coldRatio[memoryMb];
      const bar = `cold start at ${memoryMb} MB, ratio to an empty handler`;
      return limit === undefined ? [] : [[bar, ratio(cold, OURS, memoryMb), limit]];
    }),
    ["warm call, added microseconds", ours(warmMicros) - empty(warmMicros), BARS.warmMicros],
    ["zip, bytes", ours(zipBytes), BARS.zipBytes],
    ["resident memory added, MB", Math.max(...resident), BARS.residentMb],
  ];
  return measured.map(([bar, value, limit]) => ({
    bar,
    measured: value,
    limit,
    met: value <= limit,
  }));
}

/** All results as plain text. */
export function renderText(results: Results): string {
  const { cold, warmMicros, zipBytes, payload, rows } = results;
  const names = [...new Set(cold.map(({ variant }) => variant))];
  const sizes = memories(cold);
  const header = [
    "",
    ...sizes.flatMap((mb) => [`cold ${mb} MB`, "ratio"]),
    "warm µs",
    "zip KB",
    "RSS MB",
  ];
  const body = names.map((name) => [
    name,
    ...sizes.flatMap((mb) => [
      `${fixed(find(cold, name, mb)?.coldMs, 1)} ms`,
      fixed(ratio(cold, name, mb), 2),
    ]),
    fixed(warmMicros[name], 1),
    fixed((zipBytes[name] ?? Number.NaN) / 1024, 1),
    fixed(find(cold, name, sizes[0] ?? 0)?.residentMb, 1),
  ]);
  return [
    ...results.conditions,
    "",
    ...table([header, ...body]),
    "",
    "This project as the payload grows, warm",
    ...table([
      ["bytes", "µs a call", "calls a second"],
      ...payload.map(({ bytes, micros }) => [
        String(bytes),
        fixed(micros, 1),
        fixed(1e6 / micros, 0),
      ]),
    ]),
    "",
    "This project as a batch of calls in a row grows, from the cold one on, through the client",
    ...table([
      ["calls", "ms a call"],
      ...rows.map(({ calls, ms }) => [String(calls), fixed(ms, 2)]),
    ]),
    "",
    ...judge(results).map(
      ({ bar, measured, limit, met }) =>
        `${met ? "met   " : "MISSED"} ${bar}: ${fixed(measured, 2)}, at most ${limit}`,
    ),
  ].join("\n");
}

const fixed = (value: number | undefined, digits: number): string =>
  value === undefined || Number.isNaN(value) ? "–" : value.toFixed(digits);

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}
