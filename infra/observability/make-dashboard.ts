import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { dashboardName, functionName, logGroupName, metricName } from "../names.ts";
import { dashboardBody, type DashboardInput } from "./dashboard.ts";
import { SAVED_QUERIES } from "./queries.ts";

/** The dashboard, the saved queries on the function's log, and groups of traces: what people look at. */
export function makeDashboard(input: DashboardInput, opts: pulumi.CustomResourceOptions): void {
  const { settings } = input;
  new aws.cloudwatch.Dashboard(
    "dashboard",
    { dashboardName: dashboardName(settings), dashboardBody: JSON.stringify(dashboardBody(input)) },
    opts,
  );
  for (const [name, queryString] of Object.entries(SAVED_QUERIES)) {
    new aws.cloudwatch.QueryDefinition(
      `query-${name.replaceAll(/[^a-z]+/g, "-")}`,
      {
        name: `${settings.serviceName}-${settings.environment}/${name}`,
        queryString,
        logGroupNames: [logGroupName(settings)],
      },
      opts,
    );
  }
  const service = `service("${functionName(settings)}")`;
  const groups = {
    faults: `${service} { fault = true }`,
    slow: `${service} { responsetime > ${settings.durationAlarmMs / 1000} }`,
  };
  for (const [name, filterExpression] of Object.entries(groups)) {
    new aws.xray.Group(
      `${name}-traces`,
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
