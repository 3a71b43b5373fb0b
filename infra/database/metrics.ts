/** What DynamoDB reports of the table (DynamoDB guide, "DynamoDB metrics and dimensions"). Pure. */
import { type Scope, tableName } from "../names.ts";
import type { Metric } from "../observability/metrics.ts";

/** What is counted of the table as a whole. */
type TableMetric =
  | "ConditionalCheckFailedRequests"
  | "ConsumedReadCapacityUnits"
  | "ConsumedWriteCapacityUnits"
  | "ReadThrottleEvents"
  | "WriteThrottleEvents";

/** What is counted by the call. */
type OperationMetric = "SuccessfulRequestLatency" | "SystemErrors";

/** The calls that the handler may make, as DynamoDB counts them: a transaction is one. */
export const OPERATIONS = ["DeleteItem", "GetItem", "PutItem", "TransactWriteItems"] as const;

const NAMESPACE = "AWS/DynamoDB";

export const tableMetric = (scope: Scope, metricName: TableMetric): Metric => ({
  namespace: NAMESPACE,
  metricName,
  dimensions: { TableName: tableName(scope) },
});

/** Requests that DynamoDB could not read; it counts them by account and region, of all tables together. */
export const userErrors: Metric = {
  namespace: NAMESPACE,
  metricName: "UserErrors",
  dimensions: {},
};

export const operationMetric = (
  scope: Scope,
  metricName: OperationMetric,
  Operation: (typeof OPERATIONS)[number],
): Metric => ({
  namespace: NAMESPACE,
  metricName,
  dimensions: { TableName: tableName(scope), Operation },
});
