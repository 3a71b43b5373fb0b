/** Lines as Lambda writes them (Lambda guide, "Telemetry API event schema reference", and its text log format). */

import { randomUUID } from "node:crypto";

export interface Figures {
  readonly memoryMb?: number;
  readonly durationMs?: number;
  readonly initMs?: number;
  readonly usedMb?: number;
  readonly status?: string;
}

export const jsonReport = ({
  memoryMb = 512,
  durationMs = 12.345,
  initMs,
  usedMb = 87,
  status = "success",
}: Figures = {}): string =>
  JSON.stringify({
    time: "2026-03-01T12:00:03.101Z",
    type: "platform.report",
    record: {
      requestId: randomUUID(),
      metrics: {
        durationMs,
        billedDurationMs: Math.ceil(durationMs + (initMs ?? 0)),
        memorySizeMB: memoryMb,
        maxMemoryUsedMB: usedMb,
        ...(initMs !== undefined && { initDurationMs: initMs }),
      },
      tracing: {
        spanId: "54565fb41ac79632",
        type: "X-Amzn-Trace-Id",
        value: "Root=1-62e900b2-710d76f009d6e7785905449a;Parent=0efbd19962d95b05;Sampled=1",
      },
      status,
    },
  });

/** Others that stand in the same log. */
export const OTHER_LINES = [
  JSON.stringify({
    time: "2026-03-01T12:00:03.000Z",
    type: "platform.start",
    record: { requestId: "6d68ca91-49c9-448d-89b8-7ca3e6dc66aa", version: "7" },
  }),
  JSON.stringify({ level: "INFO", message: "Event processed", durationMs: 9999 }),
  "START RequestId: 6d68ca91-49c9-448d-89b8-7ca3e6dc66aa Version: 7\n",
  "some words of a program",
];
