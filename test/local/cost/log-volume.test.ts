/** The KB of log lines that an estimate counts are those that the handler and Lambda really write. */
import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { logKbAt } from "../../../local/cost/log-volume.ts";
import { context, harness } from "../../function/support/harness.ts";

const TRACING = {
  spanId: "54565fb41ac79632",
  type: "X-Amzn-Trace-Id",
  value: "Root=1-62e900b2-710d76f009d6e7785905449a;Parent=0efbd19962d95b05;Sampled=1",
};

/** Lambda's lines of one call (Lambda guide, "Telemetry API event schema reference"). */
const PLATFORM = [
  {
    time: "2026-03-01T12:00:03.000Z",
    type: "platform.start",
    record: {
      requestId: randomUUID(),
      functionArn:
        "arn:aws:lambda:eu-west-1:111111111111:function:parcels-function-production:live",
      version: "17",
      tracing: TRACING,
    },
  },
  {
    time: "2026-03-01T12:00:03.101Z",
    type: "platform.report",
    record: {
      requestId: randomUUID(),
      metrics: { durationMs: 98.213, billedDurationMs: 99, memorySizeMB: 512, maxMemoryUsedMB: 87 },
      tracing: TRACING,
      status: "success",
    },
  },
].map((line) => JSON.stringify(line));

describe("the log lines of a call", () => {
  for (const level of ["trace", "debug", "info", "warn", "error", "silent"]) {
    it(`are as long as an estimate counts them at ${level}`, async () => {
      const { handler, lines } = harness({ variables: { POWERTOOLS_LOG_LEVEL: level } });
      const call = () => handler({ word: "good" }, context({ awsRequestId: randomUUID() }));
      await call();
      const before = lines.length;
      await call();
      const bytes = [...lines.slice(before), ...PLATFORM].reduce(
        (total, line) => total + Buffer.byteLength(line),
        0,
      );

      expect(logKbAt(level)).to.be.within((bytes / 1000) * 0.8, (bytes / 1000) * 1.25);
    });
  }
});
