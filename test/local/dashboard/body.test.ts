import { expect } from "chai";
import { type MetricWidget, parseBody, type Widget } from "../../../local/dashboard/body.ts";

const CELL = { x: 0, y: 0, width: 6, height: 6 };

/** The only widget of a body that has one. */
const read = (type: string, properties: object): Widget => {
  const [widget] = parseBody(JSON.stringify({ widgets: [{ type, ...CELL, properties }] })).widgets;
  if (!widget) throw new Error("no widget");
  return widget;
};
const metric = (properties: object) => read("metric", properties) as MetricWidget;

describe("a dashboard's body", () => {
  it("says how far back it shows; three hours when it does not", () => {
    const span = (start?: string) => parseBody(JSON.stringify({ start, widgets: [] })).spanMinutes;

    expect([span("-PT8H"), span("-P1D"), span("-PT30M"), span("-P1DT2H5M"), span()]).to.deep.equal([
      480, 1440, 30, 1565, 180,
    ]);
  });

  it("that is none is an error", () => {
    expect(() => parseBody("{}")).to.throw("no list of widgets");
    expect(() => parseBody("<svg>")).to.throw();
  });

  it("has metrics with label, statistic, period, axis and id, or the widget's own", () => {
    const { lines } = metric({
      period: 60,
      stat: "Sum",
      metrics: [
        ["AWS/Lambda", "Errors", "FunctionName", "f", "Resource", "f:live"],
        ["shop", "Paid", { stat: "p99", label: "paid", yAxis: "right", id: "paid", period: 300 }],
        ["shop", "Hidden", { visible: false }],
      ],
    });

    expect(lines[0]).to.deep.equal({
      id: "line0",
      label: undefined,
      visible: true,
      axis: "left",
      periodSeconds: 60,
      source: {
        kind: "metric",
        namespace: "AWS/Lambda",
        metricName: "Errors",
        dimensions: { FunctionName: "f", Resource: "f:live" },
        stat: "Sum",
      },
    });
    expect(lines[1]).to.deep.include({
      id: "paid",
      label: "paid",
      axis: "right",
      periodSeconds: 300,
    });
    expect(lines[1]?.source).to.deep.include({ stat: "p99", dimensions: {} });
    expect(lines[2]?.visible).to.equal(false);
  });

  it("may repeat what the metric before has, by points", () => {
    const { lines } = metric({
      metrics: [
        ["AWS/Lambda", "Errors", "FunctionName", "f", "Resource", "f:live"],
        [".", "Invocations", ".", ".", ".", "f:7"],
        ["...", "f:8"],
      ],
    });
    const sources = lines.map(({ source }) => source);

    expect(sources[1]).to.deep.include({
      namespace: "AWS/Lambda",
      metricName: "Invocations",
      dimensions: { FunctionName: "f", Resource: "f:7" },
    });
    expect(sources[2]).to.deep.include({
      metricName: "Invocations",
      dimensions: { FunctionName: "f", Resource: "f:8" },
    });
  });

  it("has expressions, thresholds, moments and axes", () => {
    const widget = metric({
      metrics: [[{ expression: "a + 1", label: "more", id: "e" }]],
      annotations: {
        horizontal: [
          { label: "limit", value: 5 },
          { value: 2, yAxis: "right" },
        ],
        vertical: [{ label: "moved", value: "2026-03-12T10:00:00Z" }],
      },
      yAxis: { left: { label: "ms", min: 0 }, right: { max: 3 } },
    });

    expect(widget.lines[0]?.source).to.deep.equal({ kind: "expression", expression: "a + 1" });
    expect(widget.horizontal).to.deep.equal([
      { label: "limit", value: 5, axis: "left" },
      { label: "", value: 2, axis: "right" },
    ]);
    expect(widget.vertical).to.deep.equal([{ label: "moved", atMs: Date.UTC(2026, 2, 12, 10) }]);
    expect(widget.axes).to.deep.equal({ left: { label: "ms", min: 0 }, right: { max: 3 } });
  });

  it("has alarms by their names, queries by their group, and text", () => {
    expect(
      read("alarm", { alarms: ["arn:aws:cloudwatch:eu-west-1:210987654321:alarm:a-b:c"] }),
    ).to.deep.include({ type: "alarm", alarms: ["a-b:c"] });
    expect(
      read("log", { query: "SOURCE '/aws/lambda/f' | fields @message\n| limit 3" }),
    ).to.include({
      type: "log",
      logGroupName: "/aws/lambda/f",
      query: "fields @message\n| limit 3",
    });
    expect(read("text", { markdown: "# Hello" })).to.include({ type: "text", markdown: "# Hello" });
  });

  it("names what cannot be drawn", () => {
    const problem = (type: string, properties: object) => {
      const widget = read(type, properties);
      return widget.type === "unknown" ? widget.problem : "drawn";
    };

    expect(problem("explorer", {})).to.equal("not drawn: a widget of type explorer");
    expect(problem("metric", { view: "pie", metrics: [] })).to.equal("not drawn: the view pie");
    expect(problem("metric", { stacked: true })).to.equal("not drawn: a stacked graph");
    expect(problem("metric", { annotations: { alarms: ["arn"] } })).to.include("an alarm");
    expect(problem("log", { query: "SOURCE 'a' | SOURCE 'b'", view: "bar" })).to.include(
      "view bar",
    );
    expect(problem("log", { query: "fields @message" })).to.include("without one SOURCE");
  });
});
