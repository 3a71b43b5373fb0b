/** What Powertools writes for the same calls is what is expected here: whatever reads its lines can read ours. */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { expect } from "chai";
import { isMetric } from "../../../function/platform/metrics.ts";
import { createTelemetry } from "../../../function/platform/telemetry.ts";
import { expectValidEmf, type EmfLine } from "../support/emf.ts";
import { context, VARIABLES, withVariables } from "../support/harness.ts";

type Line = Record<string, unknown>;

const TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

const ours = (use: (telemetry: ReturnType<typeof createTelemetry>) => void): Line[] => {
  const lines: Line[] = [];
  use(createTelemetry((line) => lines.push(JSON.parse(line) as Line)));
  return lines;
};

/** Powertools prints to a console of its own. */
function printed(utility: object, use: () => void): Line[] {
  const lines: Line[] = [];
  const print = (line: string) => lines.push(JSON.parse(line) as Line);
  const console = { log: print, debug: print, info: print, warn: print, error: print };
  Object.assign(utility, { console });
  use();
  return lines;
}

const without = (line: Line | undefined, ...keys: string[]): [string, unknown][] =>
  Object.entries(line ?? {}).filter(([key]) => !keys.includes(key));

describe("the log, beside Powertools'", () => {
  it("has the same keys, values and order", () => {
    const variables = {
      ...VARIABLES,
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      _X_AMZN_TRACE_ID: TRACE,
    };
    withVariables(variables, () => {
      const use = (logger: Pick<Logger, "addContext" | "setCorrelationId" | "info" | "warn">) => {
        for (let call = 0; call < 2; call++) {
          logger.addContext(context());
          logger.setCorrelationId("c-1");
          logger.info("Event processed", {
            action: "create",
            nested: { a: [1, null] },
            durationMs: 1.5,
          });
          logger.warn("Event refused", { faults: [{ path: "a", message: "m" }] });
        }
      };
      const logger = new Logger({ logLevel: "INFO" });
      const expected = printed(logger, () => use(logger));
      const lines = ours((telemetry) => use(telemetry.logger as never));

      expect(expected).to.have.length(4);
      for (const [index, line] of expected.entries()) {
        expect(without(lines[index], "timestamp", "sampling_rate")).to.deep.equal(
          without(line, "timestamp", "sampling_rate"),
        );
        expect(lines[index]?.["timestamp"]).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      }
    });
  });
});

describe("the metrics, beside Powertools'", () => {
  it("are the same line, but for what is there by version", () => {
    withVariables(VARIABLES, () => {
      const use = (
        metrics: Pick<Metrics, "addMetric" | "addMetadata" | "publishStoredMetrics">,
      ) => {
        metrics.addMetric("SuccessCount", "Count", 1);
        metrics.addMetric("ProcessingDuration", "Milliseconds", 1.5);
        metrics.addMetric("ProcessingDuration", "Milliseconds", 2);
        metrics.addMetadata("correlation_id", "c-1");
        metrics.publishStoredMetrics();
      };
      const metrics = new Metrics({ defaultDimensions: { environment: "staging" } });
      const [expected] = printed(metrics, () => use(metrics));
      const [line] = ours((telemetry) => use(telemetry.metrics as never));

      const timeless = (line: Line | undefined) => {
        const { _aws, ...rest } = line as EmfLine;
        return { rest, directives: _aws.CloudWatchMetrics };
      };
      expect(timeless(line)).to.deep.equal(timeless(expected));
    });
  });

  it("stay within the format's limits", () => {
    const lines = ours(({ metrics }) => {
      const add = (name: string, value: number) => {
        if (isMetric(name, value)) metrics.addMetric(name, "Count", value);
      };
      for (let i = 0; i < 250; i++) add("Repeated", i);
      for (let i = 0; i < 250; i++) add(`Metric${i}`, i);
      metrics.publishStoredMetrics();
      metrics.publishStoredMetrics();
    }) as EmfLine[];

    const values = lines.flatMap((line) => line["Repeated"] ?? []);
    expect(values).to.deep.equal(Array.from({ length: 250 }, (_, i) => i));
    for (const line of lines) {
      expect(line["Repeated"] ?? []).to.satisfy((of: unknown[]) => of.length <= 100);
      const { Repeated: _, ...single } = line;
      for (const directive of line._aws.CloudWatchMetrics) {
        expect(directive.Metrics).to.have.length.within(1, 100);
      }
      if (!("Repeated" in line)) expectValidEmf(single);
    }
  });
});
