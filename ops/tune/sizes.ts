/** What the reports of each memory size say together. Pure. */
import type { Report } from "./report.ts";

/** All calls that were seen at one memory size. */
export interface Size {
  readonly memoryMb: number;
  /** All, cold starts included. */
  readonly calls: number;
  readonly coldStarts: number;
  /** Of calls in a warm sandbox, without which the first call of a sandbox would decide. */
  readonly averageMs: number;
  /** Standard deviation of the same. */
  readonly deviationMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** What is billed beyond the duration, a call on average: rounding, and init. */
  readonly billedBeyondMs: number;
  readonly mostUsedMb: number;
}

/** Width of the interval that the average is to be known within, of itself: 95 % of samples would hold it. */
const WITHIN = 0.1;
const Z_95 = 1.96;

/** Fewer say nothing of the spread. */
const LEAST_CALLS = 30;

/** Warm calls at which the average is known within a tenth. */
export function callsNeeded({ averageMs, deviationMs }: Size): number {
  if (averageMs === 0) return LEAST_CALLS;
  return Math.max(LEAST_CALLS, Math.ceil((Z_95 * (deviationMs / averageMs)) / WITHIN) ** 2);
}

export const warmCalls = ({ calls, coldStarts }: Size): number => calls - coldStarts;

/** How many more warm calls a size needs; 0 when it has enough. */
export const callsMissing = (size: Size): number =>
  Math.max(0, callsNeeded(size) - warmCalls(size));

/** Standard error of the average. */
export const errorMs = (size: Size): number => size.deviationMs / Math.sqrt(warmCalls(size));

/** By memory size, the smallest first. A size without a warm call is left out. */
export function sizesOf(reports: readonly Report[]): readonly Size[] {
  return [...Map.groupBy(reports, ({ memoryMb }) => memoryMb)]
    .flatMap(([memoryMb, all]) => {
      const warm = all
        .filter(({ initMs }) => initMs === undefined)
        .map(({ durationMs }) => durationMs)
        .toSorted((a, b) => a - b);
      if (warm.length === 0) return [];
      const averageMs = average(warm);
      const squares = warm.map((value) => (value - averageMs) ** 2);
      return [
        {
          memoryMb,
          calls: all.length,
          coldStarts: all.length - warm.length,
          averageMs,
          deviationMs: Math.sqrt(
            squares.reduce((total, value) => total + value, 0) / Math.max(1, warm.length - 1),
          ),
          p50Ms: quantile(warm, 0.5),
          p95Ms: quantile(warm, 0.95),
          p99Ms: quantile(warm, 0.99),
          billedBeyondMs: average(all.map(({ billedMs, durationMs }) => billedMs - durationMs)),
          mostUsedMb: Math.max(...all.map(({ usedMb }) => usedMb)),
        },
      ];
    })
    .toSorted((a, b) => a.memoryMb - b.memoryMb);
}

const average = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0) / values.length;

/** Of values in rising order. */
const quantile = (values: readonly number[], share: number): number =>
  values[Math.max(0, Math.ceil(share * values.length) - 1)] ?? 0;
