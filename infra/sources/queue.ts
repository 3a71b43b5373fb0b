/** Sources that reach the function through a queue: the queue, its dead letters, the rule that feeds it, the mapping. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsLocation } from "../arns.ts";
import type { Statement } from "../identity/document.ts";
import type { Scope } from "../names.ts";
import { tlsOnly } from "../tls-only.ts";
import {
  ruleArn,
  ruleName,
  sourceDeadLettersArn,
  sourceDeadLettersName,
  sourceQueueArn,
  sourceQueueName,
} from "./names.ts";
import {
  busOf,
  isByRule,
  isFifo,
  type QueuedSource,
  retentionSeconds,
  rulePattern,
  type RuleSource,
  type BucketSource,
  type Source,
  visibilitySeconds,
} from "./source.ts";

/** What all resources of sources are made from. */
export interface SourceContext {
  readonly scope: Scope;
  readonly location: AwsLocation;
  readonly timeoutSeconds: number;
  readonly deadLetterRetentionDays: number;
  /** The alias that every source calls. */
  readonly aliasArn: pulumi.Input<string>;
  readonly child: pulumi.CustomResourceOptions;
}

/** As long as a message can be (SQS quotas, "Message size"); the provider's own default is 262,144. */
const MESSAGE_BYTES = 1_048_576;

const SECONDS_PER_DAY = 86_400;

/** Where what one source delivered waits when it failed at every try. */
export function makeDeadLetters(context: SourceContext, source: Source): aws.sqs.Queue {
  const { scope, location, deadLetterRetentionDays, child } = context;
  const queue = new aws.sqs.Queue(
    `${source.name}-dead-letters`,
    {
      name: sourceDeadLettersName(scope, source),
      messageRetentionSeconds: deadLetterRetentionDays * SECONDS_PER_DAY,
      maxMessageSize: MESSAGE_BYTES,
      visibilityTimeoutSeconds: 30,
      sqsManagedSseEnabled: true,
      ...fifoArgs(source),
      // No queue but the source's own may move messages here.
      redriveAllowPolicy: JSON.stringify(
        source.kind === "stream" || source.kind === "schedule"
          ? { redrivePermission: "denyAll" }
          : {
              redrivePermission: "byQueue",
              sourceQueueArns: [sourceQueueArn(location, scope, source)],
            },
      ),
    },
    child,
  );
  const arn = sourceDeadLettersArn(location, scope, source);
  makePolicy(`${source.name}-dead-letters-policy`, queue, arn, context, source);
  return queue;
}

const fifoArgs = (source: Source) =>
  source.kind === "queue" && source.fifo
    ? {
        fifoQueue: true,
        contentBasedDeduplication: source.deduplicateByContent,
        // Each group for itself: thousands of messages a second instead of three hundred in all.
        deduplicationScope: "messageGroup",
        fifoThroughputLimit: "perMessageGroupId",
      }
    : {};

/** Refuses plain HTTP; where a rule feeds the queue, lets in exactly that rule. */
function makePolicy(
  name: string,
  queue: aws.sqs.Queue,
  arn: string,
  { scope, location, child }: SourceContext,
  source: Source,
): void {
  const refusal = tlsOnly("sqs:*", [arn]);
  const rule = isByRule(source) ? [fromRule(location, scope, source, arn)] : [];
  new aws.sqs.QueuePolicy(
    name,
    {
      queueUrl: queue.url,
      policy: JSON.stringify({ ...refusal, Statement: [...refusal.Statement, ...rule] }),
    },
    child,
  );
}

const fromRule = (
  location: AwsLocation,
  scope: Scope,
  source: RuleSource | BucketSource,
  queueArn: string,
): Statement => ({
  Sid: "FromItsRule",
  Effect: "Allow",
  Principal: { Service: "events.amazonaws.com" },
  Action: ["sqs:SendMessage"],
  Resource: [queueArn],
  Condition: {
    ArnEquals: { "aws:SourceArn": ruleArn(location, scope, source) },
    StringEquals: { "aws:SourceAccount": location.accountId },
  },
});

/** What one source made. */
export interface MadeSource {
  readonly queue?: aws.sqs.Queue;
  readonly deadLetters: aws.sqs.Queue;
  readonly mapping?: aws.lambda.EventSourceMapping;
}

/** The whole of one source with a queue. */
export function makeQueued(context: SourceContext, source: QueuedSource): MadeSource {
  const { scope, location, timeoutSeconds, deadLetterRetentionDays, aliasArn, child } = context;
  const deadLetters = makeDeadLetters(context, source);
  const queue = new aws.sqs.Queue(
    `${source.name}-queue`,
    {
      name: sourceQueueName(scope, source),
      visibilityTimeoutSeconds: visibilitySeconds(source, timeoutSeconds),
      messageRetentionSeconds: retentionSeconds(deadLetterRetentionDays),
      maxMessageSize: MESSAGE_BYTES,
      sqsManagedSseEnabled: true,
      ...fifoArgs(source),
      redrivePolicy: deadLetters.arn.apply((deadLetterTargetArn) =>
        JSON.stringify({ deadLetterTargetArn, maxReceiveCount: source.maxReceives }),
      ),
    },
    child,
  );
  const arn = sourceQueueArn(location, scope, source);
  makePolicy(`${source.name}-queue-policy`, queue, arn, context, source);
  if (isByRule(source)) makeRule(context, source, { queue, deadLetters });
  const mapping = new aws.lambda.EventSourceMapping(
    `${source.name}-mapping`,
    {
      eventSourceArn: queue.arn,
      functionName: aliasArn,
      batchSize: source.batchSize,
      // FIFO queues know no window.
      ...(!isFifo(source) && { maximumBatchingWindowInSeconds: source.batchingWindowSeconds }),
      functionResponseTypes: ["ReportBatchItemFailures"],
      ...(source.maxConcurrency !== undefined && {
        scalingConfig: { maximumConcurrency: source.maxConcurrency },
      }),
      ...filterCriteria(source),
    },
    mapped(child),
  );
  return { queue, deadLetters, mapping };
}

/** Lambda takes one mapping of a queue and a function: a second one beside the first is refused with 409. */
export const mapped = (child: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions => ({
  ...child,
  deleteBeforeReplace: true,
});

/** The filters of a mapping; none is no key at all. */
export const filterCriteria = ({ filters }: Pick<QueuedSource, "filters">) =>
  filters.length > 0 && {
    filterCriteria: { filters: filters.map((pattern) => ({ pattern: JSON.stringify(pattern) })) },
  };

/** EventBridge tries for a day by default (EventTarget, `retryPolicy`); an hour shows a wrong policy sooner. */
const DELIVERY = { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 185 } as const;

function makeRule(
  { scope, child }: SourceContext,
  source: RuleSource | BucketSource,
  { queue, deadLetters }: { queue: aws.sqs.Queue; deadLetters: aws.sqs.Queue },
): void {
  const eventBusName = busOf(source);
  const rule = new aws.cloudwatch.EventRule(
    `${source.name}-rule`,
    {
      name: ruleName(scope, source),
      description: `What ${ruleName(scope, source)} takes from the bus ${eventBusName}`,
      eventBusName,
      eventPattern: JSON.stringify(rulePattern(source)),
    },
    child,
  );
  new aws.cloudwatch.EventTarget(
    `${source.name}-target`,
    {
      rule: rule.name,
      eventBusName,
      targetId: "queue",
      arn: queue.arn,
      // What the queue did not take; what the function could not do comes from the queue itself.
      deadLetterConfig: { arn: deadLetters.arn },
      retryPolicy: DELIVERY,
    },
    child,
  );
}
