/**
 * The alarms that a release brings along: made for exactly the version that it moves to, so that nothing that
 * `pulumi up` does meanwhile can point them at another one (docs/decisions/0204-a-release-brings-its-alarms.md).
 */
import {
  DeleteAlarmsCommand,
  type MetricAlarm,
  paginateDescribeAlarms,
  PutMetricAlarmCommand,
} from "@aws-sdk/client-cloudwatch";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { AwsClients } from "../support/aws.ts";
import { Refused } from "../support/refused.ts";
import type { Session } from "../support/session.ts";
import {
  canaryAlarmNames,
  canaryAlarmPrefix,
  canaryAlarms,
  minutesJudged,
  readsTheSame,
} from "./canary-alarms.ts";

type Clients = Pick<AwsClients, "cloudWatch">;

/**
 * Makes the alarms of a version, takes those of versions before it away, and reads them back. Yields their names.
 * Throws `Refused` when they are not what they should be, or still red from an earlier try.
 */
export async function bringAlarms(
  { clients, outputs }: Pick<Session, "clients" | "outputs">,
  version: string,
): Promise<readonly string[]> {
  const names = canaryAlarmNames(outputs, version);
  const before = await readCanaryAlarms(clients, outputs);
  for (const alarm of canaryAlarms(outputs, version)) {
    await clients.cloudWatch.send(new PutMetricAlarmCommand(alarm));
  }
  const stale = before
    .map(({ AlarmName = "" }) => AlarmName)
    .filter((name) => !names.includes(name));
  if (stale.length > 0)
    await clients.cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: stale }));

  const fault = await alarmFault(clients, outputs, version);
  if (fault !== undefined) {
    throw new Refused(`nothing would judge version ${version}: ${fault}`, "run the command again");
  }
  const red = (await readCanaryAlarms(clients, outputs)).filter(
    ({ StateValue }) => StateValue === "ALARM",
  );
  if (red.length > 0) {
    throw new Refused(
      `${red.map(({ AlarmName }) => AlarmName).join(", ")} ${red.length === 1 ? "is" : "are"} still red from the last try of version ${version}, and would stop this one at once`,
      `run the command again in ${minutesJudged(outputs.timeoutSeconds)} minutes`,
    );
  }
  return names;
}

/** Why the alarms of a version do not judge it, or not it alone; `undefined` when they do. */
export async function alarmFault(
  clients: Clients,
  outputs: StackOutputs,
  version: string,
): Promise<string | undefined> {
  const alarms = await readCanaryAlarms(clients, outputs);
  for (const made of canaryAlarms(outputs, version)) {
    const found = alarms.find(({ AlarmName }) => AlarmName === made.AlarmName);
    if (!found) return `alarm ${made.AlarmName} is not there`;
    if (!readsTheSame(found, made)) return `alarm ${made.AlarmName} reads other calls`;
  }
  return undefined;
}

/** Canary alarms of this stack, of any version. */
export async function readCanaryAlarms(
  { cloudWatch }: Clients,
  outputs: StackOutputs,
): Promise<readonly MetricAlarm[]> {
  const found: MetricAlarm[] = [];
  const pages = paginateDescribeAlarms(
    { client: cloudWatch },
    { AlarmNamePrefix: canaryAlarmPrefix(outputs), AlarmTypes: ["MetricAlarm"] },
  );
  for await (const { MetricAlarms = [] } of pages) found.push(...MetricAlarms);
  return found.filter(({ AlarmName = "" }) => AlarmName.endsWith(`-${outputs.environment}`));
}
