import {
  awsType,
  type AwsType,
  dnsSuffix,
  type Resource,
  regionalArn,
  text,
  uuid,
} from "../aws-types.ts";

const queueUrl = ({ place, inputs }: Resource): string =>
  `https://sqs.${place.region}.${dnsSuffix(place)}/${place.accountId}/${text(inputs, "name")}`;

const topicArn = ({ place, inputs }: Resource): string =>
  regionalArn(place, "sns", text(inputs, "name"));

export const messaging: Readonly<Record<string, AwsType>> = {
  "aws:sqs/queue:Queue": awsType({
    nameKey: "name",
    replaceOn: ["name", "namePrefix", "fifoQueue"],
    id: queueUrl,
    computed: (resource) => ({
      arn: regionalArn(resource.place, "sqs", text(resource.inputs, "name")),
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
    computed: (resource) => ({ arn: topicArn(resource), owner: resource.place.accountId }),
  }),
  "aws:sns/topicPolicy:TopicPolicy": awsType({
    required: ["arn", "policy"],
    replaceOn: ["arn"],
    tags: false,
    id: ({ inputs }) => text(inputs, "arn"),
    computed: ({ place }) => ({ owner: place.accountId }),
  }),
  "aws:sns/topicSubscription:TopicSubscription": awsType({
    required: ["endpoint", "protocol", "topic"],
    replaceOn: ["endpoint", "protocol", "topic"],
    tags: false,
    id: ({ inputs }) => subscriptionArn(inputs),
    computed: ({ place, inputs }) => ({
      arn: subscriptionArn(inputs),
      ownerId: place.accountId,
      pendingConfirmation: text(inputs, "protocol") === "email",
      confirmationWasAuthenticated: false,
    }),
  }),
};

function subscriptionArn(inputs: Readonly<Record<string, unknown>>): string {
  const topic = text(inputs, "topic");
  return `${topic}:${uuid(`${topic}/${text(inputs, "protocol")}/${text(inputs, "endpoint")}`)}`;
}
