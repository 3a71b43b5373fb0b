import { type Override, globalArn, regionalArn, text, uuid } from "../aws-types.ts";

const alarm = (nameKey: string, entry: Override = {}): Override => ({
  ...entry,
  replaceOn: [nameKey],
  id: ({ inputs }) => text(inputs, nameKey),
  computed: ({ location, inputs }) => ({
    arn: regionalArn(location, "cloudwatch", `alarm:${text(inputs, nameKey)}`),
  }),
});

export const cloudwatch: Readonly<Record<string, Override>> = {
  "aws:cloudwatch/logGroup:LogGroup": {
    nameKey: "name",
    replaceOn: ["name", "namePrefix", "logGroupClass"],
    id: ({ inputs }) => text(inputs, "name"),
    computed: ({ location, inputs }) => ({
      arn: regionalArn(location, "logs", `log-group:${text(inputs, "name")}`),
    }),
  },
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": {
    nameKey: "name",
    replaceOn: ["name", "logGroupName"],
    id: ({ inputs }) => text(inputs, "name"),
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": alarm("name", { nameKey: "name" }),
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": alarm("alarmName"),
  "aws:cloudwatch/dashboard:Dashboard": {
    replaceOn: ["dashboardName"],
    id: ({ inputs }) => text(inputs, "dashboardName"),
    computed: ({ location, inputs }) => ({
      dashboardArn: globalArn(location, "cloudwatch", `dashboard/${text(inputs, "dashboardName")}`),
    }),
  },
  "aws:cloudwatch/queryDefinition:QueryDefinition": {
    nameKey: "name",
    id: ({ logicalName }) => uuid(`query/${logicalName}`),
    computed: ({ location, logicalName }) => {
      const queryDefinitionId = uuid(`query/${logicalName}`);
      return {
        queryDefinitionId,
        arn: regionalArn(location, "logs", `query-definition:${queryDefinitionId}`),
      };
    },
  },
  "aws:cloudwatch/eventRule:EventRule": {
    nameKey: "name",
    replaceOn: ["name", "namePrefix", "eventBusName"],
    id: ({ inputs }) => text(inputs, "name"),
    computed: ({ location, inputs }) => ({
      arn: regionalArn(location, "events", `rule/${text(inputs, "name")}`),
    }),
  },
  "aws:cloudwatch/eventTarget:EventTarget": {
    nameKey: "targetId",
    replaceOn: ["rule", "targetId", "eventBusName"],
    id: ({ inputs }) => `${text(inputs, "rule")}-${text(inputs, "targetId")}`,
  },
  "aws:budgets/budget:Budget": {
    nameKey: "name",
    replaceOn: ["name", "namePrefix", "accountId"],
    id: ({ location, inputs }) => `${location.accountId}:${text(inputs, "name")}`,
    computed: ({ location, inputs }) => ({
      arn: globalArn(location, "budgets", `budget/${text(inputs, "name")}`),
    }),
  },
};
