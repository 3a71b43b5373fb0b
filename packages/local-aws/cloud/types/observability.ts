import {
  DeleteAlarmsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
} from "@aws-sdk/client-cloudwatch";
import {
  CreateLogGroupCommand,
  PutRetentionPolicyCommand,
  ResourceAlreadyExistsException,
} from "@aws-sdk/client-cloudwatch-logs";
import { type Properties, text } from "../../provider/aws-types.ts";
import type { Request } from "../../provider/backend.ts";
import {
  capitalised,
  type CloudClients,
  list,
  type Maker,
  pairs,
  part,
  putting,
  texts,
} from "./maker.ts";

/** The program's alarm as CloudWatch's API takes it. */
export function alarmInput(inputs: Properties): PutMetricAlarmCommandInput {
  const { name, dimensions, metricQueries, tags: _tags, tagsAll: _tagsAll, ...rest } = inputs;
  const input = {
    AlarmName: String(name),
    ...capitalised(rest),
    ...(dimensions !== undefined && { Dimensions: pairs(dimensions) }),
    ...(metricQueries !== undefined && { Metrics: list(inputs, "metricQueries").map(metricQuery) }),
  };
  // The API calls these three otherwise than the provider does.
  const { AlarmActions, OkActions, InsufficientDataActions, ...others } = input as Properties;
  return {
    ...others,
    ...(AlarmActions !== undefined && { AlarmActions }),
    ...(OkActions !== undefined && { OKActions: OkActions }),
    ...(InsufficientDataActions !== undefined && { InsufficientDataActions }),
  } as PutMetricAlarmCommandInput;
}

function metricQuery(query: Properties) {
  const { metric, ...rest } = query;
  if (metric === undefined || metric === null) return capitalised(rest);
  const of = part(query, "metric");
  return {
    ...capitalised(rest),
    MetricStat: {
      Metric: {
        Namespace: text(of, "namespace"),
        MetricName: text(of, "metricName"),
        Dimensions: pairs(of["dimensions"]),
      },
      Period: Number(of["period"]),
      Stat: text(of, "stat"),
    },
  };
}

const logGroup = async ({ inputs }: Request, { logs }: CloudClients): Promise<void> => {
  const logGroupName = text(inputs, "name");
  await logs.send(new CreateLogGroupCommand({ logGroupName })).catch((error: unknown) => {
    // Also an update comes here.
    if (!(error instanceof ResourceAlreadyExistsException)) throw error;
  });
  const retentionInDays = Number(inputs["retentionInDays"] ?? 0);
  if (retentionInDays > 0) {
    await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
  }
};

const deleteAlarm =
  (nameKey: string): NonNullable<Maker["delete"]> =>
  async ({ inputs }, { cloudWatch }) => {
    await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [text(inputs, nameKey)] }));
  };

export const observabilityMakers: Readonly<Record<string, Maker>> = {
  "aws:cloudwatch/logGroup:LogGroup": putting(logGroup),
  "aws:cloudwatch/metricAlarm:MetricAlarm": putting(
    ({ inputs }, { cloudWatch }) => cloudWatch.send(new PutMetricAlarmCommand(alarmInput(inputs))),
    deleteAlarm("name"),
  ),
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": putting(
    ({ inputs }, { cloudWatch }) =>
      cloudWatch.send(
        new PutCompositeAlarmCommand({
          AlarmName: text(inputs, "alarmName"),
          AlarmRule: text(inputs, "alarmRule"),
          AlarmDescription: text(inputs, "alarmDescription"),
          AlarmActions: texts(inputs, "alarmActions"),
        }),
      ),
    deleteAlarm("alarmName"),
  ),
};
