/** The release part of the doctor: does traffic go where it should, and would a release work? */
import {
  DescribeAlarmsCommand,
  type MetricAlarm,
  paginateListMetrics,
} from "@aws-sdk/client-cloudwatch";
import { GetDeploymentGroupCommand } from "@aws-sdk/client-codedeploy";
import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { StackOutputs } from "../../infra/outputs.ts";
import { readActiveDeployment } from "../release/deployments.ts";
import { statuses } from "../release/history.ts";
import { readCurrentRecords } from "../release/state.ts";
import { findAlias } from "../support/alias.ts";
import { type AwsClients, openStackAccount } from "../support/aws.ts";
import { outputsOfAll } from "../support/function-outputs.ts";
import { isRefusal } from "../support/refused.ts";
import { readStackOutputs } from "../support/stack-outputs.ts";
import { readVersion, readVersions } from "../support/versions.ts";
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
    const findings: Finding[] = [];
    for (const one of outputsOfAll(outputs)) {
      findings.push(...judgeRelease(await readFacts(clients, iam, one)));
    }
    // What is of all functions, such as the runtime, is said once.
    return [...new Map(findings.map((finding) => [finding.problem, finding])).values()];
  },
};

/** What a command would refuse is a finding here, so that the other checks are heard too. */
function refusal(error: unknown): Finding {
  if (!isRefusal(error)) throw error;
  const { problem, remedy = "see the message" } = error;
  return { severity: "error", problem, remedy };
}

/** Reads what the judgement needs. What is absent becomes a fact; every other failure is thrown. */
export async function readFacts(
  clients: AwsClients,
  iam: IAMClient,
  outputs: StackOutputs,
): Promise<ReleaseFacts> {
  const { functionName, environment, functionVersion } = outputs;
  const [configuration, alias, hook, group, alarms, deadLetters] = await Promise.all([
    readVersion(clients, functionName),
    findAlias(clients, outputs),
    readVersion(clients, outputs.hookFunctionName),
    unlessAbsent(
      clients.codeDeploy.send(
        new GetDeploymentGroupCommand({
          applicationName: outputs.codeDeployApplicationName,
          deploymentGroupName: outputs.deploymentGroupName,
        }),
      ),
    ),
    readAlarms(clients, outputs),
    readDeadLetters(clients, outputs),
  ]);
  const roles = [configuration?.Role, hook?.Role, group?.deploymentGroupInfo?.serviceRoleArn];
  const missingRoles = await Promise.all(
    roles.filter((arn) => arn !== undefined).map((arn) => missingRole(iam, arn)),
  );
  const releases = configuration && group ? await readReleases(clients, outputs) : {};
  return {
    stack: environment,
    functionId: outputs.functionId,
    functionName,
    ...(alias && {
      alias,
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
    nowMs: clients.now(),
  };
}

/** Deployments and what is known of the newest version. */
async function readReleases(
  clients: AwsClients,
  outputs: StackOutputs,
): Promise<Pick<ReleaseFacts, "active" | "newestIsBad">> {
  const [active, versions] = await Promise.all([
    readActiveDeployment(clients.codeDeploy, outputs),
    readVersions(clients, outputs.functionName),
  ]);
  const records = await readCurrentRecords(clients, outputs, versions);
  const newest = statuses(records).get(outputs.functionVersion);
  return {
    ...(active && { active }),
    ...(newest?.outcome === "bad" && { newestIsBad: newest.why }),
  };
}

async function readAlarms(
  { cloudWatch }: AwsClients,
  { alarmNames: names, functionName }: StackOutputs,
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
  const emitted = await readEmitted(cloudWatch);
  // Another function of the account says nothing of this one.
  const isCalled = [...emitted].some((metric) =>
    metric.split(" ").includes(`FunctionName=${functionName}`),
  );
  return names.map((name) => {
    const alarm = found.get(name);
    return {
      name,
      state: alarm ? (alarm.StateValue ?? "INSUFFICIENT_DATA") : "MISSING",
      sinceMs: alarm?.StateUpdatedTimestamp?.getTime() ?? 0,
      blind: alarm !== undefined && isCalled && readsNothing(alarm, emitted),
    };
  });
}

const LAMBDA = "AWS/Lambda";

/** A metric as one text, whatever the order of its dimensions. */
const metricKey = (name: string | undefined, dimensions: MetricAlarm["Dimensions"] = []): string =>
  [name, ...dimensions.map(({ Name, Value }) => `${Name}=${Value}`).sort()].join(" ");

/** What Lambda has emitted in the last two weeks: that long CloudWatch lists a metric without new data. */
async function readEmitted(client: AwsClients["cloudWatch"]): Promise<ReadonlySet<string>> {
  const emitted = new Set<string>();
  for await (const { Metrics = [] } of paginateListMetrics({ client }, { Namespace: LAMBDA })) {
    for (const { MetricName, Dimensions } of Metrics)
      emitted.add(metricKey(MetricName, Dimensions));
  }
  return emitted;
}

/**
 * Whether an alarm reads a metric of Lambda's that Lambda does not emit. Its state does not show it: an alarm that
 * takes missing data for good is OK for ever.
 */
function readsNothing(alarm: MetricAlarm, emitted: ReadonlySet<string>): boolean {
  const read = [
    ...(alarm.Namespace === LAMBDA ? [metricKey(alarm.MetricName, alarm.Dimensions)] : []),
    ...(alarm.Metrics ?? []).flatMap(({ MetricStat }) =>
      MetricStat?.Metric?.Namespace === LAMBDA
        ? [metricKey(MetricStat.Metric.MetricName, MetricStat.Metric.Dimensions)]
        : [],
    ),
  ];
  return read.some((metric) => !emitted.has(metric));
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
