/** Hears the alarms as the person on call would, and shows their messages. */
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { topicArn } from "../../infra/arns.ts";
import { topicName } from "../../infra/names.ts";
import { SEVERITIES } from "../../infra/observability/alarms.ts";
import type { StackOutputs } from "../../infra/outputs.ts";

const QUEUE_NAME = "on-call";

/** The members of CloudWatch's message that people read first. */
interface AlarmMessage {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly NewStateValue: string;
  readonly NewStateReason: string;
}

export interface OnCall {
  /** What has come since, one text a message, oldest first. */
  heard(): Promise<readonly string[]>;
}

/** Subscribes a queue to the topics of all severities. */
export async function hearAlarms(
  environment: Readonly<Record<string, string>>,
  outputs: StackOutputs,
): Promise<OnCall> {
  const { region, accountId } = outputs;
  const client = {
    region,
    endpoint: environment["AWS_ENDPOINT_URL"] ?? "",
    credentials: {
      accessKeyId: environment["AWS_ACCESS_KEY_ID"] ?? "",
      secretAccessKey: environment["AWS_SECRET_ACCESS_KEY"] ?? "",
    },
  };
  const sns = new SNSClient(client);
  const sqs = new SQSClient(client);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: QUEUE_NAME }));
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
  );
  const Endpoint = Attributes["QueueArn"];
  const [, partition = "aws"] = outputs.aliasArn.split(":");
  for (const severity of SEVERITIES) {
    const TopicArn = topicArn({ partition, region, accountId }, topicName(outputs, severity));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }));
  }
  return {
    heard: async () => {
      const texts: string[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
        );
        if (Messages.length === 0) return texts;
        texts.push(...Messages.map(({ Body = "" }) => messageText(Body)));
        const Entries = Messages.map(({ ReceiptHandle }, index) => ({
          Id: String(index),
          ReceiptHandle,
        }));
        await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      }
    },
  };
}

/** The subject as an email has it, then the alarm's own text and why it changed. */
export function messageText(body: string): string {
  const { Subject = "", Message = "{}" } = JSON.parse(body) as {
    readonly Subject?: string;
    readonly Message?: string;
  };
  const { AlarmDescription = "", NewStateReason = "" } = JSON.parse(
    Message,
  ) as Partial<AlarmMessage>;
  const lines = [...AlarmDescription.split("\n"), `Reason: ${NewStateReason}`];
  return [Subject, ...lines.map((line) => `  ${line}`)].join("\n");
}
