import { expect } from "chai";
import {
  formatLine,
  type LogLine,
  parseLine,
  selected,
  type Selection,
} from "../../../ops/logs/lines.ts";
import { nothingFound, printLines } from "../../../ops/logs/print.ts";

const AT = Date.UTC(2026, 0, 2, 3, 4, 5);
const parse = (line: object): LogLine => parseLine(JSON.stringify(line), AT);
const failed = {
  level: "ERROR",
  message: "Event failed",
  timestamp: "2026-01-02T03:04:05.000Z",
  service: "lambda",
  correlation_id: "order-7",
  function_request_id: "11111111",
  error: {
    name: "DependencyError",
    message: "store failed",
    stack: "DependencyError: x\n    at y",
  },
};

describe("a log line", () => {
  it("is read as what wrote it: the handler, its metrics, Lambda, or a crash", () => {
    expect(parse(failed)).to.include({ kind: "log", level: "ERROR", message: "Event failed" });
    expect(parse({ _aws: { CloudWatchMetrics: [] }, SuccessCount: 1 })).to.deep.include({
      kind: "metrics",
      fields: { SuccessCount: 1 },
    });
    expect(
      parse({ time: "x", type: "platform.report", record: { requestId: "11111111" } }),
    ).to.deep.include({ kind: "platform", message: "platform.report" });
    expect(parseLine("END RequestId: 11111111\n", AT).kind).to.equal("platform");
    expect(parseLine("Segmentation fault\n", AT)).to.include({
      kind: "log",
      message: "Segmentation fault",
    });
    expect(parseLine("[1, 2]", AT).message).to.equal("[1, 2]");
  });

  it("is shown without what is the same for all, and its stack below it", () => {
    expect(formatLine(parse(failed))).to.equal(
      [
        '2026-01-02T03:04:05.000Z ERROR Event failed correlation_id=order-7 function_request_id=11111111 error={"message":"store failed"}',
        "    DependencyError: x",
        "        at y",
      ].join("\n"),
    );
  });

  it("is selected by level", () => {
    const line = parse(failed);
    expect(selected(line, { level: "ERROR" })).to.equal(true);
    expect(selected(line, { level: "FATAL" })).to.equal(false);
    expect(selected(parse({ level: "DEBUG", message: "x" }), { level: "INFO" })).to.equal(false);
  });

  it("is selected by correlation id or request id, the whole of it", () => {
    const line = parse(failed);
    expect(selected(line, { level: "TRACE", id: "order-7" })).to.equal(true);
    expect(selected(line, { level: "TRACE", id: "11111111" })).to.equal(true);
    expect(selected(line, { level: "TRACE", id: "order-" })).to.equal(false);
  });

  it("is left out when Lambda or the metrics wrote it, unless all is asked for", () => {
    const platform = parse({ type: "platform.report", record: { requestId: "11111111" } });
    expect(selected(platform, { level: "TRACE" })).to.equal(false);
    expect(selected(platform, { level: "TRACE", all: true, id: "11111111" })).to.equal(true);
  });
});

const REQUEST = "0b1e7c52-8f3a-4d2b-9c64-000000000000";
const STACK = "Error: boom\n    at work (file:///var/task/dist/index.mjs:1:200)";
const record = (type: string, record: object) =>
  JSON.stringify({ time: "2026-03-01T12:00:00Z", type, record });

/** What writes a line, the line, and what a person has to see of it at level ERROR. */
const FAILURES: readonly (readonly [what: string, text: string, shown: RegExp])[] = [
  [
    "an error that Lambda logs, as JSON",
    JSON.stringify({
      level: "ERROR",
      requestId: REQUEST,
      message: { errorType: "Error", errorMessage: "boom", stackTrace: STACK.split("\n") },
    }),
    /ERROR Error: boom requestId=0b1e.*\n {4}Error: boom\n {8}at work/,
  ],
  [
    "an error that Lambda logs, without a level",
    JSON.stringify({ errorType: "TypeError", errorMessage: "x is not a function" }),
    /ERROR TypeError: x is not a function$/,
  ],
  [
    "a time-out",
    record("platform.report", { requestId: "r-1", status: "timeout", metrics: {} }),
    /ERROR platform\.report: timeout requestId=r-1/,
  ],
  [
    "no memory left",
    record("platform.report", { status: "error", errorType: "Runtime.OutOfMemory" }),
    /ERROR platform\.report: error Runtime\.OutOfMemory/,
  ],
  [
    "an exit",
    record("platform.runtimeDone", { status: "failure", errorType: "Runtime.ExitError" }),
    /ERROR platform\.runtimeDone: failure Runtime\.ExitError/,
  ],
  [
    "a start that failed",
    record("platform.initReport", {
      phase: "init",
      status: "error",
      errorType: "Runtime.ImportModuleError",
    }),
    /ERROR platform\.initReport: error Runtime\.ImportModuleError/,
  ],
  [
    "a time-out in a text report",
    `REPORT RequestId: ${REQUEST}\tDuration: 3000.00 ms\tMemory Size: 256 MB\tStatus: timeout`,
    /ERROR REPORT .*Status: timeout/,
  ],
  [
    "a start that failed in text",
    "INIT_REPORT Init Duration: 3004.11 ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError",
    /ERROR INIT_REPORT .*Runtime\.ImportModuleError/,
  ],
  [
    "a time-out in text",
    `2026-03-01T12:00:03.000Z ${REQUEST} Task timed out after 3.00 seconds\n`,
    /ERROR Task timed out after 3\.00 seconds requestId=0b1e/,
  ],
  [
    "an exit in text",
    `RequestId: ${REQUEST} Error: Runtime exited with error: signal: killed`,
    /ERROR Error: Runtime exited with error: signal: killed/,
  ],
  [
    "an error that Lambda logs, in text",
    `2026-03-01T12:00:00.000Z\t${REQUEST}\tERROR\tInvoke Error \t${JSON.stringify({ errorType: "Error", errorMessage: "boom", stack: STACK.split("\n") })}`,
    /ERROR Invoke Error: Error: boom requestId=0b1e.*\n {4}Error: boom\n {8}at work/,
  ],
  [
    "what the program logged, in text of several lines",
    `2026-03-01T12:00:00.000Z\t${REQUEST}\tERROR\torder 7 failed\nfor the third time`,
    /ERROR order 7 failed requestId=0b1e.*\n {4}for the third time/,
  ],
  ["a stack in text", STACK, /ERROR Error: boom\n {4} {4}at work/],
  [
    "pino",
    JSON.stringify({
      level: 50,
      time: 1,
      msg: "payment failed",
      err: { type: "Error", message: "boom", stack: STACK },
    }),
    /ERROR payment failed\n {4}Error: boom\n/,
  ],
  ["pino's fatal", JSON.stringify({ level: 60, msg: "out" }), /FATAL out/],
  ["small letters", JSON.stringify({ level: "error", message: "x" }), /ERROR x/],
  ["another key", JSON.stringify({ severity: "Critical", message: "x" }), /CRITICAL x/],
  [
    "an error and its cause",
    JSON.stringify({
      level: "ERROR",
      message: "failed",
      error: {
        name: "A",
        message: "outer",
        stack: "A: outer\n    at a",
        cause: { name: "B", message: "inner", stack: "B: inner\n    at b" },
      },
    }),
    /ERROR failed\n {4}A: outer\n {8}at a\n {4}B: inner\n {8}at b$/,
  ],
];

describe("a failure in the log", () => {
  for (const [what, text, shown] of FAILURES) {
    it(`is shown whoever wrote it: ${what}`, () => {
      const line = parseLine(text, AT);

      expect(selected(line, { level: "ERROR" })).to.equal(true);
      expect(formatLine(line)).to.match(shown);
    });
  }

  it("is not made of what went well", () => {
    for (const text of [
      record("platform.report", { requestId: "r", status: "success" }),
      record("platform.start", { requestId: "r" }),
      `REPORT RequestId: ${REQUEST}\tDuration: 3.00 ms`,
      `INIT_START Runtime Version: nodejs:22.v1\tRuntime Version ARN: arn`,
      JSON.stringify({ level: 30, msg: "no error" }),
      JSON.stringify({ level: "info", message: "Errors: none" }),
      `2026-03-01T12:00:00.000Z\tundefined\tINFO\tstarted`,
      "Errors were found: 0",
    ]) {
      expect(selected(parseLine(text, AT), { level: "WARN", all: true }), text).to.equal(false);
    }
  });

  it("keeps an object that was logged as a message", () => {
    expect(parse({ level: "INFO", message: { order: 7 } }).message).to.equal('{"order":7}');
  });
});

describe("lines together", () => {
  const lines = ["1", "2"].map((order) =>
    parse({ level: "INFO", message: "done", correlation_id: "c", order, service: "lambda" }),
  );

  const printed = async (given: readonly LogLine[], selection: Selection) => {
    const out: string[] = [];
    const said: string[] = [];
    const result = await printLines(given, selection, {
      print: (text) => void out.push(text),
      say: (text) => void said.push(text),
    });
    return { out, said, result };
  };

  it("are shown without what is the same in all, which is said once", async () => {
    const { out, said } = await printed(lines, { level: "INFO" });

    expect(out.map((line) => line.slice(25))).to.deep.equal([
      "INFO  done order=1",
      "INFO  done order=2",
    ]);
    expect(said).to.have.length(1);
    expect(said[0]).to.match(/: correlation_id=c$/);
  });

  it("are shown with a value that is another than that of the first ones", async () => {
    const many = Array.from({ length: 600 }, (_, index) =>
      parse({ level: "INFO", message: "done", order: index < 599 ? "1" : "2" }),
    );
    const { out } = await printed(many, { level: "INFO" });

    expect(out).to.have.length(600);
    expect(out[0]).not.to.contain("order=");
    expect(out.at(-1)).to.match(/order=2$/);
  });

  it("say that there are none, between when, and what the options leave out", async () => {
    const { result } = await printed(lines, { level: "ERROR" });
    const span = { sinceMs: AT, untilMs: AT + 1000 };

    expect(nothingFound(result, { level: "ERROR", id: "c" }, span)).to.equal(
      "no lines at ERROR or above of c between 2026-01-02T03:04:05.000Z and 2026-01-02T03:04:06.000Z; 2 are there that the options leave out, see --all",
    );
    expect(nothingFound({ shown: 0, leftOut: 0 }, { level: "TRACE" }, span)).to.match(
      /^no lines between \S+ and \S+$/,
    );
  });
});
