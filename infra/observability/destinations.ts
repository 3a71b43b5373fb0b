/** Who is told: a topic for each severity, the key that encrypts them, subscribers and Slack. */
import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AwsLocation } from "../arns.ts";
import { toJson } from "../identity/document.ts";
import { serviceTrust } from "../identity/runtime-policies.ts";
import { makeBoundedRole } from "../bounded-role.ts";
import * as names from "../names.ts";
import type { Settings } from "../settings.ts";
import { SEVERITIES, type Severity } from "./alarms.ts";
import { asksForCosts, slackRolePolicy, topicPolicy } from "./destination-policies.ts";

export interface DestinationsArgs {
  readonly settings: Settings;
  readonly location: AwsLocation;
  /** Encrypts the topics. CloudWatch may not use the key that AWS manages for them. */
  readonly alarmsKeyArn: pulumi.Input<string>;
  /** Bounds what the role of the chat service can ever be given. */
  readonly boundaryArn: pulumi.Input<string>;
}

/** P1 and P2 are for the person on call, P3 and P4 for working hours. */
const isUrgent = (severity: Severity): boolean => severity === "P1" || severity === "P2";

/**
 * A topic for each severity. They exist without subscribers too, so that a team can subscribe what it likes;
 * email addresses, HTTPS endpoints and Slack channels come from config.
 */
export class Destinations extends pulumi.ComponentResource {
  readonly topicArns: Readonly<Record<Severity, pulumi.Output<string>>>;

  constructor(name: string, args: DestinationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lambda-service:infra:Destinations", name, {}, opts);
    const { settings } = args;
    const topics = SEVERITIES.map((severity) => [severity, this.#topic(severity, args)] as const);
    this.topicArns = Object.fromEntries(
      topics.map(([severity, topic]) => [severity, topic.arn]),
    ) as Record<Severity, pulumi.Output<string>>;
    for (const [severity, topic] of topics) this.#subscribe(severity, topic, settings);
    if (settings.slackTeamId !== undefined) this.#slack(args);
    this.registerOutputs({ topicArns: this.topicArns });
  }

  /** The topics of these severities. */
  topics(severity: Severity): pulumi.Output<string>[] {
    return [this.topicArns[severity]];
  }

  /** Only who was called is told that it is over. */
  okTopics(severity: Severity): pulumi.Output<string>[] {
    return isUrgent(severity) ? this.topics(severity) : [];
  }

  #topic(severity: Severity, { settings, location, alarmsKeyArn }: DestinationsArgs) {
    const topicName = names.topicName(settings, severity);
    const takesCosts = severity === "P4" && asksForCosts(settings);
    const topic = new aws.sns.Topic(
      `${severity.toLowerCase()}-topic`,
      { name: topicName, kmsMasterKeyId: alarmsKeyArn, signatureVersion: 2 },
      { parent: this },
    );
    new aws.sns.TopicPolicy(
      `${severity.toLowerCase()}-topic-policy`,
      {
        arn: topic.arn,
        policy: toJson(topicPolicy(location, settings, topicName, { takesCosts })),
      },
      { parent: this },
    );
    return topic;
  }

  #subscribe(severity: Severity, topic: aws.sns.Topic, settings: Settings): void {
    const urgent = isUrgent(severity);
    const subscribers = {
      email: urgent ? settings.urgentEmails : settings.quietEmails,
      https: urgent ? settings.urgentUrls : settings.quietUrls,
    };
    for (const [protocol, endpoints] of Object.entries(subscribers)) {
      for (const endpoint of endpoints) {
        new aws.sns.TopicSubscription(
          `${severity.toLowerCase()}-${protocol}-${shortHash(endpoint)}`,
          // An address may hold the key of whoever it belongs to.
          { topic: topic.arn, protocol, endpoint: pulumi.secret(endpoint) },
          { parent: this },
        );
      }
    }
  }

  /** AWS's chat service, which formats alarms itself. The workspace is authorised once, by hand, in its console. */
  #slack({ settings, location, boundaryArn }: DestinationsArgs): void {
    const { role } = makeBoundedRole(
      "slack",
      {
        roleName: names.slackRoleName(settings),
        description: "What people may see of AWS from the alarms' Slack channels",
        trust: serviceTrust("chatbot.amazonaws.com", location),
        permissions: slackRolePolicy(location, settings),
        boundaryArn,
      },
      { parent: this },
    );
    const channels = { urgent: settings.slackUrgentChannelId, quiet: settings.slackQuietChannelId };
    for (const [channel, slackChannelId] of Object.entries(channels)) {
      if (slackChannelId === undefined) continue;
      const severities = SEVERITIES.filter((level) => isUrgent(level) === (channel === "urgent"));
      new aws.chatbot.SlackChannelConfiguration(
        `slack-${channel}`,
        {
          configurationName: names.slackConfigurationName(settings, channel),
          iamRoleArn: role.arn,
          slackTeamId: settings.slackTeamId ?? "",
          slackChannelId,
          snsTopicArns: severities.map((severity) => this.topicArns[severity]),
          // Without it the guardrail is AdministratorAccess.
          guardrailPolicyArns: [
            `arn:${location.partition}:iam::aws:policy/CloudWatchReadOnlyAccess`,
          ],
          loggingLevel: "ERROR",
        },
        { parent: this },
      );
    }
  }
}

/** Names a subscription by its endpoint without showing it. */
const shortHash = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 8);
