/**
 * What a service is expected to be given as it grows. The permissions boundary allows it from the start, for this
 * environment's own names, so that such a right goes through CI like any other change: the role gets it when
 * `ownRights` says so, and the boundary stays as it is. docs/security.md lists it.
 */
import type { AwsLocation } from "../arns.ts";
import * as names from "../names.ts";
import type { Scope, ServiceScope } from "../names.ts";
import { allow, deny, of, type Statement } from "./document.ts";
import { inOwnAccount, targetsByPattern } from "./targets.ts";

/** Names of the form `{service}-…-{environment}`, and for secrets and parameters `{service}/{environment}/…`. */
export function expectedAdditions(location: AwsLocation, scope: Scope): readonly Statement[] {
  const { partition, region, accountId } = location;
  const named = names.metricName(scope, "*");
  const below = `${scope.serviceName}/${scope.environment}/*`;
  const arn = (service: string, resource: string) =>
    `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
  const bucket = `arn:${partition}:s3:::${named}-${accountId}`;
  const table = arn("dynamodb", `table/${named}`);
  return [
    // One statement for all, because a policy has 6,144 characters: an action finds the resources of its service.
    allow(
      "Additions",
      [
        ...of(
          "dynamodb",
          "BatchGetItem",
          "BatchWriteItem",
          "ConditionCheckItem",
          "DeleteItem",
          "DescribeStream",
          "GetItem",
          "GetRecords",
          "GetShardIterator",
          "PutItem",
          "Query",
          "Scan",
          "UpdateItem",
        ),
        ...of("events", "PutEvents"),
        ...of("secretsmanager", "GetSecretValue"),
        ...of("sns", "Publish"),
        ...of(
          "sqs",
          "ChangeMessageVisibility",
          "DeleteMessage",
          "GetQueueAttributes",
          "ReceiveMessage",
          "SendMessage",
        ),
        ...of("ssm", "GetParameter", "GetParameters", "GetParametersByPath"),
        ...of("states", "StartExecution"),
      ],
      [
        table,
        // Its indexes and its stream.
        `${table}/*`,
        arn("events", `event-bus/${named}`),
        arn("secretsmanager", `secret:${below}`),
        arn("sns", named),
        arn("sqs", named),
        arn("ssm", `parameter/${below}`),
        arn("states", `stateMachine:${named}`),
      ],
    ),
    allow(
      "AddedBuckets",
      of("s3", "DeleteObject", "GetObject", "ListBucket", "PutObject"),
      [bucket, `${bucket}/*`],
      inOwnAccount(location),
    ),
  ];
}

/** What has a name of that form and is not the handler's: what failed, what is deployed, and the state. */
export function reserved(location: AwsLocation, scope: ServiceScope): readonly Statement[] {
  const on = targetsByPattern(location, scope);
  return [
    deny(
      "NoDeadLetters",
      of("sqs", "ChangeMessageVisibility", "DeleteMessage", "ReceiveMessage"),
      on.queue,
    ),
    // The buckets and what is in them.
    deny(
      "NoDeployments",
      ["s3:*"],
      [...on.bucket, ...on.stateBucket].map((arn) => `${arn}*`),
    ),
  ];
}

/**
 * What of the statements the expected ones do not hold already, resource by resource; the boundary takes that in as it
 * is.
 */
export const beyond = (
  expected: readonly Statement[],
  statements: readonly Statement[],
): readonly Statement[] =>
  statements.flatMap((statement) => {
    if (statement.Effect === "Deny") return [statement];
    const held = (resource: string): boolean =>
      statement.Action.every((action) => expected.some((wider) => covers(wider, action, resource)));
    const Resource = (statement.Resource ?? []).filter((resource) => !held(resource));
    return Resource.length > 0 ? [{ ...statement, Resource }] : [];
  });

/**
 * Whether a statement allows all that a pattern stands for. To read the pattern as plain text is enough: what its
 * stars could stand for, a star of the wider pattern stands for too.
 */
const covers = ({ Action, Resource = [] }: Statement, action: string, resource: string): boolean =>
  Action.includes(action) && Resource.some((wider) => glob(wider).test(resource));

const glob = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split("*")
      .map((text) => text.replaceAll(/[\\^$.+?()[\]{}|]/g, "\\$&"))
      .join(".*")}$`,
  );
