import { expect } from "chai";
import { readEmf } from "../../../emulator/cloudwatch/emf.ts";

const NOW_MS = Date.parse("2026-01-02T03:04:05Z");
const DAY_MS = 86_400_000;

const directive = {
  Namespace: "shop",
  Dimensions: [["service"], ["service", "version"]],
  Metrics: [{ Name: "Failed", Unit: "Count" }, { Name: "Took" }],
};
const root = { service: "orders", version: "7", Failed: 2, Took: [1.5, 3] };

const line = (members: object = {}, meta: object = {}): string =>
  JSON.stringify({
    _aws: { Timestamp: NOW_MS, CloudWatchMetrics: [directive], ...meta },
    ...root,
    ...members,
  });

const read = (message: string) => readEmf(message, NOW_MS);
/** The fault of a line with one directive changed. */
const faultWith = (changed: object, members: object = {}) =>
  read(line(members, { CloudWatchMetrics: [{ ...directive, ...changed }] })).fault;

describe("the embedded metric format", () => {
  it("stores each value under each set of dimensions, in its unit, with the line's own time", () => {
    const { values, fault } = read(line());

    expect(fault).to.equal(undefined);
    expect(values).to.have.length(6);
    expect(values[0]).to.deep.equal({
      namespace: "shop",
      metricName: "Failed",
      dimensions: { service: "orders" },
      unit: "Count",
      atMs: NOW_MS,
      value: 2,
    });
    expect(
      values.filter(({ metricName }) => metricName === "Took").map(({ value }) => value),
    ).to.deep.equal([1.5, 3, 1.5, 3]);
    expect(values.at(-1)).to.deep.include({
      dimensions: { service: "orders", version: "7" },
      unit: "None",
    });
  });

  it("takes several directives, and a set without dimensions", () => {
    const second = { Namespace: "other", Dimensions: [[]], Metrics: [{ Name: "Failed" }] };
    const { values } = read(line({}, { CloudWatchMetrics: [directive, second] }));

    expect(values.at(-1)).to.deep.include({ namespace: "other", dimensions: {}, value: 2 });
  });

  it("leaves all other lines alone", () => {
    for (const message of [
      "START RequestId: 1 Version: 7",
      "{",
      '["_aws"]',
      '{"level":"INFO","message":"_aws"}',
      '{"_aws":{"Timestamp":1}}',
      // Nothing may stand before or after the object.
      ` INFO ${line()}`,
      `${line()} more`,
    ]) {
      expect(read(message), message).to.deep.equal({ values: [] });
    }
  });

  it("counts what has not the format's form as a parsing error, and takes nothing of it", () => {
    for (const meta of [
      { Timestamp: undefined },
      { Timestamp: "2026-01-02" },
      { CloudWatchMetrics: {} },
      { CloudWatchMetrics: [{ ...directive, Namespace: undefined }] },
      { CloudWatchMetrics: [{ ...directive, Dimensions: ["service"] }] },
      { CloudWatchMetrics: [{ ...directive, Dimensions: [] }] },
      { CloudWatchMetrics: [{ ...directive, Metrics: [{ Unit: "Count" }] }] },
      { CloudWatchMetrics: [directive, "nonsense"] },
    ]) {
      const reading = read(line({}, meta));
      expect(reading, JSON.stringify(meta)).to.deep.equal({
        values: [],
        fault: "EMFParsingErrors",
      });
    }
  });

  it("counts what CloudWatch cannot store as a validation error, and takes nothing of it", () => {
    const many = Array.from({ length: 101 }, (_, index) => ({ Name: `M${index}` }));
    const sets = Array.from({ length: 31 }, (_, index) => `d${index}`);
    const faults = [
      // Targets that are not there, or of the wrong kind.
      faultWith({ Dimensions: [["missing"]] }),
      faultWith({}, { service: 7 }),
      faultWith({}, { service: "" }),
      faultWith({}, { service: "x".repeat(1025) }),
      faultWith({ Metrics: [{ Name: "missing" }] }),
      faultWith({}, { Failed: "2" }),
      faultWith({}, { Took: [1, "2"] }),
      // Limits.
      faultWith({}, { Took: Array<number>(101).fill(1) }),
      faultWith({ Metrics: many }, Object.fromEntries(many.map(({ Name }) => [Name, 1]))),
      faultWith({ Dimensions: [sets] }, Object.fromEntries(sets.map((name) => [name, "x"]))),
      faultWith({ Namespace: " " }),
      faultWith({ Metrics: [{ Name: "Failed", Unit: "Pieces" }] }),
      faultWith({}, { Failed: 2 ** 361 }),
      read(line({ text: "x".repeat(1_048_577) })).fault,
      // Two weeks ago at most, and two hours ahead.
      read(line({}, { Timestamp: NOW_MS - 15 * DAY_MS })).fault,
      read(line({}, { Timestamp: NOW_MS + DAY_MS })).fault,
    ];

    expect(faults).to.deep.equal(faults.map(() => "EMFValidationErrors"));
  });
});
