/** Lambda's report of one call, taken off its log line. Pure. */

export interface Report {
  readonly memoryMb: number;
  /** Without init. */
  readonly durationMs: number;
  /** What is paid for: rounded up to whole milliseconds, with init. */
  readonly billedMs: number;
  /** Of a call in a new sandbox only. */
  readonly initMs?: number;
  /** The most that the sandbox has used so far. */
  readonly usedMb: number;
}

type Figures = Readonly<Record<string, unknown>>;

const isFigures = (value: unknown): value is Figures =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The report in a line of the JSON or the text log format; undefined for other lines, and for calls that failed. */
export function parseReport(line: string): Report | undefined {
  return line.trimStart().startsWith("{") ? fromJson(line) : fromText(line);
}

/** A `platform.report` (Lambda guide, "Telemetry API event schema reference"). */
function fromJson(line: string): Report | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isFigures(parsed) || parsed["type"] !== "platform.report") return undefined;
  const { record } = parsed;
  if (!isFigures(record) || !isFigures(record["metrics"])) return undefined;
  // A call that ran out of time or memory says how long it was let run, not how long it takes.
  if (!["success", undefined].includes(record["status"] as string | undefined)) return undefined;
  const { metrics } = record;
  return reportOf({
    memoryMb: metrics["memorySizeMB"],
    durationMs: metrics["durationMs"],
    billedMs: metrics["billedDurationMs"],
    initMs: metrics["initDurationMs"],
    usedMb: metrics["maxMemoryUsedMB"],
  });
}

/** `REPORT RequestId: … Duration: 12.34 ms Billed Duration: 13 ms Memory Size: 512 MB Max Memory Used: 87 MB …` */
function fromText(line: string): Report | undefined {
  if (!line.startsWith("REPORT RequestId: ") || /Status: (?!success)/.test(line)) return undefined;
  const figure = (name: string, unit: string): number | undefined => {
    const found = new RegExp(`(?:^|\\t| )${name}: ([\\d.]+) ${unit}`).exec(line)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  return reportOf({
    memoryMb: figure("Memory Size", "MB"),
    durationMs: figure("(?<!Billed |Init |Restore )Duration", "ms"),
    billedMs: figure("Billed Duration", "ms"),
    initMs: figure("Init Duration", "ms"),
    usedMb: figure("Max Memory Used", "MB"),
  });
}

function reportOf(found: Readonly<Record<keyof Report, unknown>>): Report | undefined {
  const { memoryMb, durationMs, billedMs, initMs, usedMb } = found;
  for (const value of [memoryMb, durationMs, billedMs, usedMb]) {
    if (typeof value !== "number" || !(value >= 0)) return undefined;
  }
  const report = { memoryMb, durationMs, billedMs, usedMb } as Report;
  return typeof initMs === "number" ? { ...report, initMs } : report;
}
