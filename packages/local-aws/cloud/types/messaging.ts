import {
  CreateTopicCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import { type Properties, text } from "../../provider/aws-types.ts";
import { type Maker, putting } from "./maker.ts";

/** The program's names of the attributes that the queue takes at any time. */
const QUEUE_ATTRIBUTES = {
  messageRetentionSeconds: "MessageRetentionPeriod",
  visibilityTimeoutSeconds: "VisibilityTimeout",
  sqsManagedSseEnabled: "SqsManagedSseEnabled",
  kmsMasterKeyId: "KmsMasterKeyId",
  redrivePolicy: "RedrivePolicy",
  redriveAllowPolicy: "RedriveAllowPolicy",
  delaySeconds: "DelaySeconds",
  receiveWaitTimeSeconds: "ReceiveMessageWaitTimeSeconds",
  contentBasedDeduplication: "ContentBasedDeduplication",
  deduplicationScope: "DeduplicationScope",
  fifoThroughputLimit: "FifoThroughputLimit",
  maxMessageSize: "MaximumMessageSize",
} as const;

/** What the provider sets where the program does not, unlike SQS, whose own default is 1 MB (`@pulumi/aws`, `Queue`). */
const PROVIDER_DEFAULTS: Properties = { maxMessageSize: 262_144 };

const asText = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);

function attributesOf(given: Properties): Record<string, string> {
  const inputs = { ...PROVIDER_DEFAULTS, ...given };
  return Object.fromEntries(
    Object.entries(QUEUE_ATTRIBUTES).flatMap(([key, name]) =>
      inputs[key] === undefined ? [] : [[name, asText(inputs[key])]],
    ),
  );
}

/** The SDK calls a queue where its URL says, and the emulator knows nothing of what stands before it. */
const atEndpoint = (url = ""): string =>
  new URL(new URL(url).pathname, process.env["AWS_ENDPOINT_URL"]).href;

export const messagingMakers: Readonly<Record<string, Maker>> = {
  "aws:sqs/queue:Queue": {
    create: async ({ inputs }, { sqs }) => {
      const { QueueUrl } = await sqs.send(
        new CreateQueueCommand({
          QueueName: text(inputs, "name"),
          Attributes: {
            ...attributesOf(inputs),
            // SQS takes it at the creation alone, and never as "false".
            ...(inputs["fifoQueue"] === true && { FifoQueue: "true" }),
          },
        }),
      );
      const url = atEndpoint(QueueUrl);
      return { url, id: url };
    },
    update: async ({ inputs, previous }, { sqs }) => {
      await sqs.send(
        new SetQueueAttributesCommand({
          QueueUrl: text(previous ?? {}, "url"),
          Attributes: attributesOf(inputs),
        }),
      );
      return {};
    },
    delete: async ({ previous }, { sqs }) => {
      await sqs.send(new DeleteQueueCommand({ QueueUrl: text(previous ?? {}, "url") }));
    },
    ownOutputs: ["url", "id"],
  },
  "aws:sqs/queuePolicy:QueuePolicy": putting(({ inputs }, { sqs }) =>
    sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: text(inputs, "queueUrl"),
        Attributes: { Policy: text(inputs, "policy") },
      }),
    ),
  ),
  "aws:sns/topic:Topic": putting(async ({ inputs }, { sns }) => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: text(inputs, "name") }));
    // Set one by one, so that an update changes them as well.
    await sns.send(
      new SetTopicAttributesCommand({
        TopicArn,
        AttributeName: "KmsMasterKeyId",
        AttributeValue: text(inputs, "kmsMasterKeyId"),
      }),
    );
  }),
  "aws:sns/topicPolicy:TopicPolicy": putting(({ inputs }, { sns }) =>
    sns.send(
      new SetTopicAttributesCommand({
        TopicArn: text(inputs, "arn"),
        AttributeName: "Policy",
        AttributeValue: text(inputs, "policy"),
      }),
    ),
  ),
  "aws:sns/topicSubscription:TopicSubscription": putting(({ inputs }, { sns }) =>
    sns.send(
      new SubscribeCommand({
        TopicArn: text(inputs, "topic"),
        Protocol: text(inputs, "protocol"),
        Endpoint: text(inputs, "endpoint"),
      }),
    ),
  ),
};
