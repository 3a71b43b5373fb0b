/**
 * Lambda's own lines, in JSON where the function asks for it. The emulator writes them as text whatever the function
 * says; Lambda writes them as its telemetry API does (Lambda developer guide, "Using Lambda advanced logging controls"
 * and "Telemetry API event schema reference"). Pure.
 */
export interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
  readonly ingestionTime?: number;
  readonly logStreamName?: string;
}

const START = /^START RequestId: (\S+) Version: (\S+)/;
const END = /^END RequestId: /;
const REPORT =
  /^REPORT RequestId: (\S+)\tDuration: ([\d.]+) ms\tBilled Duration: ([\d.]+) ms\tMemory Size: (\d+) MB\tMax Memory Used: (\d+) MB/;

/** The lines as Lambda would have written them in JSON: END has no counterpart of its own in the log. */
export const asJsonLines = (events: readonly LogEvent[]): LogEvent[] =>
  events.flatMap((event) => {
    const { message, timestamp } = event;
    if (END.test(message)) return [];
    const record = recordOf(message);
    if (record === undefined) return [event];
    const time = new Date(timestamp).toISOString();
    return [{ ...event, message: JSON.stringify({ time, ...record }) }];
  });

function recordOf(message: string): object | undefined {
  const [, requestId, version] = START.exec(message) ?? [];
  if (requestId !== undefined) {
    return { type: "platform.start", record: { requestId, version } };
  }
  const report = REPORT.exec(message);
  if (!report) return undefined;
  const [durationMs, billedDurationMs, memorySizeMB, maxMemoryUsedMB] = report.slice(2).map(Number);
  const measured = { durationMs, billedDurationMs, memorySizeMB };
  // The emulator does not measure memory, and writes 0.
  const metrics = maxMemoryUsedMB === 0 ? measured : { ...measured, maxMemoryUsedMB };
  // How the invocation ended is not in the emulator's line.
  return {
    type: "platform.report",
    record: { requestId: report[1], metrics, status: "success" },
  };
}
