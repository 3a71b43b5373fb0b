import { expect } from "chai";
import { type LogEvent, runQuery } from "local-aws/insights/query.ts";
import { tryVersion } from "../../../hook/verify.ts";
import type { SmokeEvent } from "../../../hook/smoke-events.ts";
import { dashboardBody } from "../../../infra/observability/dashboard.ts";
import { HTTP_LOG_FORMAT, REST_LOG_FORMAT } from "../../../infra/api/access-log.ts";
import { API_QUERIES, SAVED_QUERIES } from "../../../infra/observability/queries.ts";
import { context, harness, rejection } from "../../function/support/harness.ts";
import { testSettings } from "../../support/settings.ts";

/** A report as Lambda writes it under JSON logging (Lambda guide, "Telemetry API event schema reference"). */
const report = (
  requestId: string,
  metrics: { durationMs: number; maxMemoryUsedMB: number; initDurationMs?: number },
  status = "success",
) => ({
  time: "2026-01-02T03:04:05.678Z",
  type: "platform.report",
  record: {
    requestId,
    metrics: { billedDurationMs: metrics.durationMs, memorySizeMB: 256, ...metrics },
    status,
  },
});

/** The names of a query's columns: what `fields`, or else `stats` and its `by`, ask for. */
function columnsOf(query: string): string[] {
  const [, verb = "", rest = ""] = /\b(fields|stats) (.*)/.exec(query) ?? [];
  const [values = "", by] = (verb === "stats" ? rest : `${rest} by `).split(" by ");
  // A comma within parentheses separates arguments.
  const parts = [values, by ?? ""].flatMap((list) => list.split(/,(?![^()]*\))/));
  return parts
    .map((part) => part.split(" as ").at(-1)?.trim() ?? "")
    .map((part) => part.replace(/ \|.*$/, ""))
    .filter((part) => part !== "");
}

/** The queries of the dashboard's tables, without the log group that each names first. */
function dashboardQueries(): string[] {
  const { widgets } = dashboardBody({
    location: { partition: "aws", region: "ap-southeast-2", accountId: "210987654321" },
    settings: testSettings(),
    namespace: "shop",
    ringing: [],
  }) as { readonly widgets: readonly { readonly properties: { readonly query?: string } }[] };
  return widgets.flatMap(
    ({ properties: { query } }) => query?.replace(/^SOURCE '[^']+' \| /, "") ?? [],
  );
}

describe("the saved queries", () => {
  let events: LogEvent[];

  // Lines that the handler really writes, and Lambda's own.
  before(async () => {
    const { handler, lines } = harness({
      variables: { POWERTOOLS_LOG_LEVEL: "debug" },
      outside: ({ word }, call) => {
        call.annotate("action", "greet");
        if (word === "fail") throw new TypeError("a failure");
      },
    });
    await handler({ word: "good", correlationId: "first" }, context());
    await rejection(handler({ word: "fail", correlationId: "second" }, context()));
    await rejection(handler({ word: "fail", correlationId: "third" }, context()));
    const reports = [
      report("a", { durationMs: 20, maxMemoryUsedMB: 90, initDurationMs: 180 }),
      report("b", { durationMs: 900, maxMemoryUsedMB: 110 }),
      report("c", { durationMs: 30_000, maxMemoryUsedMB: 120 }, "timeout"),
    ].map((line) => JSON.stringify(line));
    events = [...lines, ...reports].map((message, index) => ({ timestamp: index * 1000, message }));
  });

  const ask = (name: string) => runQuery(SAVED_QUERIES[name] ?? "", events);

  it("find all lines of one call", () => {
    const query = SAVED_QUERIES["one call by its correlation id"] ?? "";
    const rows = runQuery(query.replace("PASTE THE ID HERE", "second"), events);

    expect(rows.map(({ message }) => message)).to.deep.equal(["Event accepted", "Event failed"]);
    expect(rows.at(-1)).to.include({ "error.name": "TypeError", "error.message": "a failure" });
  });

  it("group the newest errors, with a call to look at", () => {
    expect(ask("newest errors, grouped")).to.deep.equal([
      {
        "error.name": "TypeError",
        message: "Event failed",
        errors: 2,
        last: (ask("newest errors, grouped")[0] ?? {})["last"],
        example: "third",
      },
    ]);
  });

  it("find slow calls, time-outs and cold starts in Lambda's reports", () => {
    expect(ask("slowest calls")[0]).to.deep.include({ requestId: "c", durationMs: 30_000 });
    expect(ask("time-outs").map(({ requestId }) => requestId)).to.deep.equal(["c"]);
    expect(ask("cold starts")).to.deep.equal([
      { "bin(1h)": 0, calls: 3, coldStarts: 1, initP95Ms: 180 },
    ]);
  });

  it("show how much memory is used of what is paid for", () => {
    expect(ask("over-provisioned memory")[0]).to.deep.include({
      memorySizeMB: 256,
      maxUsedMB: 120,
    });
  });

  it("ask for no field that no line has", () => {
    for (const [name, query] of Object.entries(SAVED_QUERIES)) {
      const rows = runQuery(query.replace("PASTE THE ID HERE", "second"), events);
      const columns = columnsOf(query);
      expect(columns, name).to.not.be.empty;
      for (const column of columns) {
        expect(
          rows.some((row) => column in row),
          `${name}: ${column}`,
        ).to.equal(true);
      }
    }
  });

  it("of the dashboard's tables ask for no field that no line has", async () => {
    const trial = await tryVersion({
      version: "7",
      events: [{ name: "ping", event: {}, statusCode: 200 } as SmokeEvent],
      // An answer with a fault, so that there is one to show.
      call: () => Promise.resolve({ payload: "{}" }),
      rounds: 1,
      slowestCallMs: 1000,
      now: () => 0,
    });
    const tried = JSON.stringify({ level: "INFO", message: "trial", ...trial });
    const lines = [...events, { timestamp: 0, message: tried }];
    const tables = dashboardQueries();

    expect(tables).to.have.length(2);
    for (const query of tables) {
      const rows = runQuery(query, lines);
      for (const column of columnsOf(query)) {
        expect(
          rows.some((row) => column in row),
          `${query}: ${column}`,
        ).to.equal(true);
      }
    }
  });

  it("all find something in these lines", () => {
    for (const name of Object.keys(SAVED_QUERIES)) {
      const query = (SAVED_QUERIES[name] ?? "").replace("PASTE THE ID HERE", "first");
      expect(runQuery(query, events), name).to.not.be.empty;
    }
  });
});

describe("the saved queries on the access log", () => {
  /** A request as API Gateway logs it: what is not known is a hyphen. */
  const line = (format: string, values: Readonly<Record<string, string>>): string =>
    format.replaceAll(/\$context\.([A-Za-z.]+)/g, (_all, name: string) => values[name] ?? "-");
  const requests = [
    { requestId: "a", status: "201", httpMethod: "POST", responseLatency: "40" },
    { requestId: "b", status: "201", httpMethod: "POST", responseLatency: "1200" },
    {
      requestId: "c",
      status: "429",
      httpMethod: "GET",
      responseLatency: "3",
      "error.responseType": "THROTTLED",
      "identity.apiKeyId": "k1",
      "identity.sourceIp": "192.0.2.1",
    },
  ].map((one) => ({ ...one, resourcePath: "/parcels", routeKey: "POST /parcels" }));

  for (const [kind, format] of [
    ["rest", REST_LOG_FORMAT],
    ["http", HTTP_LOG_FORMAT],
  ] as const) {
    const events = requests.map((values, index) => ({
      timestamp: index * 1000,
      message: line(format, values),
    }));
    const ask = (name: string) =>
      runQuery((API_QUERIES[name] ?? "").replace("PASTE THE ID HERE", "b"), events);

    it(`find what they ask for in the lines of ${kind}`, () => {
      for (const { message } of events) JSON.parse(message);
      const [first] = ask("requests by route and status");
      expect(first).to.deep.include({ method: "POST", status: 201, requests: 2 });
      expect(
        ask("requests that the gateway refused or failed").map(({ errorType, example }) => ({
          errorType,
          example,
        })),
      ).to.deep.equal([{ errorType: "THROTTLED", example: "c" }]);
      expect(ask("one request by its id")).to.have.length(1);
      expect(ask("slowest requests")[0]).to.include({ latencyMs: 1200 });
      expect(ask("callers that are throttled")).to.have.length(1);
    });

    it(`ask for no field that no line of ${kind} has`, () => {
      const known = Object.keys(JSON.parse(events[0]?.message ?? "{}") as object);
      for (const [name, query] of Object.entries(API_QUERIES)) {
        const rows = ask(name);
        const missing = columnsOf(query).filter((column) => !rows.some((row) => column in row));
        // REST APIs alone know keys.
        expect(
          missing.filter((column) => !(kind === "http" && column === "apiKeyId")),
          `${name}; the lines have ${known.join(", ")}`,
        ).to.deep.equal([]);
      }
    });
  }
});
