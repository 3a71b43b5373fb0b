import { expect } from "chai";
import { type AlarmState, evaluateAlarm } from "local-aws/emulator/cloudwatch/evaluation.ts";

const breaches = (value: number) => value > 0;
const X = 1;
const none = undefined;

describe("the evaluation of an alarm", () => {
  // The tables of the CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data": three
  // periods are judged and five are read, newest last there and here.
  type Row = [
    points: (number | undefined)[],
    missing: AlarmState,
    ignore: AlarmState | "retain",
    breaching: AlarmState,
    notBreaching: AlarmState,
  ];
  const threeOfThree: Row[] = [
    [[0, none, X, none, X], "OK", "OK", "OK", "OK"],
    [[none, none, none, none, 0], "OK", "OK", "OK", "OK"],
    [[none, none, none, none, none], "INSUFFICIENT_DATA", "retain", "ALARM", "OK"],
    [[0, X, X, none, X], "ALARM", "ALARM", "ALARM", "ALARM"],
    [[none, none, X, none, none], "ALARM", "retain", "ALARM", "OK"],
  ];
  const twoOfThree: Row[] = [
    [[0, none, X, none, X], "ALARM", "ALARM", "ALARM", "ALARM"],
    [[0, 0, X, 0, X], "ALARM", "ALARM", "ALARM", "ALARM"],
    [[none, none, none, none, 0], "OK", "OK", "ALARM", "OK"],
    [[none, none, none, X, none], "ALARM", "retain", "ALARM", "OK"],
  ];
  const tables: [name: string, datapointsToAlarm: number, rows: Row[]][] = [
    ["3 of 3", 3, threeOfThree],
    ["2 of 3", 2, twoOfThree],
  ];
  for (const [name, datapointsToAlarm, rows] of tables) {
    for (const [points, ...states] of rows) {
      const shown = points.map((point) => (point === none ? "–" : point ? "X" : "0")).join(" ");
      it(`${name} of ${shown} is as the user guide says`, () => {
        const treatments = ["missing", "ignore", "breaching", "notBreaching"];
        const found = treatments.map((treatMissingData) =>
          evaluateAlarm(
            { evaluationPeriods: 3, datapointsToAlarm, treatMissingData, breaches },
            points.toReversed(),
            "ALARM",
          ),
        );
        expect(found).to.deep.equal(states.map((state) => (state === "retain" ? "ALARM" : state)));
      });
    }
  }

  it("uses the newest data points only: older breaches are over", () => {
    const rule = { evaluationPeriods: 1, treatMissingData: "notBreaching", breaches };
    expect(evaluateAlarm(rule, [0, X, X], "ALARM")).to.equal("OK");
    expect(evaluateAlarm(rule, [none, X, 0], "OK")).to.equal("ALARM");
  });
});
