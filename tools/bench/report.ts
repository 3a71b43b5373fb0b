/** The benchmark's results as text and as a picture. Pure. */
import { HANDLER_BUDGET_BYTES, handlerBudgetBytes } from "../../infra/function/bundle.ts";
import { type Cold, median, type Spread } from "./measure.ts";
import { BASELINE, OURS, WITH_TABLE } from "./variants.ts";

export interface Results {
  /** Where, when and how: processor, load of the machine before, Node, throttle, runs. */
  readonly conditions: readonly string[];
  readonly cold: readonly Cold[];
  /** Microseconds of CPU a warm call by variant. */
  readonly warmMicros: Readonly<Record<string, number>>;
  readonly zipBytes: Readonly<Record<string, number>>;
  /** Our microseconds a warm call by bytes of payload. */
  readonly payload: readonly { readonly bytes: number; readonly micros: number }[];
  /** Our milliseconds a call by calls in a row, from the first one on, through the client. */
  readonly rows: readonly { readonly calls: number; readonly ms: number }[];
}

/** What this project promises of its handler on a machine that does nothing else; docs/handler.md says why. */
export const BARS = {
  coldRatio: { 256: 1.2, 512: 1.17 } as Readonly<Record<number, number>>,
  cpuRatio: 1.3,
  /** With a table in use. */
  tableCpuRatio: 1.7,
  /** Of CPU. */
  warmMicros: 45,
  /** 1 KB below the budget of the build, for the team. */
  zipBytes: HANDLER_BUDGET_BYTES - 1024,
  tableZipBytes: handlerBudgetBytes({ database: true }) - 1024,
  residentMb: 5,
} as const;

/**
 * Share of the time that a sample may wait for a CPU before times say nothing of the handler: the wall's clock
 * counts others' work, and a CPU that is shared does less in a microsecond. Ratios of CPU time hold.
 */
const BUSY = 0.05;

const memories = (cold: readonly Cold[]): number[] => [...new Set(cold.map((it) => it.memoryMb))];

const find = (cold: readonly Cold[], variant: string, memoryMb: number): Cold | undefined =>
  cold.find((it) => it.variant === variant && it.memoryMb === memoryMb);

/** Cold start as a ratio to the empty handler's. */
export const ratio = (cold: readonly Cold[], variant: string, memoryMb: number): number =>
  find(cold, variant, memoryMb)?.ratio.median ?? Number.NaN;

/** The same in CPU time. */
export const cpuRatio = (cold: readonly Cold[], variant: string, memoryMb: number): number =>
  find(cold, variant, memoryMb)?.cpuRatio.median ?? Number.NaN;

export interface Judgement {
  readonly bar: string;
  readonly measured: number;
  readonly limit: number;
  readonly verdict: "met" | "missed" | "machine too busy";
}

/** Each bar with what was measured. A busy machine makes times worse, never better. */
export function judge({ cold, warmMicros, zipBytes }: Results): Judgement[] {
  const busy = median(cold.map(({ waited }) => waited)) > BUSY;
  const ours = (it: Readonly<Record<string, number>>) => it[OURS] ?? Number.NaN;
  const judged = (bar: string, measured: number, limit: number, isAbsolute = false): Judgement => ({
    bar,
    measured,
    limit,
    verdict: measured <= limit ? "met" : isAbsolute && busy ? "machine too busy" : "missed",
  });
  const resident = memories(cold).map(
    (memoryMb) =>
      (find(cold, OURS, memoryMb)?.residentMb ?? Number.NaN) -
      (find(cold, BASELINE, memoryMb)?.residentMb ?? Number.NaN),
  );
  return [
    ...memories(cold).flatMap((memoryMb) => {
      const own = find(cold, OURS, memoryMb);
      const limit = BARS.coldRatio[memoryMb];
      if (!own || limit === undefined) return [];
      const what = `cold start at ${memoryMb} MB, ratio to an empty handler`;
      return [
        judged(what, own.ratio.median, limit, true),
        judged(`${what}, CPU time`, own.cpuRatio.median, BARS.cpuRatio),
        judged(
          `${what}, CPU time, with a table`,
          cpuRatio(cold, WITH_TABLE, memoryMb),
          BARS.tableCpuRatio,
        ),
      ];
    }),
    judged("warm call, microseconds of CPU", ours(warmMicros), BARS.warmMicros, true),
    judged("zip, bytes", ours(zipBytes), BARS.zipBytes),
    judged("zip, bytes, with a table", zipBytes[WITH_TABLE] ?? Number.NaN, BARS.tableZipBytes),
    judged("resident memory added, MB", Math.max(...resident), BARS.residentMb),
  ];
}

/** All results as plain text. */
export function renderText(results: Results): string {
  const { cold, warmMicros, zipBytes, payload, rows } = results;
  const names = [...new Set(cold.map(({ variant }) => variant))];
  const sizes = memories(cold);
  const header = [
    "",
    ...sizes.flatMap((mb) => [`${mb} MB: init + first ms`, "ratio", "CPU ratio"]),
    "warm µs",
    "zip KB",
    "RSS MB",
  ];
  const body = names.map((name) => [
    name,
    ...sizes.flatMap((mb) => {
      const it = find(cold, name, mb);
      const times = `${fixed(it?.initMs, 1)} + ${fixed(it?.firstMs, 1)}`;
      return [times, spreadText(it?.ratio), spreadText(it?.cpuRatio)];
    }),
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
      ({ bar, measured, limit, verdict }) =>
        `${verdict === "missed" ? "MISSED" : verdict} ${bar}: ${fixed(measured, 2)}, at most ${limit}`,
    ),
  ].join("\n");
}

const fixed = (value: number | undefined, digits: number): string =>
  value === undefined || Number.isNaN(value) ? "–" : value.toFixed(digits);

/** Median and quartiles. */
const spreadText = (spread: Spread | undefined): string =>
  spread
    ? `${fixed(spread.median, 2)} (${spread.quartiles.map((value) => fixed(value, 2)).join("–")})`
    : "–";

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
