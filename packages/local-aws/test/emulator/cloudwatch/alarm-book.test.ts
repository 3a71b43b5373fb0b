import { expect } from "chai";
import { AlarmBook, type Outcome } from "../../../emulator/cloudwatch/alarm-book.ts";
import { Metrics } from "../../../emulator/cloudwatch/metrics.ts";

const MINUTE_MS = 60_000;
const P1 = "arn:aws:sns:eu-west-1:123456789012:p1";
const P2 = "arn:aws:sns:eu-west-1:123456789012:p2";

describe("the book of alarms", () => {
  const world = () => {
    const metrics = new Metrics();
    const book = new AlarmBook({
      partition: "aws",
      region: "eu-west-1",
      accountId: "123456789012",
      minuteMs: MINUTE_MS,
      metrics,
    });
    const put = (AlarmName: string, MetricName: string, more = {}) =>
      book.putMetricAlarm(
        {
          AlarmName,
          Namespace: "shop",
          MetricName,
          Statistic: "Sum",
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 1,
          ComparisonOperator: "GreaterThanOrEqualToThreshold",
          TreatMissingData: "notBreaching",
          ...more,
        },
        0,
      );
    const happens = (metricName: string, minute: number) =>
      metrics.record(
        { namespace: "shop", metricName, dimensions: {} },
        { atMs: minute * MINUTE_MS, deliveredMs: minute * MINUTE_MS, value: 1 },
      );
    /** Judges the minutes up to this one; who was told what in each. */
    const play = (minutes: number): string[] =>
      Array.from({ length: minutes }, (_, index) => index + 1).flatMap((minute) =>
        told(book.judge(minute * MINUTE_MS)).map((text) => `${minute}: ${text}`),
      );
    return { book, put, happens, play };
  };
  const told = ({ due }: Outcome): string[] =>
    due.map(({ alarmName, topicArns, message }) => {
      const { NewStateValue, OldStateValue } = JSON.parse(message) as Record<string, string>;
      return `${alarmName} ${OldStateValue} to ${NewStateValue} ${topicArns.join()}`;
    });

  it("tells the topics of the new state, once a change", () => {
    const { put, happens, play } = world();
    put("errors", "errors", { AlarmActions: [P2, "arn:aws:lambda:eu-west-1:1:function:f"] });
    put("silent", "errors");
    put("off", "errors", { AlarmActions: [P2], ActionsEnabled: false });
    happens("errors", 2);
    happens("errors", 3);

    expect(play(8)).to.deep.equal([`3: errors OK to ALARM ${P2}`]);
  });

  it("lets a composite alarm follow at once, and says which alarm changed it", () => {
    const { book, put, happens } = world();
    put("a", "a");
    put("b", "b");
    book.putCompositeAlarm(
      { AlarmName: "any", AlarmRule: "ALARM(a) OR ALARM(b)", AlarmActions: [P1] },
      0,
    );
    book.judge(MINUTE_MS);
    happens("b", 1);
    const { changes, due } = book.judge(2 * MINUTE_MS);

    expect(changes.map(({ alarmName, state }) => `${alarmName} ${state}`)).to.deep.equal([
      "b ALARM",
      "any ALARM",
    ]);
    const { TriggeringChildren, NewStateReason } = JSON.parse(due[0]?.message ?? "{}") as {
      readonly TriggeringChildren: readonly { readonly Arn: string }[];
      readonly NewStateReason: string;
    };
    expect(TriggeringChildren.map(({ Arn }) => Arn.split(":").at(-1))).to.deep.equal(["b"]);
    expect(NewStateReason).to.match(/:alarm:b transitioned to ALARM at /);
  });

  it("follows composite alarms of composite alarms, in whichever order they were put", () => {
    const { book, put, happens } = world();
    put("a", "a");
    const rule = (AlarmName: string, AlarmRule: string) =>
      book.putCompositeAlarm({ AlarmName, AlarmRule }, 0);
    rule("top", 'ALARM("middle")');
    rule("middle", 'ALARM("a")');
    happens("a", 1);

    expect(book.judge(2 * MINUTE_MS).changes.map(({ alarmName }) => alarmName)).to.include.members([
      "middle",
      "top",
    ]);
  });

  it("keeps a composite alarm silent while its suppressor is red, and for the extension after", () => {
    const { book, put, happens, play } = world();
    put("errors", "errors");
    put("down", "down");
    book.putCompositeAlarm(
      {
        AlarmName: "failing",
        AlarmRule: "ALARM(errors)",
        AlarmActions: [P2],
        ActionsSuppressor: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:down",
        ActionsSuppressorWaitPeriod: 120,
        ActionsSuppressorExtensionPeriod: 180,
      },
      0,
    );
    for (let minute = 2; minute < 12; minute++) happens("errors", minute);
    // Red one minute later, as metrics differ.
    happens("down", 3);
    happens("down", 4);

    // The suppressor is red from 4 to 7, as long as its data points are read; the extension counts from then.
    expect(play(14)).to.deep.equal([`10: failing OK to ALARM ${P2}`]);
  });

  it("knows nothing until a warm-up is over", () => {
    const { put, play, book } = world();
    put("silence", "calls", {
      ComparisonOperator: "LessThanThreshold",
      TreatMissingData: "breaching",
      AlarmActions: [P1],
      WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 3 },
    });

    expect(play(5)).to.deep.equal([`3: silence INSUFFICIENT_DATA to ALARM ${P1}`]);
    expect(book.put("silence")).to.include({ MetricName: "calls" });
  });

  it("goes on with the other alarms where one asks for math that is not known here", () => {
    const { put, happens, play } = world();
    put("band", "a", {
      Namespace: undefined,
      MetricName: undefined,
      Metrics: [{ Id: "e", Expression: "ANOMALY_DETECTION_BAND(m, 2)", ReturnData: true }],
      AlarmActions: [P2],
    });
    put("errors", "errors", { AlarmActions: [P2] });
    happens("errors", 1);

    expect(play(2)).to.deep.equal([`2: errors OK to ALARM ${P2}`]);
  });

  it("refuses a rule that it cannot read", () => {
    const { book } = world();
    expect(() => book.putCompositeAlarm({ AlarmName: "x", AlarmRule: "RED(a)" }, 0)).to.throw(
      "unexpected RED",
    );
  });
});
