/** The release part of the doctor: does traffic go where it should, and would a release work? */
import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { GetDeploymentGroupCommand } from "@aws-sdk/client-codedeploy";
import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { GetAliasCommand, GetFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { StackOutputs } from "../../infra/outputs.ts";
import { readDeployments } from "../release/deployments.ts";
import { isActive, statuses } from "../release/history.ts";
import { readCurrentRecords, readVersions } from "../release/state.ts";
import { type AwsClients, openStackAccount } from "../support/aws.ts";
import { readStackOutputs } from "../support/stack-outputs.ts";
import { Refused } from "../support/refused.ts";
import type { Check, Finding } from "./check.ts";
import { type AlarmFact, judgeRelease, type ReleaseFacts } from "./release-state.ts";

export const releaseCheck: Check = {
  name: "release",
  run: async ({ stack }) => {
    const outputs = await readStackOutputs(stack).catch(refusal);
    // Without outputs there is nothing to look at, and that is the finding.
    if ("problem" in outputs) return [outputs];
    const clients = await openStackAccount(outputs);
    const iam = new IAMClient({ region: outputs.region });
    return judgeRelease(await readFacts(clients, iam, outputs));
  },
};

/** What a command would refuse is a finding here, so that the other checks are heard too. */
function refusal(error: unknown): Finding {
  if (!(error instanceof Refused)) throw error;
  const [problem = "", ...remedies] = error.message.split("; ");
  return { severity: "error", problem, remedy: remedies.join("; ") };
}

/** Reads what the judgement needs. What is absent becomes a fact; every other failure is thrown. */
export async function readFacts(
  clients: AwsClients,
  iam: IAMClient,
  outputs: StackOutputs,
): Promise<ReleaseFacts> {
  const { functionName, environment, functionVersion } = outputs;
  const [configuration, alias, hook, group, alarms, deadLetters] = await Promise.all([
    unlessAbsent(
      clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName })),
    ),
    unlessAbsent(
      clients.lambda.send(
        new GetAliasCommand({ FunctionName: functionName, Name: outputs.aliasName }),
      ),
    ),
    unlessAbsent(
      clients.lambda.send(
        new GetFunctionConfigurationCommand({ FunctionName: outputs.hookFunctionName }),
      ),
    ),
    unlessAbsent(
      clients.codeDeploy.send(
        new GetDeploymentGroupCommand({
          applicationName: outputs.codeDeployApplicationName,
          deploymentGroupName: outputs.deploymentGroupName,
        }),
      ),
    ),
    readAlarms(clients, outputs.alarmNames),
    readDeadLetters(clients, outputs),
  ]);
  const roles = [configuration?.Role, hook?.Role, group?.deploymentGroupInfo?.serviceRoleArn];
  const missingRoles = await Promise.all(
    roles.filter((arn) => arn !== undefined).map((arn) => missingRole(iam, arn)),
  );
  const releases = configuration && group ? await readReleases(clients, outputs) : {};
  return {
    stack: environment,
    functionName,
    ...(alias && {
      alias: {
        version: alias.FunctionVersion ?? "",
        weights: alias.RoutingConfig?.AdditionalVersionWeights ?? {},
      },
    }),
    newestVersion: functionVersion,
    ...releases,
    alarms,
    ...(deadLetters !== undefined && { deadLetters }),
    ...(configuration?.Runtime && { runtime: configuration.Runtime }),
    missing: [
      ...(configuration ? [] : [`function ${functionName}`]),
      ...(configuration && !alias ? [`alias ${outputs.aliasName} of ${functionName}`] : []),
      ...(hook ? [] : [`the pre-traffic hook ${outputs.hookFunctionName}`]),
      ...(group ? [] : [`deployment group ${outputs.deploymentGroupName}`]),
      ...(deadLetters === undefined ? [`the dead-letter queue ${outputs.deadLetterQueueUrl}`] : []),
      ...missingRoles.flat(),
    ],
    nowMs: Date.now(),
  };
}

/** Deployments and what is known of the newest version. */
async function readReleases(
  clients: AwsClients,
  outputs: StackOutputs,
): Promise<Pick<ReleaseFacts, "active" | "newestIsBad">> {
  const [deployments, versions] = await Promise.all([
    readDeployments(clients.codeDeploy, outputs),
    readVersions(clients, outputs),
  ]);
  const records = await readCurrentRecords(clients, outputs, versions);
  const newest = statuses(deployments, records).get(outputs.functionVersion);
  const active = deployments.find(isActive);
  return {
    ...(active && { active }),
    ...(newest?.outcome === "bad" && { newestIsBad: newest.why }),
  };
}

async function readAlarms(
  { cloudWatch }: AwsClients,
  names: readonly string[],
): Promise<AlarmFact[]> {
  const { MetricAlarms = [], CompositeAlarms = [] } = await cloudWatch.send(
    new DescribeAlarmsCommand({
      AlarmNames: [...names],
      AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
    }),
  );
  const found = new Map(
    [...MetricAlarms, ...CompositeAlarms].map((alarm) => [alarm.AlarmName, alarm]),
  );
  return names.map((name) => {
    const alarm = found.get(name);
    return {
      name,
      state: alarm ? (alarm.StateValue ?? "INSUFFICIENT_DATA") : "MISSING",
      sinceMs: alarm?.StateUpdatedTimestamp?.getTime() ?? 0,
    };
  });
}

async function readDeadLetters(
  { sqs }: AwsClients,
  { deadLetterQueueUrl }: StackOutputs,
): Promise<number | undefined> {
  const answer = await unlessAbsent(
    sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: deadLetterQueueUrl,
        AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
      }),
    ),
  );
  if (!answer) return undefined;
  const { ApproximateNumberOfMessages = "0", ApproximateNumberOfMessagesNotVisible = "0" } =
    answer.Attributes ?? {};
  return Number(ApproximateNumberOfMessages) + Number(ApproximateNumberOfMessagesNotVisible);
}

async function missingRole(iam: IAMClient, arn: string): Promise<string[]> {
  const RoleName = arn.split("/").at(-1) ?? "";
  const role = await unlessAbsent(iam.send(new GetRoleCommand({ RoleName })));
  return role ? [] : [`role ${RoleName}`];
}

/** How the services say that something is not there. */
const ABSENT =
  /^(ResourceNotFoundException|NoSuchEntity(Exception)?|QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue|ApplicationDoesNotExistException|DeploymentGroupDoesNotExistException)$/;

async function unlessAbsent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && ABSENT.test(error.name)) return undefined;
    throw error;
  }
}
