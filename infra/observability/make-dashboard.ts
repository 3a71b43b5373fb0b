import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { API_ID } from "../api/metrics.ts";
import {
  apiLogGroupName,
  dashboardName,
  functionName,
  functionPart,
  functionPrefix,
  logGroupName,
  metricName,
} from "../names.ts";
import { dashboardBody, type DashboardInput } from "./dashboard.ts";
import { API_QUERIES, SAVED_QUERIES } from "./queries.ts";

/**
 * The dashboard, the saved queries on the logs of the function and the API, and groups of traces: what people look at.
 * `apiId` is that of the API in front of the function, where there is one.
 */
export function makeDashboard(
  input: DashboardInput,
  apiId: pulumi.Input<string> | undefined,
  opts: pulumi.CustomResourceOptions,
): void {
  const { settings } = input;
  const body = JSON.stringify(dashboardBody(input));
  new aws.cloudwatch.Dashboard(
    functionPart(settings, "dashboard"),
    {
      dashboardName: dashboardName(settings),
      dashboardBody:
        apiId === undefined
          ? body
          : pulumi.output(apiId).apply((id) => body.replaceAll(API_ID, id)),
    },
    opts,
  );
  const save = (queries: Readonly<Record<string, string>>, group: string): void => {
    for (const [name, queryString] of Object.entries(queries)) {
      new aws.cloudwatch.QueryDefinition(
        functionPart(settings, `query-${name.replaceAll(/[^a-z]+/g, "-")}`),
        {
          name: `${functionPrefix(settings)}-${settings.environment}/${name}`,
          queryString,
          logGroupNames: [group],
        },
        opts,
      );
    }
  };
  save(SAVED_QUERIES, logGroupName(settings));
  if (settings.api !== "none" && settings.apiAccessLogs)
    save(API_QUERIES, apiLogGroupName(settings));
  const service = `service("${functionName(settings)}")`;
  const groups = {
    faults: `${service} { fault = true }`,
    slow: `${service} { responsetime > ${settings.durationAlarmMs / 1000} }`,
  };
  for (const [name, filterExpression] of Object.entries(groups)) {
    new aws.xray.Group(
      functionPart(settings, `${name}-traces`),
      {
        groupName: metricName(settings, name),
        filterExpression,
        // They cost by the trace.
        insightsConfiguration: { insightsEnabled: false, notificationsEnabled: false },
      },
      opts,
    );
  }
}
