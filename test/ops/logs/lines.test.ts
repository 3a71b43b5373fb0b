import { expect } from "chai";
import { formatLine, type LogLine, parseLine, selected } from "../../../ops/logs/lines.ts";

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
        '2026-01-02T03:04:05.000Z ERROR Event failed correlation_id=order-7 function_request_id=11111111 error={"name":"DependencyError","message":"store failed"}',
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
