/** Schedules: EventBridge Scheduler calls the alias, by a role of its own. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { makeBoundedRole } from "../bounded-role.ts";
import { serviceTrust } from "../identity/runtime-policies.ts";
import { functionName } from "../names.ts";
import { scheduleGroupName, scheduleName, schedulerRoleName } from "./names.ts";
import { type MadeSource, makeDeadLetters, type SourceContext } from "./queue.ts";
import { schedulerRolePolicy } from "./rights.ts";
import type { ScheduleSource, Source } from "./source.ts";

/** What all schedules have in common: their group and the role that they call by. */
export interface Clock {
  readonly groupName: pulumi.Input<string>;
  readonly roleArn: pulumi.Input<string>;
  /** A call can fail until the role has its rights. */
  readonly permissions: pulumi.Resource;
}

export function makeClock(
  { scope, location, child }: SourceContext,
  sources: readonly Source[],
  boundaryArn: pulumi.Input<string>,
): Clock {
  const { role, permissions } = makeBoundedRole(
    "scheduler",
    {
      roleName: schedulerRoleName(scope),
      description: `What EventBridge Scheduler may do to call ${functionName(scope)}`,
      trust: serviceTrust("scheduler.amazonaws.com", location),
      permissions: schedulerRolePolicy(location, scope, sources),
      boundaryArn,
    },
    child,
  );
  const group = new aws.scheduler.ScheduleGroup(
    "schedules",
    { name: scheduleGroupName(scope) },
    child,
  );
  return { groupName: group.name, roleArn: role.arn, permissions };
}

/**
 * Scheduler hands an event over to Lambda's own queue, which tries it three times by itself. An hour of tries is for
 * what keeps it from handing over: throttling, a role without rights.
 */
const DELIVERY = { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 185 } as const;

export function makeSchedule(
  context: SourceContext,
  source: ScheduleSource,
  clock: Clock,
): MadeSource {
  const { scope, aliasArn, child } = context;
  const deadLetters = makeDeadLetters(context, source);
  new aws.scheduler.Schedule(
    `${source.name}-schedule`,
    {
      name: scheduleName(scope, source),
      groupName: clock.groupName,
      scheduleExpression: source.expression,
      scheduleExpressionTimezone: source.timeZone,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: aliasArn,
        roleArn: clock.roleArn,
        input: scheduleInput(source),
        deadLetterConfig: { arn: deadLetters.arn },
        retryPolicy: DELIVERY,
      },
    },
    { ...child, dependsOn: [clock.permissions] },
  );
  return { deadLetters };
}

/**
 * The event, with a correlation id that is the same at every try of one run: the source's name and the time that the
 * run was due, which EventBridge Scheduler writes in (User Guide, "Adding context attributes").
 */
export const scheduleInput = ({ name, event }: ScheduleSource): string =>
  JSON.stringify({ correlationId: `${name}.<aws.scheduler.scheduled-time>`, ...event });
