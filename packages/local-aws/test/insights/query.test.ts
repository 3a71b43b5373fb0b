import { expect } from "chai";
import { type LogEvent, runQuery } from "../../insights/query.ts";

const line = (timestamp: number, fields: Record<string, unknown>): LogEvent => ({
  timestamp,
  message: JSON.stringify(fields),
});

const LINES: readonly LogEvent[] = [
  line(1_000, { level: "INFO", action: "ship", durationMs: 40, error: {} }),
  line(2_000, { level: "ERROR", action: "ship", durationMs: 90, error: { name: "TypeError" } }),
  line(3_000, { level: "ERROR", action: "sell", durationMs: 10, error: { name: "TypeError" } }),
  line(70_000, { level: "ERROR", action: "sell", durationMs: 20, error: { name: "RangeError" } }),
  { timestamp: 80_000, message: "plain text" },
];

describe("a Logs Insights query", () => {
  it("filters by fields of JSON, also nested ones, and shows what it is asked for", () => {
    const rows = runQuery(
      'filter level = "ERROR" and error.name like /Type/ | fields @timestamp, action as what | sort @timestamp desc',
      LINES,
    );

    expect(rows).to.deep.equal([
      { "@timestamp": 3_000, what: "sell" },
      { "@timestamp": 2_000, what: "ship" },
    ]);
  });

  it("groups, with the functions that it knows", () => {
    const rows = runQuery(
      `filter level = "ERROR"
| stats count(*) as errors, max(durationMs) as slowest, latest(action) as last by error.name
| sort errors desc`,
      LINES,
    );

    expect(rows).to.deep.equal([
      { "error.name": "TypeError", errors: 2, slowest: 90, last: "sell" },
      { "error.name": "RangeError", errors: 1, slowest: 20, last: "sell" },
    ]);
  });

  it("counts only lines that have the field, and groups by time", () => {
    const rows = runQuery(
      "stats count(durationMs) as timed, count(*) as all, pct(durationMs, 50) as median by bin(1m) | sort bin(1m) asc",
      LINES,
    );

    expect(rows).to.deep.equal([
      { "bin(1m)": 0, timed: 3, all: 3, median: 40 },
      { "bin(1m)": 60_000, timed: 1, all: 2, median: 20 },
    ]);
  });

  it("compares numbers as numbers, and joins by or within parentheses", () => {
    const actions = (filter: string) =>
      runQuery(`filter ${filter} | fields action | limit 9`, LINES).map(({ action }) => action);

    expect(actions("durationMs >= 40")).to.deep.equal(["ship", "ship"]);
    expect(actions('(action = "sell" or durationMs > 80) and level != "INFO"')).to.deep.equal([
      "ship",
      "sell",
      "sell",
    ]);
  });

  it("refuses what it does not know, instead of guessing", () => {
    expect(() => runQuery("parse @message /x/", LINES)).to.throw("parse @message /x/ is not known");
    expect(() => runQuery("stats stddev(durationMs)", LINES)).to.throw("stddev(durationMs)");
    expect(() => runQuery("filter level in [1]", LINES)).to.throw("operator in");
  });
});
