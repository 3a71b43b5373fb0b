/** Provisioned concurrency and what scales it, in AWS's own forms (Pulumi registry, "Import" of each type). */
import { type Override, text } from "../aws-types.ts";

const SCALED = ["resourceId", "scalableDimension", "serviceNamespace"];

export const autoscaling: Readonly<Record<string, Override>> = {
  "aws:appautoscaling/target:Target": {
    replaceOn: SCALED,
    id: ({ inputs }) => text(inputs, "resourceId"),
  },
  "aws:appautoscaling/policy:Policy": {
    nameKey: "name",
    replaceOn: ["name", ...SCALED],
    id: ({ inputs }) => text(inputs, "name"),
  },
  "aws:appautoscaling/scheduledAction:ScheduledAction": {
    nameKey: "name",
    replaceOn: ["name", ...SCALED],
    id: ({ inputs }) =>
      ["name", "serviceNamespace", "resourceId"].map((key) => text(inputs, key)).join("-"),
  },
  "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": {
    replaceOn: ["functionName", "qualifier"],
    id: ({ inputs }) => `${text(inputs, "functionName")},${text(inputs, "qualifier")}`,
  },
};
