/** Cost Explorer's name of the service that a price belongs to. */
import { PRICES, type PriceName } from "../../infra/observability/prices.ts";

/** By the page of the price. */
const BY_PAGE: Readonly<Record<string, string>> = {
  "api-gateway": "Amazon API Gateway",
  "aws-cost-management/aws-cost-explorer": "AWS Cost Explorer",
  cloudwatch: "AmazonCloudWatch",
  dynamodb: "Amazon DynamoDB",
  eventbridge: "CloudWatch Events",
  kms: "AWS Key Management Service",
  lambda: "AWS Lambda",
  privatelink: "Amazon Virtual Private Cloud",
  "rds/aurora/dsql": "Amazon Aurora DSQL",
  "rds/proxy": "Amazon Relational Database Service",
  s3: "Amazon Simple Storage Service",
  "secrets-manager": "AWS Secrets Manager",
  sns: "Amazon Simple Notification Service",
  sqs: "Amazon Simple Queue Service",
  "systems-manager": "AWS Systems Manager",
  vpc: "Amazon Virtual Private Cloud",
  waf: "AWS WAF",
  xray: "AWS X-Ray",
};

/** Where the bill has it elsewhere than the page. */
const BY_PRICE: Partial<Record<PriceName, string>> = {
  natGatewayHour: "EC2 - Other",
  natTraffic: "EC2 - Other",
};

/** For example `AWS Lambda`. */
export function serviceOfPrice(name: PriceName): string {
  const topic = PRICES[name].page.slice("aws.amazon.com/".length, -"/pricing".length);
  return BY_PRICE[name] ?? BY_PAGE[topic] ?? topic;
}

/** What has no tags, so that figures by tags leave it out: traces, and the metrics of log lines. */
const UNTAGGED: readonly PriceName[] = ["trace", "customMetric"];

export const isTagged = (name: PriceName): boolean => !UNTAGGED.includes(name);
