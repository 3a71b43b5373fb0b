/** A tuning as people read it, in four steps: what was seen, what memory is used, what each size costs, what to try. Pure. */
import { PRICED_REGION, PRICES } from "../../infra/observability/prices.ts";
import { type Size, warmCalls } from "./sizes.ts";
import type { Step, Tuning } from "./recommend.ts";

export interface Conditions {
  readonly stack: string;
  /** The span, in words. */
  readonly span: string;
  readonly region: string;
  readonly scannedBytes: number;
}

const ms = (value: number): string => `${Number(value.toPrecision(3))} ms`;
const usd = (value: number): string => `$${value.toFixed(2)}`;
const range = (from: number, to: number, of: (value: number) => string): string =>
  of(from) === of(to) ? of(from) : `${of(from)} to ${of(to)}`;

/** What reading has cost, at list price. */
export const scanUsd = (bytes: number): number => (bytes / 1e9) * PRICES.logsScanned.usd;

export function renderTuning(tuning: Tuning, conditions: Conditions): string {
  const { sizes, tooFew, model, steps, recommendation } = tuning;
  const { stack, span, region, scannedBytes } = conditions;
  const { memoryMb, currentMb, sure, why } = recommendation;
  return [
    `Memory of stack ${stack}, ${currentMb} MB now, by reports ${span}`,
    "",
    "1. Calls that were seen, in warm sandboxes",
    ...rows([
      ["memory", "calls", "average", "half below", "95 % below", "99 % below", "cold starts"],
      ...sizes.map(seenRow),
    ]),
    ...tooFew.map(
      (size) => `   ${size.memoryMb} MB: too few, ${size.missing} more warm calls are needed`,
    ),
    "",
    "2. Memory that they used at most",
    ...rows(
      sizes.map(({ memoryMb: size, mostUsedMb }) => [
        `${size} MB`,
        `${mostUsedMb} MB`,
        `${Math.round((mostUsedMb / size) * 100)} %`,
      ]),
    ),
    "",
    "3. A million calls at each size",
    ...rows([["memory", "average", "price", ""], ...steps.map(stepRow)]),
    model.kind === "compared"
      ? `   compared: a call waits ${ms(model.waitMs ?? 0)} and computes ${ms(model.cpuMs ?? 0)} on a whole CPU; ranges hold 95 %`
      : "   one size was seen: from all of a call waiting to all of it computing, with CPU in proportion to memory up to 1,769 MB. What part is computing, reports do not say",
    "",
    "4. What to do",
    memoryMb === currentMb
      ? `   keep ${currentMb} MB. Sure: ${sure}; ${why}`
      : `   take ${memoryMb} MB. Sure: ${sure}; ${why}`,
    ...(memoryMb === currentMb ? [] : [`   set memoryMb: ${memoryMb} in Pulumi.${stack}.yaml`]),
    "   then let staging take it first, with events like yours; the release's canary judges it, and tuning again compares both",
    "",
    `prices of ${PRICED_REGION}, ${PRICES.lambdaRequest.read}${region === PRICED_REGION ? "" : `; the stack is in ${region}, where they differ`}; reading scanned ${(scannedBytes / 1e9).toFixed(2)} GB: ${usd(scanUsd(scannedBytes))}`,
  ].join("\n");
}

const seenRow = (size: Size): readonly string[] => [
  `${size.memoryMb} MB`,
  warmCalls(size).toLocaleString("en"),
  ms(size.averageMs),
  ms(size.p50Ms),
  ms(size.p95Ms),
  ms(size.p99Ms),
  `${((size.coldStarts / size.calls) * 100).toFixed(1)} %`,
];

const stepRow = (step: Step): readonly string[] => {
  const { memoryMb, expectedMs, fromMs, toMs, expectedUsd, fromUsd, toUsd, seen, refused } = step;
  const both = (expected: number | undefined, from: number, to: number, of: typeof ms) =>
    expected === undefined ? range(from, to, of) : `${of(expected)} (${range(from, to, of)})`;
  return [
    `${memoryMb} MB`,
    both(expectedMs, fromMs, toMs, ms),
    both(expectedUsd, Math.min(fromUsd, toUsd), Math.max(fromUsd, toUsd), usd),
    [seen ? "seen" : "", refused === undefined ? "" : `not possible: ${refused}`]
      .filter(Boolean)
      .join("; "),
  ];
};

/** In columns, indented. */
function rows(cells: readonly (readonly string[])[]): readonly string[] {
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? "").length)),
  );
  return cells.map((row) =>
    `   ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
  );
}
