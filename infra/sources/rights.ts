/** What event sources add to the roles: each right on exactly the sources that config states. Pure. */
import { type AwsLocation, lambdaArn, policyArn, queueArn } from "../arns.ts";
import {
  allow,
  ANY,
  deny,
  of,
  type PolicyDocument,
  policy,
  type Statement,
} from "../identity/document.ts";
import { ALIAS_NAME, boundaryName, functionName, ownName, type Scope } from "../names.ts";
import type { OptionDeployRights } from "../options/option.ts";
import {
  ruleArn,
  scheduleArn,
  scheduleGroupArn,
  schedulerRoleArn,
  sourceDeadLettersArn,
  sourceQueueArn,
  streamArns,
} from "./names.ts";
import { isByRule, isFifo, isQueued, type Source } from "./source.ts";

/** Statements that have something to speak of. */
const named = (
  sid: string,
  actions: readonly string[],
  resources: readonly string[],
  ...condition: Parameters<typeof allow>[3][]
): readonly Statement[] =>
  resources.length > 0 ? [allow(sid, actions, resources, ...condition)] : [];

const ofKind = <K extends Source["kind"]>(sources: readonly Source[], kind: K) =>
  sources.filter((source): source is Source & { kind: K } => source.kind === kind);

const TAKE = of("sqs", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage");

/** What Lambda's pollers do by the execution role. */
export function handlerRights(
  location: AwsLocation,
  scope: Scope,
  sources: readonly Source[],
): readonly Statement[] {
  const streams = ofKind(sources, "stream");
  const queuesOf = (fifo: boolean) =>
    sources
      .filter((source) => isQueued(source) && isFifo(source) === fifo)
      .map((source) => sourceQueueArn(location, scope, source));
  return [
    // Apart, because the boundary allows names of the first form beforehand, and none that ends with `.fifo`.
    ...named("TakeMessages", TAKE, queuesOf(false)),
    ...named("TakeFifoMessages", TAKE, queuesOf(true)),
    ...named(
      "ReadStreams",
      of("dynamodb", "DescribeStream", "GetRecords", "GetShardIterator"),
      streams.map(({ table }) => streamArns(location, scope, table)),
    ),
    // IAM knows no resource for this one; Lambda's documentation asks for it.
    ...named("FindStreams", of("dynamodb", "ListStreams"), streams.length > 0 ? ANY : []),
    ...named(
      "SendStreamsDeadLetters",
      of("sqs", "SendMessage"),
      streams.map((source) => sourceDeadLettersArn(location, scope, source)),
    ),
  ];
}

/**
 * What the boundary denies besides: the dead letters of sources are people's, as the function's own are. No source's
 * own queue has such a name.
 */
export const sourcesReserved = (
  location: AwsLocation,
  scope: Scope,
  sources: readonly Source[],
): readonly Statement[] =>
  sources.length > 0
    ? [
        deny(
          "NoSourcesDeadLetters",
          of("sqs", "ChangeMessageVisibility", "DeleteMessage", "ReceiveMessage"),
          // FIFO queues need none: nothing under the boundary may read a queue whose name ends with `.fifo`.
          [queueArn(location, ownName(scope, "dlq-*"))],
        ),
      ]
    : [];

const MAPPING_CHANGES = of("lambda", "DeleteEventSourceMapping", "UpdateEventSourceMapping");

/**
 * What a pipeline does. Queues are not among it: the settings and the policy of a queue are one right in IAM, and the
 * policy could let anybody read what customers sent. An administrator makes them (npm run identity), like the roles.
 */
export function deployRights(
  location: AwsLocation,
  scope: Scope,
  sources: readonly Source[],
): OptionDeployRights {
  const { partition, region, accountId } = location;
  const mapped = sources.filter(({ kind }) => kind !== "schedule");
  const byRule = sources.filter(isByRule);
  const schedules = ofKind(sources, "schedule");
  const rules = byRule.map((source) => ruleArn(location, scope, source));
  const queues = sources.filter(isQueued).map((source) => sourceQueueArn(location, scope, source));
  const deadLetters = sources.map((source) => sourceDeadLettersArn(location, scope, source));
  const mappings = `arn:${partition}:lambda:${region}:${accountId}:event-source-mapping:*`;
  const lambda = lambdaArn(location, functionName(scope));
  // A mapping's id is drawn, so it is known by the function that it calls, however a call names that.
  const ofFunction = {
    StringEquals: { "lambda:FunctionArn": [lambda, `${lambda}:${ALIAS_NAME}`] },
  };
  const scheduleGroup = schedules.length > 0 ? [scheduleGroupArn(location, scope)] : [];
  const schedulerRole = schedules.length > 0 ? [schedulerRoleArn(location, scope)] : [];
  return {
    change: [
      ...(mapped.length > 0
        ? [
            // IAM knows no resource for a creation.
            allow("MapSources", of("lambda", "CreateEventSourceMapping"), ANY, ofFunction),
            allow("Mappings", MAPPING_CHANGES, [mappings], ofFunction),
            allow("MappingTags", of("lambda", "TagResource", "UntagResource"), [mappings]),
          ]
        : []),
      ...named(
        "Rules",
        of("events", "DeleteRule", "PutRule", "RemoveTargets", "TagResource", "UntagResource"),
        rules,
      ),
      // A rule may feed its own queue and call nothing else.
      ...named("RuleTargets", of("events", "PutTargets"), rules, {
        "ForAllValues:ArnEquals": {
          "events:TargetArn": byRule.map((source) => sourceQueueArn(location, scope, source)),
        },
      }),
      ...named(
        "Schedules",
        of("scheduler", "CreateSchedule", "DeleteSchedule", "UpdateSchedule"),
        schedules.map((source) => scheduleArn(location, scope, source)),
      ),
      ...named(
        "ScheduleGroup",
        of(
          "scheduler",
          "CreateScheduleGroup",
          "DeleteScheduleGroup",
          "TagResource",
          "UntagResource",
        ),
        scheduleGroup,
      ),
      ...named("PassToScheduler", of("iam", "PassRole"), schedulerRole, {
        StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" },
      }),
      ...named("SchedulerPolicy", of("iam", "DeleteRolePolicy", "PutRolePolicy"), schedulerRole, {
        StringEquals: {
          "iam:PermissionsBoundary": policyArn(location, boundaryName(scope)),
        },
      }),
    ],
    read: [
      ...(mapped.length > 0
        ? [allow("ReadMappings", of("lambda", "GetEventSourceMapping", "ListTags"), [mappings])]
        : []),
      ...named("ReadQueues", of("sqs", "GetQueueAttributes", "ListQueueTags"), [
        ...queues,
        ...deadLetters,
      ]),
      ...named(
        "ReadRules",
        of("events", "DescribeRule", "ListTagsForResource", "ListTargetsByRule"),
        rules,
      ),
      ...named(
        "ReadSchedules",
        of("scheduler", "GetSchedule"),
        schedules.map((source) => scheduleArn(location, scope, source)),
      ),
      ...named(
        "ReadScheduleGroup",
        of("scheduler", "GetScheduleGroup", "ListTagsForResource"),
        scheduleGroup,
      ),
      ...named(
        "ReadSchedulerRole",
        of("iam", "GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies"),
        schedulerRole,
      ),
    ],
  };
}

/** What people need to replay the dead letters of sources. */
export const operatorRights = (
  location: AwsLocation,
  scope: Scope,
  sources: readonly Source[],
): readonly Statement[] => [
  ...named(
    "SourcesDeadLetters",
    of("sqs", "ChangeMessageVisibility", "DeleteMessage", "ReceiveMessage", "SendMessage"),
    sources.map((source) => sourceDeadLettersArn(location, scope, source)),
  ),
  ...named(
    "SendAgain",
    of("sqs", "SendMessage"),
    sources.filter(isQueued).map((source) => sourceQueueArn(location, scope, source)),
  ),
  // The dead letter of a stream names its records without holding them.
  ...named(
    "ReadStreamsAgain",
    of("dynamodb", "GetRecords", "GetShardIterator"),
    ofKind(sources, "stream").map(({ table }) => streamArns(location, scope, table)),
  ),
];

/** The role of schedules: calls the alias, and keeps what could not be delivered. */
export const schedulerRolePolicy = (
  location: AwsLocation,
  scope: Scope,
  sources: readonly Source[],
): PolicyDocument =>
  policy(
    allow("CallAlias", of("lambda", "InvokeFunction"), [
      `${lambdaArn(location, functionName(scope))}:${ALIAS_NAME}`,
    ]),
    allow(
      "SendDeadLetters",
      of("sqs", "SendMessage"),
      ofKind(sources, "schedule").map((source) => sourceDeadLettersArn(location, scope, source)),
    ),
  );
