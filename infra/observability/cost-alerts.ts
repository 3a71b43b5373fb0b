import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { ENVIRONMENT_TAG, metricName, SERVICE_TAG } from "../names.ts";
import type { Settings } from "../settings.ts";

export interface CostAlertsArgs {
  readonly settings: Settings;
  /** The topic that is told. */
  readonly topicArn: pulumi.Input<string>;
}

/** Percent of the budget, and of what: the forecast leaves time to act, the actual figure is certain. */
const BUDGET_ALERTS = [
  { notificationType: "FORECASTED", threshold: 100 },
  { notificationType: "ACTUAL", threshold: 80 },
  { notificationType: "ACTUAL", threshold: 100 },
] as const;

/** USD from which an anomaly is told. */
const ANOMALY_USD = "10";

/**
 * A budget for what carries the stack's tags, and a subscription to the account's own anomaly monitor, of which
 * there can be only one for services. Each only where config asks for it. The tags `service` and `environment`
 * count in a budget once they are activated as cost allocation tags, by hand, in the account that pays.
 */
export function makeCostAlerts(
  { settings, topicArn }: CostAlertsArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const { monthlyBudgetUsd, anomalyMonitorArn, serviceName, environment } = settings;
  if (monthlyBudgetUsd > 0) {
    new aws.budgets.Budget(
      "budget",
      {
        name: metricName(settings, "budget"),
        budgetType: "COST",
        timeUnit: "MONTHLY",
        limitAmount: String(monthlyBudgetUsd),
        limitUnit: "USD",
        costFilters: [
          {
            name: "TagKeyValue",
            values: [
              `user:${SERVICE_TAG}$${serviceName}`,
              `user:${ENVIRONMENT_TAG}$${environment}`,
            ],
          },
        ],
        notifications: BUDGET_ALERTS.map((alert) => ({
          ...alert,
          comparisonOperator: "GREATER_THAN",
          thresholdType: "PERCENTAGE",
          subscriberSnsTopicArns: [topicArn],
        })),
      },
      opts,
    );
  }
  if (anomalyMonitorArn !== undefined) {
    new aws.costexplorer.AnomalySubscription(
      "anomalies",
      {
        name: metricName(settings, "anomalies"),
        // A topic can only be told at once; a daily summary goes by email alone.
        frequency: "IMMEDIATE",
        monitorArnLists: [anomalyMonitorArn],
        subscribers: [{ type: "SNS", address: topicArn }],
        thresholdExpression: {
          dimension: {
            key: "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            matchOptions: ["GREATER_THAN_OR_EQUAL"],
            values: [ANOMALY_USD],
          },
        },
      },
      opts,
    );
  }
}
