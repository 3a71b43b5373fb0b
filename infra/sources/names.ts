/** Names and ARNs of what event sources are made of. Pure. */
import type { AwsLocation } from "../arns.ts";
import { queueArn, roleArn } from "../arns.ts";
import { ownName, type Scope } from "../names.ts";
import { busOf, type BucketSource, isFifo, type RuleSource, type Source } from "./source.ts";

/** SQS demands it of FIFO queues. */
const FIFO_ENDING = ".fifo";

const ending = (source: Source): string => (isFifo(source) ? FIFO_ENDING : "");

/** For example `lambda-orders-staging`, or `lambda-orders-staging.fifo`. */
export const sourceQueueName = (scope: Scope, source: Source): string =>
  `${ownName(scope, source.name)}${ending(source)}`;

/** Where what failed at every try waits, for example `lambda-dlq-orders-staging`. */
export const sourceDeadLettersName = (scope: Scope, source: Source): string =>
  `${ownName(scope, `dlq-${source.name}`)}${ending(source)}`;

export const ruleName = (scope: Scope, { name }: Source): string => ownName(scope, name);
export const scheduleName = ruleName;

/** The role by which EventBridge Scheduler calls the function. */
export const schedulerRoleName = (scope: Scope): string => ownName(scope, "scheduler");

export const sourceQueueArn = (location: AwsLocation, scope: Scope, source: Source): string =>
  queueArn(location, sourceQueueName(scope, source));

export const sourceDeadLettersArn = (location: AwsLocation, scope: Scope, source: Source): string =>
  queueArn(location, sourceDeadLettersName(scope, source));

/** EventBridge leaves the default bus out of the ARNs of its rules. */
export function ruleArn(
  { partition, region, accountId }: AwsLocation,
  scope: Scope,
  source: RuleSource | BucketSource,
): string {
  const bus = busOf(source);
  const name = ruleName(scope, source);
  return `arn:${partition}:events:${region}:${accountId}:rule/${bus === "default" ? "" : `${bus}/`}${name}`;
}

/** The group of the service's schedules: EventBridge Scheduler counts by group alone. */
export const scheduleGroupName = (scope: Scope): string => ownName(scope, "schedules");

const scheduler = ({ partition, region, accountId }: AwsLocation, resource: string): string =>
  `arn:${partition}:scheduler:${region}:${accountId}:${resource}`;

export const scheduleGroupArn = (location: AwsLocation, scope: Scope): string =>
  scheduler(location, `schedule-group/${scheduleGroupName(scope)}`);

export const scheduleArn = (location: AwsLocation, scope: Scope, source: Source): string =>
  scheduler(location, `schedule/${scheduleGroupName(scope)}/${scheduleName(scope, source)}`);

export const schedulerRoleArn = (location: AwsLocation, scope: Scope): string =>
  roleArn(location, schedulerRoleName(scope));

/** A stream's ARN by its table: AWS draws the end, so `*` stands for it where only the name is known. */
export const streamArns = (
  { partition, region, accountId }: AwsLocation,
  scope: Scope,
  table: string,
): string =>
  table.startsWith("arn:")
    ? table
    : `arn:${partition}:dynamodb:${region}:${accountId}:table/${ownName(scope, table)}/stream/*`;

/** Longest names that AWS takes (SQS, EventBridge and Scheduler API references). */
const LIMITS = { queue: 80, rule: 64, schedule: 64 } as const;

/** Which derived name is too long, as a clause; `undefined` when all fit. */
export function longSourceName(scope: Scope, source: Source): string | undefined {
  const candidates: [kind: string, name: string, limit: number][] = [
    ["dead-letter queue", sourceDeadLettersName(scope, source), LIMITS.queue],
    ...(source.kind === "schedule"
      ? [["schedule", scheduleName(scope, source), LIMITS.schedule] as [string, string, number]]
      : []),
    ...(source.kind === "rule" || source.kind === "bucket"
      ? [["rule", ruleName(scope, source), LIMITS.rule] as [string, string, number]]
      : []),
  ];
  return candidates
    .filter(([, name, limit]) => name.length > limit)
    .map(
      ([kind, name, limit]) => `${kind} ${name} has ${name.length} of at most ${limit} characters`,
    )
    .at(0);
}
