import {
  DeleteAlarmsCommand,
  DeleteDashboardsCommand,
  PutCompositeAlarmCommand,
  type PutCompositeAlarmCommandInput,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
} from "@aws-sdk/client-cloudwatch";
import {
  CreateLogGroupCommand,
  DeleteMetricFilterCommand,
  DeleteQueryDefinitionCommand,
  DeleteResourcePolicyCommand,
  PutMetricFilterCommand,
  PutQueryDefinitionCommand,
  PutResourcePolicyCommand,
  PutRetentionPolicyCommand,
  ResourceAlreadyExistsException,
  type StandardUnit,
} from "@aws-sdk/client-cloudwatch-logs";
import { type Properties, text } from "../../provider/aws-types.ts";
import type { Request } from "../../provider/backend.ts";
import {
  capitalised,
  type CloudClients,
  deeplyCapitalised,
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
  const { warmUpConfiguration, evaluateLowSampleCountPercentiles: lowSamples, ...plain } = rest;
  const input = {
    AlarmName: String(name),
    ...capitalised(plain),
    ...(warmUpConfiguration !== undefined && {
      WarmUpConfiguration: deeplyCapitalised(warmUpConfiguration),
    }),
    ...(lowSamples !== undefined && { EvaluateLowSampleCountPercentile: lowSamples }),
    ...(dimensions !== undefined && { Dimensions: pairs(dimensions) }),
    ...(metricQueries !== undefined && { Metrics: list(inputs, "metricQueries").map(metricQuery) }),
  };
  // The API writes the second of these otherwise than the provider does.
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
      cloudWatch.send(new PutCompositeAlarmCommand(compositeInput(inputs))),
    deleteAlarm("alarmName"),
  ),
  "aws:cloudwatch/dashboard:Dashboard": putting(
    ({ inputs }, { cloudWatch }) =>
      cloudWatch.send(
        new PutDashboardCommand({
          DashboardName: text(inputs, "dashboardName"),
          DashboardBody: text(inputs, "dashboardBody"),
        }),
      ),
    async ({ inputs }, { cloudWatch }) => {
      const DashboardNames = [text(inputs, "dashboardName")];
      await cloudWatch.send(new DeleteDashboardsCommand({ DashboardNames }));
    },
  ),
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": putting(
    ({ inputs }, { logs }) => logs.send(new PutMetricFilterCommand(metricFilter(inputs))),
    async ({ inputs }, { logs }) => {
      await logs.send(
        new DeleteMetricFilterCommand({
          logGroupName: text(inputs, "logGroupName"),
          filterName: text(inputs, "name"),
        }),
      );
    },
  ),
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": putting(
    ({ inputs }, { logs }) =>
      logs.send(
        new PutResourcePolicyCommand({
          policyName: text(inputs, "policyName"),
          policyDocument: text(inputs, "policyDocument"),
        }),
      ),
    async ({ previous = {} }, { logs }) => {
      const policyName = text(previous, "policyName");
      await logs.send(new DeleteResourcePolicyCommand({ policyName }));
    },
  ),
  "aws:cloudwatch/queryDefinition:QueryDefinition": {
    create: async ({ inputs }, { logs }) => {
      const { queryDefinitionId } = await logs.send(new PutQueryDefinitionCommand(query(inputs)));
      return { queryDefinitionId };
    },
    update: async ({ inputs, previous }, { logs }) => {
      const queryDefinitionId = text(previous ?? {}, "queryDefinitionId");
      await logs.send(new PutQueryDefinitionCommand({ ...query(inputs), queryDefinitionId }));
      return {};
    },
    delete: async ({ previous }, { logs }) => {
      const queryDefinitionId = text(previous ?? {}, "queryDefinitionId");
      await logs.send(new DeleteQueryDefinitionCommand({ queryDefinitionId }));
    },
    ownOutputs: ["queryDefinitionId"],
  },
};

/** The program's composite alarm as CloudWatch's API takes it. */
function compositeInput(inputs: Properties): PutCompositeAlarmCommandInput {
  const suppressor = part(inputs, "actionsSuppressor");
  return {
    AlarmName: text(inputs, "alarmName"),
    AlarmRule: text(inputs, "alarmRule"),
    AlarmDescription: text(inputs, "alarmDescription"),
    AlarmActions: texts(inputs, "alarmActions"),
    OKActions: texts(inputs, "okActions"),
    InsufficientDataActions: texts(inputs, "insufficientDataActions"),
    ActionsEnabled: inputs["actionsEnabled"] !== false,
    ...(inputs["actionsSuppressor"] !== undefined && {
      ActionsSuppressor: text(suppressor, "alarm"),
      ActionsSuppressorWaitPeriod: Number(suppressor["waitPeriod"]),
      ActionsSuppressorExtensionPeriod: Number(suppressor["extensionPeriod"]),
    }),
  };
}

/** The program's metric filter as the API of CloudWatch Logs takes it. */
function metricFilter(inputs: Properties) {
  const { name, namespace, value, unit, defaultValue, dimensions } = part(
    inputs,
    "metricTransformation",
  );
  return {
    logGroupName: text(inputs, "logGroupName"),
    filterName: text(inputs, "name"),
    filterPattern: text(inputs, "pattern"),
    metricTransformations: [
      {
        metricNamespace: String(namespace),
        metricName: String(name),
        metricValue: String(value),
        ...(unit !== undefined && { unit: unit as StandardUnit }),
        ...(defaultValue !== undefined && { defaultValue: Number(defaultValue) }),
        ...(dimensions !== undefined && { dimensions: dimensions as Record<string, string> }),
      },
    ],
  };
}

const query = (inputs: Properties) => ({
  name: text(inputs, "name"),
  queryString: text(inputs, "queryString"),
  logGroupNames: texts(inputs, "logGroupNames"),
});
