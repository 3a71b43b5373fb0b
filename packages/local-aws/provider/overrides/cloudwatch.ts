import { awsType, type AwsType, globalArn, regionalArn, text, uuid } from "../aws-types.ts";

const alarm = (
  nameKey: string,
  entry: Pick<AwsType, "nameKey"> | Pick<AwsType, "required">,
): AwsType =>
  awsType({
    ...entry,
    replaceOn: [nameKey],
    id: ({ inputs }) => text(inputs, nameKey),
    computed: ({ location, inputs }) => ({
      arn: regionalArn(location, "cloudwatch", `alarm:${text(inputs, nameKey)}`),
    }),
  });

export const cloudwatch: Readonly<Record<string, AwsType>> = {
  "aws:cloudwatch/logGroup:LogGroup": awsType({
    nameKey: "name",
    replaceOn: ["name", "namePrefix", "logGroupClass"],
    id: ({ inputs }) => text(inputs, "name"),
    computed: ({ location, inputs }) => ({
      arn: regionalArn(location, "logs", `log-group:${text(inputs, "name")}`),
    }),
  }),
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": awsType({
    required: ["logGroupName", "metricTransformation", "pattern"],
    nameKey: "name",
    replaceOn: ["name", "logGroupName"],
    tags: false,
    id: ({ inputs }) => text(inputs, "name"),
  }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": alarm("name", { nameKey: "name" }),
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": alarm("alarmName", {
    required: ["alarmName", "alarmRule"],
  }),
  "aws:cloudwatch/dashboard:Dashboard": awsType({
    required: ["dashboardBody", "dashboardName"],
    replaceOn: ["dashboardName"],
    tags: false,
    id: ({ inputs }) => text(inputs, "dashboardName"),
    computed: ({ location, inputs }) => ({
      dashboardArn: globalArn(location, "cloudwatch", `dashboard/${text(inputs, "dashboardName")}`),
    }),
  }),
  "aws:cloudwatch/queryDefinition:QueryDefinition": awsType({
    required: ["queryString"],
    nameKey: "name",
    tags: false,
    id: ({ logicalName }) => uuid(`query/${logicalName}`),
    computed: ({ location, logicalName }) => {
      const queryDefinitionId = uuid(`query/${logicalName}`);
      return {
        queryDefinitionId,
        arn: regionalArn(location, "logs", `query-definition:${queryDefinitionId}`),
      };
    },
  }),
  "aws:cloudwatch/eventRule:EventRule": awsType({
    nameKey: "name",
    replaceOn: ["name", "namePrefix", "eventBusName"],
    id: ({ inputs }) => text(inputs, "name"),
    computed: ({ location, inputs }) => ({
      arn: regionalArn(location, "events", `rule/${text(inputs, "name")}`),
    }),
  }),
  "aws:cloudwatch/eventTarget:EventTarget": awsType({
    required: ["arn", "rule"],
    nameKey: "targetId",
    replaceOn: ["rule", "targetId", "eventBusName"],
    tags: false,
    id: ({ inputs }) => `${text(inputs, "rule")}-${text(inputs, "targetId")}`,
  }),
  "aws:budgets/budget:Budget": awsType({
    required: ["budgetType", "timeUnit"],
    nameKey: "name",
    replaceOn: ["name", "namePrefix", "accountId"],
    id: ({ location, inputs }) => `${location.accountId}:${text(inputs, "name")}`,
    computed: ({ location, inputs }) => ({
      arn: globalArn(location, "budgets", `budget/${text(inputs, "name")}`),
    }),
  }),
};
