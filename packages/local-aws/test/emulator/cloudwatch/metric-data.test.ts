import { expect } from "chai";
import { metricData } from "../../../emulator/cloudwatch/metric-data.ts";
import { Metrics } from "../../../emulator/cloudwatch/metrics.ts";

const MINUTE_MS = 60_000;

interface Answer {
  readonly MetricDataResults: readonly {
    readonly Id: string;
    readonly Label: string;
    readonly Timestamps: readonly number[];
    readonly Values: readonly number[];
    readonly StatusCode: string;
  }[];
  readonly NextToken?: string;
}

describe("GetMetricData", () => {
  const metrics = new Metrics();
  const put = (metricName: string, dimensions: Record<string, string>, minute: number, value = 1) =>
    metrics.record(
      { namespace: "shop", metricName, dimensions },
      { atMs: minute * MINUTE_MS, deliveredMs: minute * MINUTE_MS, value },
    );
  const all = { service: "orders", environment: "staging" };
  for (let minute = 0; minute < 30; minute++) put("Failed", all, minute);
  put("Failed", { ...all, version: "7" }, 3, 5);
  put("Failed", { ...all, version: "8" }, 4, 6);
  put("Other", { ...all, version: "8" }, 4, 6);

  const ask = (queries: readonly object[], more = {}) =>
    metricData(
      { MetricDataQueries: queries as never, StartTime: 0, EndTime: 1800, ...more },
      metrics,
      { nowMs: 30 * MINUTE_MS, minuteMs: MINUTE_MS },
    ) as Answer;
  const metric = (dimensions: Record<string, string>, Period = 60) => ({
    MetricStat: {
      Metric: {
        Namespace: "shop",
        MetricName: "Failed",
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period,
      Stat: "Sum",
    },
  });

  it("answers by exactly the dimensions that are asked for", () => {
    const { MetricDataResults } = ask([
      { Id: "all", ...metric(all, 1800) },
      { Id: "seven", ...metric({ ...all, version: "7" }, 1800) },
      { Id: "part", ...metric({ service: "orders" }, 1800) },
    ]);

    expect(MetricDataResults.map(({ Values }) => Values)).to.deep.equal([[30], [5], []]);
  });

  it("finds values whichever order they came in, and not before they are delivered", () => {
    const late = new Metrics();
    const series = { namespace: "shop", metricName: "Late", dimensions: {} };
    const at = [5, 1, 9, 3, 1];
    for (const minute of at) {
      const atMs = minute * MINUTE_MS;
      late.record(series, { atMs, deliveredMs: 10 * MINUTE_MS, value: minute });
    }
    late.record(series, { atMs: MINUTE_MS, deliveredMs: 20 * MINUTE_MS, value: 100 });
    const sum = (from: number, to: number) =>
      late.statistic(series, "Sum", {
        fromMs: from * MINUTE_MS,
        toMs: to * MINUTE_MS,
        seenAtMs: 15 * MINUTE_MS,
      });

    expect([sum(0, 10), sum(1, 3), sum(3, 9), sum(9, 10), sum(6, 9)]).to.deep.equal([
      19,
      2,
      8,
      9,
      undefined,
    ]);
  });

  it("computes with metrics that are not returned, each query in its own period", () => {
    const { MetricDataResults } = ask([
      { Id: "half", Expression: "all / 2", Period: 600 },
      { Id: "all", ...metric(all, 600), ReturnData: false },
      { Id: "daily", ...metric(all, 86_400) },
    ]);

    expect(MetricDataResults.map(({ Id, Values }) => [Id, Values])).to.deep.equal([
      ["half", [5, 5, 5]],
      ["daily", [30]],
    ]);
  });

  it("searches by schema and dimensions, and labels what it finds", () => {
    const { MetricDataResults } = ask([
      {
        Id: "e",
        Expression: `SEARCH('{shop,service,environment,version} service="orders" MetricName="Failed"', 'Sum', 60)`,
        Label: "version ${PROP('Dim.version')}",
      },
    ]);

    expect(MetricDataResults.map(({ Label, Values }) => [Label, Values])).to.deep.equal([
      ["version 7", [5]],
      ["version 8", [6]],
    ]);
  });

  it("comes newest first unless asked otherwise, in pages", () => {
    const first = ask([{ Id: "all", ...metric(all) }]);
    const second = ask([{ Id: "all", ...metric(all) }], { NextToken: first.NextToken });
    const oldest = ask([{ Id: "all", ...metric(all) }], { ScanBy: "TimestampAscending" });

    expect(first.MetricDataResults[0]?.Timestamps[0]).to.equal(29 * 60);
    expect(first.MetricDataResults[0]?.StatusCode).to.equal("PartialData");
    expect(second.NextToken).to.equal(undefined);
    expect(second.MetricDataResults[0]?.StatusCode).to.equal("Complete");
    expect(
      [first, second].flatMap(({ MetricDataResults: [result] }) => result?.Values ?? []),
    ).to.have.length(30);
    expect(oldest.MetricDataResults[0]?.Timestamps[0]).to.equal(0);
  });
});
