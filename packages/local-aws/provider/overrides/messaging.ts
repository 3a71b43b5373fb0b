import { type Override, dnsSuffix, type Resource, regionalArn, text, uuid } from "../aws-types.ts";

const queueUrl = ({ location, inputs }: Resource): string =>
  `https://sqs.${location.region}.${dnsSuffix(location)}/${location.accountId}/${text(inputs, "name")}`;

const topicArn = ({ location, inputs }: Resource): string =>
  regionalArn(location, "sns", text(inputs, "name"));

export const messaging: Readonly<Record<string, Override>> = {
  "aws:sqs/queue:Queue": {
    nameKey: "name",
    replaceOn: ["name", "namePrefix", "fifoQueue"],
    id: queueUrl,
    computed: (resource) => ({
      arn: regionalArn(resource.location, "sqs", text(resource.inputs, "name")),
      url: queueUrl(resource),
    }),
  },
  "aws:sqs/queuePolicy:QueuePolicy": {
    replaceOn: ["queueUrl"],
    id: ({ inputs }) => text(inputs, "queueUrl"),
  },
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": {
    replaceOn: ["queueUrl"],
    id: ({ inputs }) => text(inputs, "queueUrl"),
  },
  "aws:sns/topic:Topic": {
    nameKey: "name",
    replaceOn: ["name", "namePrefix", "fifoTopic"],
    id: topicArn,
    computed: (resource) => ({ arn: topicArn(resource), owner: resource.location.accountId }),
  },
  "aws:sns/topicPolicy:TopicPolicy": {
    replaceOn: ["arn"],
    id: ({ inputs }) => text(inputs, "arn"),
    computed: ({ location }) => ({ owner: location.accountId }),
  },
  "aws:sns/topicSubscription:TopicSubscription": {
    replaceOn: ["endpoint", "protocol", "topic"],
    id: ({ inputs }) => subscriptionArn(inputs),
    computed: ({ location, inputs }) => ({
      arn: subscriptionArn(inputs),
      ownerId: location.accountId,
      pendingConfirmation: text(inputs, "protocol") === "email",
      confirmationWasAuthenticated: false,
    }),
  },
};

function subscriptionArn(inputs: Readonly<Record<string, unknown>>): string {
  const topic = text(inputs, "topic");
  return `${topic}:${uuid(`${topic}/${text(inputs, "protocol")}/${text(inputs, "endpoint")}`)}`;
}
