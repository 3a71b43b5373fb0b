import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { metricName, type Scope } from "../names.ts";
import type { Alarm } from "./alarms.ts";

/** Makes alarms from data, each named after its metric; their names. */
export const makeAlarms = (
  scope: Scope,
  alarms: Readonly<Record<string, Alarm>>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string>[] =>
  Object.entries(alarms).map(
    ([metric, alarm]) =>
      new aws.cloudwatch.MetricAlarm(
        `${metric}-alarm`,
        { name: metricName(scope, metric), ...alarm },
        opts,
      ).name,
  );
