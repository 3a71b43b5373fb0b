import { expect } from "chai";
import { Observability } from "../../infra/observability.ts";
import { readSettings } from "../../infra/settings.ts";
import { type MockOptions, withMocks } from "../support/mocks.ts";

const location = { partition: "aws", region: "eu-central-1", accountId: "210987654321" };
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm";
const SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription";
const SLACK = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration";

const build = (config: NonNullable<MockOptions["config"]> = {}) =>
  withMocks(
    () => {
      const { alarmNames, destinations } = new Observability("observability", {
        settings: readSettings(),
        location,
        boundaryArn: "arn:aws:iam::210987654321:policy/ledger-boundary-production",
        alarmsKeyArn: "arn:aws:kms:eu-central-1:210987654321:key/1",
        metricsNamespace: "ledger-api",
        lambda: { logGroupName: "/aws/lambda/ledger-function-production" },
      });
      return { alarmNames, topicArns: destinations.topicArns };
    },
    { stack: "production", config },
  );

describe("observability", () => {
  it("alarms on more errors than the threshold, through the alias", async () => {
    const { inputs } = (await build()).find(ALARM, "errors-alarm");
    expect(inputs).to.deep.include({
      name: "ledger-errors-production",
      namespace: "AWS/Lambda",
      metricName: "Errors",
      statistic: "Sum",
      dimensions: {
        FunctionName: "ledger-function-production",
        Resource: "ledger-function-production:live",
      },
      comparisonOperator: "GreaterThanThreshold",
      threshold: 2,
      treatMissingData: "notBreaching",
    });
  });

  it("alarms on slow calls by percentile, in milliseconds", async () => {
    const { inputs } = (await build()).find(ALARM, "duration-alarm");
    expect(inputs).to.deep.include({
      name: "ledger-duration-production",
      metricName: "Duration",
      extendedStatistic: "p99",
      comparisonOperator: "GreaterThanThreshold",
      threshold: 7000,
    });
    expect(inputs).to.not.have.any.keys("statistic");
  });

  it("alarms at the first throttles", async () => {
    const { inputs } = (await build()).find(ALARM, "throttles-alarm");
    expect(inputs).to.deep.include({
      name: "ledger-throttles-production",
      metricName: "Throttles",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 2,
    });
  });

  it("gives each alarm the topic of its level, and tells who was called that it is over", async () => {
    const run = await build();
    const topic = (level: string) =>
      `arn:aws:sns:eu-central-1:123456789012:ledger-${level}-production`;
    const actions = (type: string, name: string) => {
      const { alarmActions, okActions } = run.find(type, name).inputs;
      return [alarmActions, okActions ?? []];
    };

    expect(actions(COMPOSITE, "down-alarm")).to.deep.equal([[topic("p1")], [topic("p1")]]);
    expect(actions(COMPOSITE, "failing-alarm")).to.deep.equal([[topic("p2")], [topic("p2")]]);
    expect(actions(COMPOSITE, "slow-alarm")).to.deep.equal([[topic("p3")], []]);
    expect(actions(ALARM, "memory-alarm")).to.deep.equal([[topic("p4")], []]);
    expect(actions(ALARM, "errors-alarm")).to.deep.equal([undefined, []]);
  });

  it("joins alarms of one incident by their names, and keeps them silent while it is known", async () => {
    const run = await build();
    const { inputs } = run.find(COMPOSITE, "failing-alarm");

    expect(inputs["alarmRule"]).to.equal(
      '(ALARM("ledger-errors-production") OR ALARM("ledger-failures-production"))',
    );
    expect(inputs["actionsSuppressor"]).to.deep.include({ alarm: "ledger-known-production" });
    const known = run.find(COMPOSITE, "known-alarm").inputs;
    expect(known["alarmRule"]).to.equal(
      '(ALARM("ledger-down-production") OR (ALARM("ledger-releasing-production") AND NOT ALARM("ledger-lasting-failures-production")))',
    );
    expect(known).to.not.have.any.keys("alarmActions", "okActions");
  });

  it("waits for what an alarm names before it is made", async () => {
    const run = await build();

    expect(run.find(COMPOSITE, "slow-alarm").options.dependsOn).to.include.members([
      "down-alarm",
      "failing-alarm",
    ]);
    expect(run.find(COMPOSITE, "down-alarm").options.dependsOn).to.include("all-failing-alarm");
    expect(run.find(COMPOSITE, "known-alarm").options.dependsOn).to.include.members([
      "down-alarm",
      "releasing-alarm",
      "lasting-failures-alarm",
    ]);
  });

  it("names the alarms that say that something is wrong, to the doctor among others", async () => {
    const { outputs } = await build();

    expect(outputs.alarmNames).to.include.members([
      "ledger-down-production",
      "ledger-lasting-failures-production",
    ]);
    expect(outputs.alarmNames).to.not.include.any.members([
      "ledger-releasing-production",
      "ledger-known-production",
    ]);
  });

  it("has topics without subscribers, and no Slack, until a team names some", async () => {
    const run = await build();

    expect(run.all("aws:sns/topic:Topic")).to.have.length(4);
    expect(run.all(SUBSCRIPTION)).to.be.empty;
    expect(run.all(SLACK)).to.be.empty;
  });

  it("subscribes people and services by how urgent it is, and keeps their addresses secret", async () => {
    const run = await build({
      urgentEmails: '["oncall@example.com"]',
      urgentUrls: '["https://events.example.com/key"]',
      quietEmails: '["team@example.com"]',
    });
    const subscriptions = run.all(SUBSCRIPTION).map(({ name, inputs, secretInputs }) => ({
      topic: name.split("-")[0],
      protocol: inputs["protocol"],
      secret: secretInputs.includes("endpoint"),
    }));

    expect(subscriptions).to.have.deep.members([
      ...["p1", "p2"].flatMap((topic) => [
        { topic, protocol: "email", secret: true },
        { topic, protocol: "https", secret: true },
      ]),
      { topic: "p3", protocol: "email", secret: true },
      { topic: "p4", protocol: "email", secret: true },
    ]);
    expect(run.resources.map(({ name }) => name).join(" ")).to.not.include("example.com");
  });

  it("tells Slack by level, with a role and a guardrail that only read", async () => {
    const run = await build({
      slackTeamId: "T07EA123LEP",
      slackUrgentChannelId: "C07EZ1ABC23",
      slackQuietChannelId: "C07EZ1ABC24",
    });
    const urgent = run.find(SLACK, "slack-urgent").inputs;

    expect(run.all(SLACK)).to.have.length(2);
    expect(urgent["snsTopicArns"]).to.have.length(2);
    expect(urgent["guardrailPolicyArns"]).to.deep.equal([
      "arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess",
    ]);
    expect(run.find("aws:iam/role:Role", "slack-role").inputs["permissionsBoundary"]).to.include(
      "boundary",
    );
  });
});
