/**
 * CloudWatch as it publishes to a topic: only where the topic's policy lets it in, and the policy of the key that
 * encrypts the topic. Where they do not, the alarm's history says so, and nobody is told anything.
 */
import { GetKeyPolicyCommand, type KMSClient } from "@aws-sdk/client-kms";
import { GetTopicAttributesCommand, PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import { admitsService } from "../policy.ts";
import type { AccountLocation, Due } from "./alarm-book.ts";
import { alarmArnOf } from "./notification.ts";

export interface PublisherOptions extends AccountLocation {
  readonly sns: SNSClient;
  readonly kms: KMSClient;
}

/** What became of an action, as the alarm's history has it. */
export interface Action {
  readonly alarmName: string;
  readonly summary: string;
}

const SERVICE = "cloudwatch.amazonaws.com";

/** Sends it to each of its topics. Never throws: an alarm goes on when nobody can be told. */
export const publish = (due: Due, options: PublisherOptions): Promise<Action[]> =>
  Promise.all(
    due.topicArns.map(async (topicArn) => {
      const refusal = await refusalOf(due, topicArn, options).catch(
        (error: Error) => error.message,
      );
      const summary =
        refusal === undefined
          ? `Successfully executed action ${topicArn}`
          : `Failed to execute action ${topicArn}. Received error: "${refusal}"`;
      return { alarmName: due.alarmName, summary };
    }),
  );

/** Publishes, or says in CloudWatch's words why it may not. */
async function refusalOf(
  { alarmName, subject, message }: Due,
  topicArn: string,
  options: PublisherOptions,
): Promise<string | undefined> {
  const { sns, kms, accountId } = options;
  const context = {
    "aws:sourcearn": alarmArnOf(options, alarmName),
    "aws:sourceaccount": accountId,
    "aws:sourceowner": accountId,
    "aws:securetransport": "true",
  };
  const request = (action: string, resource: string) => ({
    service: SERVICE,
    action,
    resource,
    context,
  });
  const { Attributes = {} } = await sns.send(new GetTopicAttributesCommand({ TopicArn: topicArn }));
  if (!admitsService(Attributes["Policy"] ?? "", request("sns:Publish", topicArn))) {
    return "CloudWatch Alarms is not authorized to perform: SNS:Publish on the topic";
  }
  const keyId = Attributes["KmsMasterKeyId"] ?? "";
  if (keyId !== "") {
    // The policy of the key that AWS manages cannot be changed, and lets CloudWatch in nowhere.
    const policy = keyId === "alias/aws/sns" ? "" : await keyPolicy(kms, keyId);
    const uses = ["kms:GenerateDataKey", "kms:Decrypt"];
    if (!uses.every((action) => admitsService(policy, request(action, keyId)))) {
      return "CloudWatch Alarms does not have authorization to access the SNS topic encryption key.";
    }
  }
  await sns.send(new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: message }));
  return undefined;
}

const keyPolicy = async (kms: KMSClient, keyId: string): Promise<string> => {
  const { Policy = "" } = await kms.send(
    new GetKeyPolicyCommand({ KeyId: keyId, PolicyName: "default" }),
  );
  return Policy;
};
