/** Who may publish to the topics, and use the key that encrypts them. Pure. */
import { alarmArn, type AwsLocation, topicArn } from "../arns.ts";
import { allow, ANY, of, type PolicyDocument, policy } from "../identity/document.ts";
import * as names from "../names.ts";
import { tlsOnly } from "../tls-only.ts";
import type { Scope } from "../names.ts";
import type { Settings } from "../settings.ts";

/** Alarms of this stack and no other: an alarm elsewhere could not be told from ours. */
const ownAlarms = (location: AwsLocation, scope: Scope) => ({
  StringEquals: { "aws:SourceAccount": location.accountId },
  ArnLike: { "aws:SourceArn": alarmArn(location, names.metricName(scope, "*")) },
});

/** Costs are told where the least urgent alarms go. */
export const asksForCosts = ({
  monthlyBudgetUsd,
  anomalyMonitorArn,
}: Pick<Settings, "monthlyBudgetUsd" | "anomalyMonitorArn">): boolean =>
  monthlyBudgetUsd > 0 || anomalyMonitorArn !== undefined;

export interface CostOptions {
  /** Whether budgets and cost anomalies are told here too. */
  readonly takesCosts: boolean;
}

/** Budgets and anomalies of this account (AWS Cost Management guide, "Creating an Amazon SNS topic"). */
const costAlerts = ({ partition, accountId }: AwsLocation, wanted: boolean) =>
  !wanted
    ? []
    : [
        {
          sid: "Budgets",
          service: "budgets.amazonaws.com",
          condition: {
            StringEquals: { "aws:SourceAccount": accountId },
            ArnLike: { "aws:SourceArn": `arn:${partition}:budgets::${accountId}:*` },
          },
        },
        {
          sid: "Anomalies",
          service: "costalerts.amazonaws.com",
          // Whether it names the account that it speaks for is not documented; a condition could silence it for good.
          condition: undefined,
        },
      ];

const root = ({ partition, accountId }: AwsLocation): string =>
  `arn:${partition}:iam::${accountId}:root`;

/** A topic's policy replaces the default one, under which the whole account may publish. */
export const topicPolicy = (
  location: AwsLocation,
  scope: Scope,
  topicName: string,
  { takesCosts }: CostOptions,
): PolicyDocument => {
  const topic = [topicArn(location, topicName)];
  return policy(
    ...costAlerts(location, takesCosts).map(({ sid, service, condition }) => ({
      ...allow(sid, of("sns", "Publish"), topic, condition),
      Principal: { Service: service },
    })),
    {
      ...allow("Alarms", of("sns", "Publish"), topic, ownAlarms(location, scope)),
      Principal: { Service: "cloudwatch.amazonaws.com" },
    },
    {
      ...allow(
        "Owner",
        of("sns", "DeleteTopic", "GetTopicAttributes", "SetTopicAttributes", "Subscribe"),
        topic,
      ),
      Principal: { AWS: root(location) },
    },
    ...tlsOnly(of("sns", "Publish", "Subscribe"), topic).Statement,
  );
};

/** `kms:*` for the account does not reach services: CloudWatch is named, and may only encrypt for these alarms. */
export const topicKeyPolicy = (
  location: AwsLocation,
  scope: Scope,
  { takesCosts }: CostOptions,
): PolicyDocument =>
  policy(
    { ...allow("Owner", ["kms:*"], ANY), Principal: { AWS: root(location) } },
    {
      ...allow("Alarms", of("kms", "Decrypt", "GenerateDataKey*"), ANY, ownAlarms(location, scope)),
      Principal: { Service: "cloudwatch.amazonaws.com" },
    },
    ...costAlerts(location, takesCosts).map(({ sid, service, condition }) => ({
      ...allow(sid, of("kms", "Decrypt", "GenerateDataKey*"), ANY, condition),
      Principal: { Service: service },
    })),
  );

/** What a person in the channel may ask AWS: how the alarms are. */
export const slackRolePolicy = (location: AwsLocation, scope: Scope): PolicyDocument =>
  policy(
    allow("SeeAlarms", of("cloudwatch", "DescribeAlarms", "DescribeAlarmHistory"), [
      alarmArn(location, names.metricName(scope, "*")),
    ]),
  );
