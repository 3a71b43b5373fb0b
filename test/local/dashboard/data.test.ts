import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { parseBody } from "../../../local/dashboard/body.ts";
import { type Point, readData, type Source } from "../../../local/dashboard/data.ts";
import { problemsOf } from "../../../local/dashboard/problems.ts";
import { expressionProblem } from "../../../local/dashboard/sample/source.ts";
import { labelOf, parseSearch } from "../../../local/dashboard/search.ts";

const SPAN = { fromMs: 0, toMs: 600_000 };
const VERSIONS = ["10", "9"].map((ExecutedVersion) => ({
  namespace: "AWS/Lambda",
  metricName: "Errors",
  dimensions: { FunctionName: "f", ExecutedVersion },
}));

/** Answers every query with one point, and keeps what it was asked. */
function fakeSource(overrides: Partial<Source> = {}) {
  const asked: MetricDataQuery[] = [];
  const source: Source = {
    minuteMs: 60_000,
    list: async () => [
      ...VERSIONS,
      // More dimensions than the schema of the search has.
      {
        ...VERSIONS[0],
        dimensions: { FunctionName: "f", ExecutedVersion: "9", More: "x" },
      } as (typeof VERSIONS)[number],
      {
        ...VERSIONS[0],
        dimensions: { FunctionName: "other", ExecutedVersion: "9" },
      } as (typeof VERSIONS)[number],
    ],
    read: async (queries) => {
      asked.push(...queries);
      return new Map(
        queries
          .filter(({ ReturnData }) => ReturnData)
          .map(({ Id = "" }): [string, Point[]] => [
            Id,
            [
              [60_000, 2],
              [0, 1],
            ],
          ]),
      );
    },
    alarms: async (names) => names.map((name) => ({ name, state: "OK" })),
    rows: async () => [],
    releases: async () => [],
    problemOf: expressionProblem,
    ...overrides,
  };
  return { source, asked };
}

const widget = (metrics: readonly unknown[], more = {}) => ({
  type: "metric",
  properties: { title: "T", metrics, ...more },
});
const dashboard = (...widgets: readonly object[]) => parseBody(JSON.stringify({ widgets }));

async function linesOf(metrics: readonly unknown[], more = {}) {
  const { source, asked } = fakeSource();
  const data = await readData(dashboard(widget(metrics, more)), source, SPAN);
  const [first] = data.widgets;
  return { lines: first?.kind === "lines" ? first.lines : [], asked };
}

describe("a dashboard's data", () => {
  it("is asked for with the period and the statistic of each metric, and comes oldest first", async () => {
    const { lines, asked } = await linesOf(
      [["shop", "Paid", "a", "b", { stat: "p99", label: "paid" }]],
      {
        period: 300,
      },
    );

    expect(asked).to.deep.equal([
      {
        Id: "line0",
        MetricStat: {
          Metric: {
            Namespace: "shop",
            MetricName: "Paid",
            Dimensions: [{ Name: "a", Value: "b" }],
          },
          Period: 300,
          Stat: "p99",
        },
        ReturnData: true,
      },
    ]);
    expect(lines).to.deep.equal([
      {
        label: "paid",
        axis: "left",
        stepMs: 300_000,
        points: [
          [0, 1],
          [60_000, 2],
        ],
      },
    ]);
  });

  it("shows no hidden metric, but lets expressions read it", async () => {
    const { lines, asked } = await linesOf([
      [{ expression: "100 * a", label: "share" }],
      ["shop", "Paid", { id: "a", visible: false }],
    ]);

    expect(lines.map(({ label }) => label)).to.deep.equal(["share"]);
    expect(asked.map(({ Expression, ReturnData }) => [Expression, ReturnData])).to.deep.equal([
      ["100 * a", true],
      [undefined, false],
    ]);
  });

  it("writes out an expression that another one names, also one that names itself", async () => {
    const { asked } = await linesOf([
      ["shop", "Paid", { id: "a", visible: false }],
      [{ expression: "a * 2", id: "twice", visible: false }],
      [{ expression: "twice + 1" }],
      [{ expression: "loop + 1", id: "loop" }],
    ]);

    expect(asked.find(({ Id }) => Id === "line2")?.Expression).to.equal("(a * 2) + 1");
    expect(asked.some(({ Id }) => Id === "loop")).to.equal(false);
  });

  it("finds what a SEARCH finds: exactly its dimensions, its values, versions in order", async () => {
    const search = `SEARCH('{AWS/Lambda,FunctionName,ExecutedVersion} FunctionName="f" MetricName="Errors"', 'Sum', 60)`;
    const { lines, asked } = await linesOf([
      [{ expression: search, label: "version ${PROP('Dim.ExecutedVersion')}" }],
    ]);

    expect(lines.map(({ label, stepMs }) => [label, stepMs])).to.deep.equal([
      ["version 9", 60_000],
      ["version 10", 60_000],
    ]);
    expect(asked.map(({ MetricStat }) => [MetricStat?.Stat, MetricStat?.Period])).to.deep.equal([
      ["Sum", 60],
      ["Sum", 60],
    ]);
  });

  const UNKNOWN = [
    "RATE(a)",
    "METRICS()",
    "a + missing",
    "ANOMALY_DETECTION_BAND(a, 2)",
    "SEARCH('errors', 'Sum')",
    `SUM(SEARCH('{AWS/Lambda} MetricName="Errors"', 'Sum', 60))`,
  ];
  for (const expression of UNKNOWN) {
    it(`names the expression ${expression} as not computed`, async () => {
      const { source } = fakeSource();
      const shown = dashboard(
        widget([["shop", "Paid", { id: "a" }], [{ expression, label: "e" }]]),
      );
      const data = await readData(shown, source, SPAN);
      const problems = problemsOf(shown, data);

      expect(problems).to.have.length(1);
      expect(problems[0]?.title).to.equal("T, e");
      expect(problems[0]?.problem)
        .to.match(/^not computed: /)
        .and.to.include(expression);
    });
  }

  it("is read a few widgets at a time, and stays in their order", async () => {
    let open = 0;
    let most = 0;
    const { source } = fakeSource({
      rows: async ({ logGroupName }) => {
        open += 1;
        most = Math.max(most, open);
        await new Promise((done) => setImmediate(done));
        open -= 1;
        return [{ logGroupName }];
      },
    });
    const logs = Array.from({ length: 10 }, (_, index) => ({
      type: "log",
      properties: { query: `SOURCE 'g${index}' | fields a` },
    }));
    const data = await readData(dashboard(...logs), source, SPAN);

    expect(most).to.equal(4);
    expect(data.widgets).to.deep.equal(
      logs.map((_, index) => ({ kind: "rows", rows: [{ logGroupName: `g${index}` }] })),
    );
  });

  it("leaves the other widgets alone when one cannot be read", async () => {
    const { source } = fakeSource({
      rows: () => Promise.reject(new Error("AccessDenied: no\nmore")),
      releases: () => Promise.reject(new Error("no")),
    });
    const log = { type: "log", properties: { title: "L", query: "SOURCE 'g' | fields a" } };
    const shown = dashboard(log, widget([["shop", "Paid"]]));
    const data = await readData(shown, source, SPAN);

    expect(data.widgets.map(({ kind }) => kind)).to.deep.equal(["problem", "lines"]);
    expect(problemsOf(shown, data)).to.deep.equal([
      { title: "L", problem: "not read: AccessDenied: no" },
    ]);
  });
});

describe("a SEARCH", () => {
  it("has a schema, terms, a statistic and perhaps a period", () => {
    expect(parseSearch(`SEARCH('{"my shop",a, b} MetricName="m" a="x y"', 'p99')`)).to.deep.equal({
      namespace: "my shop",
      dimensionNames: ["a", "b"],
      metricName: "m",
      wanted: { a: "x y" },
      stat: "p99",
      periodSeconds: undefined,
    });
    expect(parseSearch(`SEARCH('{shop,a} m', 'Sum', 60)`)).to.equal(undefined);
  });

  it("labels its lines with what it found, and leaves what it does not know as it is", () => {
    const metric = { namespace: "n", metricName: "m", dimensions: { a: "1" } };

    expect(labelOf("${PROP('Dim.a')} of ${PROP('MetricName')} ${PROP('Period')}", metric)).to.equal(
      "1 of m ${PROP('Period')}",
    );
    expect(labelOf(undefined, metric)).to.equal("m");
  });
});
