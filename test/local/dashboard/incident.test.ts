import { expect } from "chai";
import { parseBody } from "../../../local/dashboard/body.ts";
import { readData } from "../../../local/dashboard/data.ts";
import { playIncident } from "../../../local/dashboard/sample/incident.ts";
import { sampleSource } from "../../../local/dashboard/sample/source.ts";
import { testSettings } from "../../support/settings.ts";

const MINUTE = 60_000;
const settings = testSettings({ environment: "production", serviceName: "till" });
const FUNCTION = "till-function-production";

describe("the samples of the dashboard", () => {
  const incident = playIncident(settings, "shop");
  const { span, releases } = incident;
  const [, bad, back] = releases;
  const version = /\d+/.exec(bad?.label ?? "")?.[0] ?? "none";

  it("are the same every time", () => {
    const again = playIncident(settings, "shop");

    expect(again.releases).to.deep.equal(releases);
    expect(again.logs).to.deep.equal(incident.logs);
  });

  const sum = (
    metricName: string,
    dimensions: Record<string, string>,
    fromMs: number,
    toMs: number,
  ) =>
    incident.metrics.statistic({ namespace: "AWS/Lambda", metricName, dimensions }, "Sum", {
      fromMs,
      toMs,
      seenAtMs: Infinity,
    });
  const ofVersion = {
    FunctionName: FUNCTION,
    Resource: `${FUNCTION}:live`,
    ExecutedVersion: version,
  };

  it("send a bad version back once its errors have been delivered and judged, within three minutes", () => {
    const minutes = ((back?.atMs ?? 0) - (bad?.atMs ?? 0)) / MINUTE;

    expect(back?.label).to.match(/^back to version \d+$/);
    expect(minutes).to.be.within(1, 3);
    expect(sum("Errors", ofVersion, bad?.atMs ?? 0, back?.atMs ?? 0)).to.be.above(0);
  });

  it("have Lambda's metrics by version only while two serve", () => {
    expect(sum("Invocations", ofVersion, span.fromMs, bad?.atMs ?? 0)).to.equal(undefined);
    expect(sum("Invocations", ofVersion, (back?.atMs ?? 0) + MINUTE, span.toMs)).to.equal(
      undefined,
    );
    const share =
      (sum("Invocations", ofVersion, bad?.atMs ?? 0, back?.atMs ?? 0) ?? 0) /
      (sum(
        "Invocations",
        { FunctionName: FUNCTION, Resource: `${FUNCTION}:live` },
        bad?.atMs ?? 0,
        back?.atMs ?? 0,
      ) ?? 1);
    expect(share).to.be.within(0.03, 0.25);
  });

  it("are judged by the alarms of the plan, the composite ones too", async () => {
    const metric = {
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: "till-dlq-production" },
      statistic: "Maximum",
      period: 300,
      evaluationPeriods: 1,
      threshold: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      treatMissingData: "notBreaching",
    };
    const source = sampleSource(incident, [
      { type: "aws:cloudwatch/metricAlarm:MetricAlarm", inputs: { name: "waiting", ...metric } },
      {
        type: "aws:cloudwatch/metricAlarm:MetricAlarm",
        inputs: { name: "many", ...metric, threshold: 1e6 },
      },
      {
        type: "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        inputs: { alarmName: "both", alarmRule: 'ALARM("waiting") AND NOT ALARM("many")' },
      },
    ]);
    const alarms = await source.alarms(["both", "waiting", "many", "none"]);

    expect(alarms.map(({ name, state }) => `${name} ${state}`)).to.deep.equal([
      "both ALARM",
      "waiting ALARM",
      "many OK",
      "none missing",
    ]);
    expect(alarms[0]?.sinceMs).to.be.within(bad?.atMs ?? 0, span.toMs);
  });

  it("are computed as CloudWatch computes: by periods, and nothing where nothing was", async () => {
    const live = ["FunctionName", FUNCTION, "Resource", `${FUNCTION}:live`];
    const search = `SEARCH('{AWS/Lambda,FunctionName,Resource,ExecutedVersion} FunctionName="${FUNCTION}" MetricName="Errors"', 'Sum', 60)`;
    const body = {
      widgets: [
        {
          type: "metric",
          properties: {
            period: 300,
            metrics: [
              [{ expression: "100 * FILL(e, 0) / c", label: "share" }],
              ["AWS/Lambda", "Errors", ...live, { id: "e", stat: "Sum", visible: false }],
              ["AWS/Lambda", "Invocations", ...live, { id: "c", stat: "Sum", visible: false }],
              [{ expression: search, label: "v${PROP('Dim.ExecutedVersion')}", period: 60 }],
            ],
          },
        },
      ],
    };
    const data = await readData(parseBody(JSON.stringify(body)), sampleSource(incident, []), span);
    const [shown] = data.widgets;
    const lines = shown?.kind === "lines" ? shown.lines : [];
    const [share] = lines;

    expect(share?.points).to.have.length((span.toMs - span.fromMs) / (5 * MINUTE));
    expect(share?.points.every(([atMs]) => atMs % (5 * MINUTE) === 0)).to.equal(true);
    expect(Math.max(...(share?.points ?? []).map(([, value]) => value))).to.be.within(1, 10);
    expect(lines.slice(1).map(({ label }) => label)).to.include(`v${version}`);
  });
});
