import {
  awsType,
  type AwsType,
  dnsSuffix,
  type Resource,
  regionalArn,
  text,
  uuid,
} from "../aws-types.ts";

const queueUrl = ({ location, inputs }: Resource): string =>
  `https://sqs.${location.region}.${dnsSuffix(location)}/${location.accountId}/${text(inputs, "name")}`;

const topicArn = ({ location, inputs }: Resource): string =>
  regionalArn(location, "sns", text(inputs, "name"));

export const messaging: Readonly<Record<string, AwsType>> = {
  "aws:sqs/queue:Queue": awsType({
    nameKey: "name",
    replaceOn: ["name", "namePrefix", "fifoQueue"],
    id: queueUrl,
    computed: (resource) => ({
      arn: regionalArn(resource.location, "sqs", text(resource.inputs, "name")),
      url: queueUrl(resource),
    }),
  }),
  "aws:sqs/queuePolicy:QueuePolicy": awsType({
    required: ["policy", "queueUrl"],
    replaceOn: ["queueUrl"],
    tags: false,
    id: ({ inputs }) => text(inputs, "queueUrl"),
  }),
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": awsType({
    required: ["queueUrl", "redriveAllowPolicy"],
    replaceOn: ["queueUrl"],
    tags: false,
    id: ({ inputs }) => text(inputs, "queueUrl"),
  }),
  "aws:sns/topic:Topic": awsType({
    nameKey: "name",
    replaceOn: ["name", "namePrefix", "fifoTopic"],
    id: topicArn,
    computed: (resource) => ({ arn: topicArn(resource), owner: resource.location.accountId }),
  }),
  "aws:sns/topicPolicy:TopicPolicy": awsType({
    required: ["arn", "policy"],
    replaceOn: ["arn"],
    tags: false,
    id: ({ inputs }) => text(inputs, "arn"),
    computed: ({ location }) => ({ owner: location.accountId }),
  }),
  "aws:sns/topicSubscription:TopicSubscription": awsType({
    required: ["endpoint", "protocol", "topic"],
    replaceOn: ["endpoint", "protocol", "topic"],
    tags: false,
    id: ({ inputs }) => subscriptionArn(inputs),
    computed: ({ location, inputs }) => ({
      arn: subscriptionArn(inputs),
      ownerId: location.accountId,
      pendingConfirmation: text(inputs, "protocol") === "email",
      confirmationWasAuthenticated: false,
    }),
  }),
};

function subscriptionArn(inputs: Readonly<Record<string, unknown>>): string {
  const topic = text(inputs, "topic");
  return `${topic}:${uuid(`${topic}/${text(inputs, "protocol")}/${text(inputs, "endpoint")}`)}`;
}
