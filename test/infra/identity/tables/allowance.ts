/**
 * What a team adds first. The deploy role can make these already, because a change of the role itself needs an
 * administrator. Judged like the program's own resources, under names of the usual form.
 */
import { functionName, logGroupName, metricName } from "../../../../infra/names.ts";
import type { Program } from "../support/program.ts";
import { arn } from "../support/rows.ts";

export interface AllowedResource {
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export function allowance(
  program: Pick<Program, "location" | "scope">,
): readonly AllowedResource[] {
  const { scope } = program;
  const named = metricName(scope, "added");
  const topic = arn(program, "sns", named);
  const resource = (type: string, inputs: AllowedResource["inputs"]): AllowedResource => ({
    type,
    inputs,
  });
  return [
    resource("aws:cloudwatch/compositeAlarm:CompositeAlarm", { alarmName: named }),
    resource("aws:cloudwatch/dashboard:Dashboard", { dashboardName: named }),
    resource("aws:cloudwatch/logMetricFilter:LogMetricFilter", {
      logGroupName: logGroupName(scope),
    }),
    resource("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", {
      functionName: functionName(scope),
    }),
    resource("aws:sns/topic:Topic", { name: named }),
    resource("aws:sns/topicPolicy:TopicPolicy", { arn: topic }),
    resource("aws:sns/topicSubscription:TopicSubscription", { topic }),
  ];
}
