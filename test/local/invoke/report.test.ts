import { expect } from "chai";
import { type Observed, renderReport, report } from "../../../local/invoke/report.ts";

const metrics = JSON.stringify({
  _aws: {
    Timestamp: 1,
    CloudWatchMetrics: [
      {
        Namespace: "ns",
        Dimensions: [["service"]],
        Metrics: [{ Name: "SuccessCount", Unit: "Count" }],
      },
    ],
  },
  service: "lambda",
  SuccessCount: 1,
});

const observed: Observed = {
  runBy: "AWS's runtime client",
  outcome: {
    kind: "response",
    body: `{"statusCode":200,"body":"{\\"id\\":\\"a\\"}"}`,
    durationMs: 1.23456,
  },
  initMs: 50.04,
  residentMb: 51.23,
  lines: [`{"level":"INFO","message":"Event processed","action":"create"}`, metrics, "no JSON"],
  documents: [
    {
      name: "handler",
      id: "1",
      start_time: 1,
      end_time: 1.002,
      annotations: { success: false },
      fault: true,
      cause: { exceptions: [{ type: "TypeError", message: "broken" }] },
      subsegments: [{ name: "logic", id: "2", start_time: 1, end_time: 1.001 }],
    },
  ],
};

describe("the report of a local invocation", () => {
  it("keeps log lines, metrics and traces apart", () => {
    const { logs, metrics, dimensions, traces } = report(observed);

    expect(logs).to.deep.equal([
      { level: "INFO", message: "Event processed", action: "create" },
      "no JSON",
    ]);
    expect(metrics).to.deep.equal([{ name: "SuccessCount", value: 1, unit: "Count" }]);
    expect(dimensions).to.deep.equal({ namespace: "ns", service: "lambda" });
    expect(traces).to.have.length(1);
  });

  it("shows a response's body as what it is", () => {
    expect(report(observed).result).to.deep.equal({ statusCode: 200, body: { id: "a" } });
  });

  it("reads well", () => {
    expect(renderReport(report(observed)).split("\n")).to.deep.equal([
      "Response 200 in 1.23 ms",
      "  {",
      '    "statusCode": 200,',
      '    "body": {',
      '      "id": "a"',
      "    }",
      "  }",
      "",
      "Log",
      "  INFO  Event processed action=create",
      "  no JSON",
      "",
      "Metrics namespace=ns service=lambda",
      "  SuccessCount 1 Count",
      "",
      "Trace",
      "  handler 2 ms success=false fault TypeError: broken",
      "    logic 1 ms",
      "",
      "Run by AWS's runtime client: init 50 ms, 51.2 MB resident",
    ]);
  });

  it("shows the stacks of an error and of its causes line by line", () => {
    const error = { stack: "A: a\n    at f", cause: { stack: "B: b\n    at g" } };
    const line = JSON.stringify({ level: "ERROR", message: "Event failed", id: "1", error });

    const text = renderReport(report({ ...observed, lines: [line] }));

    expect(text).to.match(
      /ERROR Event failed id=1 *\n +A: a\n +at f *\n +caused by B: b\n +at g\n/,
    );
  });

  it("says what a failed invocation means", () => {
    const failed = report({ ...observed, outcome: { kind: "error", body: "{}", durationMs: 1 } });
    const ended = report({ ...observed, outcome: { kind: "exit", reason: "ended by SIGKILL" } });

    expect(renderReport(failed)).to.match(/^Failed invocation in 1 ms: Lambda counts an error/);
    expect(renderReport(ended)).to.match(/^The process ended: .*\n {2}"ended by SIGKILL"/);
  });
});
