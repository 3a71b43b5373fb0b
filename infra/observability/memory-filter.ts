import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { functionPart, logGroupName } from "../names.ts";
import type { Settings } from "../settings.ts";
import { serviceMetrics } from "./metrics.ts";

/** Makes a metric of the memory that Lambda reports in the log: it has none of its own. */
export const makeMemoryMetric = (
  settings: Settings,
  namespace: string,
  logGroup: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.LogMetricFilter => {
  const { memoryUsed } = serviceMetrics(settings, namespace);
  return new aws.cloudwatch.LogMetricFilter(
    functionPart(settings, "memory-used"),
    {
      name: `${logGroupName(settings).split("/").at(-1)}-memory`,
      logGroupName: logGroup,
      pattern: '{ $.type = "platform.report" }',
      metricTransformation: {
        namespace: memoryUsed.namespace,
        name: memoryUsed.metricName,
        value: "$.record.metrics.maxMemoryUsedMB",
        unit: "Megabytes",
      },
    },
    opts,
  );
};
