import { expect } from "chai";
import { Observability } from "../../infra/observability.ts";
import { readSettings } from "../../infra/settings.ts";
import { withMocks } from "../support/mocks.ts";

const build = (stack: string) =>
  withMocks(
    () => {
      const { alarmNames, releaseAlarmNames } = new Observability("observability", {
        settings: readSettings(),
      });
      return { alarmNames, releaseAlarmNames };
    },
    { stack },
  );

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const ALIAS = {
  FunctionName: "ledger-function-production",
  Resource: "ledger-function-production:live",
};

describe("observability", () => {
  it("alarms on more errors than the threshold, through the alias", async () => {
    const { inputs } = (await build("production")).find(ALARM, "errors-alarm");
    expect(inputs).to.deep.include({
      name: "ledger-errors-production",
      namespace: "AWS/Lambda",
      metricName: "Errors",
      statistic: "Sum",
      dimensions: ALIAS,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 2,
      treatMissingData: "notBreaching",
    });
  });

  it("alarms on slow calls by percentile, in milliseconds", async () => {
    const { inputs } = (await build("production")).find(ALARM, "duration-alarm");
    expect(inputs).to.deep.include({
      name: "ledger-duration-production",
      metricName: "Duration",
      extendedStatistic: "p99",
      dimensions: ALIAS,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 7000,
      treatMissingData: "notBreaching",
    });
    expect(inputs).to.not.have.any.keys("statistic");
  });

  it("alarms when as many calls are throttled as the threshold", async () => {
    const { inputs } = (await build("production")).find(ALARM, "throttles-alarm");
    expect(inputs).to.deep.include({
      name: "ledger-throttles-production",
      metricName: "Throttles",
      dimensions: ALIAS,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 2,
    });
  });

  it("alarms on waiting dead letters by what waits, not by what arrives", async () => {
    const { inputs } = (await build("staging")).find(ALARM, "dead-letters-alarm");
    expect(inputs).to.deep.include({
      name: "ledger-dead-letters-staging",
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      statistic: "Maximum",
      dimensions: { QueueName: "ledger-dlq-staging" },
    });
  });

  it("takes the thresholds of each environment", async () => {
    const run = await build("staging");
    expect(run.find(ALARM, "errors-alarm").inputs["threshold"]).to.equal(6);
    expect(run.find(ALARM, "duration-alarm").inputs["threshold"]).to.equal(9000);
  });

  it("lets the function's alarms judge a release, and not dead letters from before it", async () => {
    const { outputs } = await build("staging");
    expect(outputs.releaseAlarmNames).to.deep.equal([
      "ledger-errors-staging",
      "ledger-duration-staging",
      "ledger-throttles-staging",
    ]);
    expect(outputs.alarmNames).to.include.members([
      ...outputs.releaseAlarmNames,
      "ledger-dead-letters-staging",
    ]);
  });

  it("says with every alarm what to do", async () => {
    for (const { inputs } of (await build("staging")).all(ALARM)) {
      expect(inputs["alarmDescription"]).to.match(/Runbook: docs\/operations\.md#[a-z-]+$/);
    }
  });

  it("makes everything its own child", async () => {
    const { resources } = await build("staging");
    const strays = resources.filter(
      ({ name, options }) => name !== "observability" && options.parent?.name !== "observability",
    );
    expect(resources).to.have.length.above(4);
    expect(strays).to.deep.equal([]);
  });
});
