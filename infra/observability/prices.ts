/**
 * List prices in USD in us-east-1, without free tiers, discounts and taxes: the only list of the project. The
 * dashboard's cost, `npm run cost` and `npm run tune` use it. Prices change and differ by region, so each one says
 * where and when it was read, and which page of AWS's states the one in force.
 */
import type { Settings } from "../settings.ts";

/** The region that the prices are of. */
export const PRICED_REGION = "us-east-1";

/** One price. */
export interface Price {
  /** Of one. */
  readonly usd: number;
  /** What one of it is, for example `request`. */
  readonly per: string;
  /** What each costs beyond so many in a month, in rising order. */
  readonly tiers?: readonly { readonly above: number; readonly usd: number }[];
  /** AWS's own page for it, to check the price again. */
  readonly page: string;
  /** Where this figure was read. */
  readonly source: string;
  /** Year and month of what was read. */
  readonly read: string;
}

const INFRACOST = { source: "figures in infracost's test data", read: "2026-08" } as const;
const AWS_TOOLKIT = {
  source: "AWS's agent toolkit, skill aws-observability",
  read: "2026-08",
} as const;
const AWS_PAGES = { source: "the page itself", read: "2026-11" } as const;
/** Several independent pages that agree; AWS's own could not be read. */
const THIRD_PARTIES = { source: "pages of third parties that agree", read: "2026-11" } as const;

type Found = Pick<Price, "source" | "read">;

const price = (
  usd: number,
  per: string,
  topic: string,
  found: Found = INFRACOST,
  tiers: Price["tiers"] = [],
): Price => ({
  usd,
  per,
  ...(tiers.length > 0 && { tiers }),
  page: `aws.amazon.com/${topic}/pricing`,
  ...found,
});

const MILLION = 1e6;
const BILLION = 1e9;

/** Every price, by what is paid for. */
export const PRICES = {
  lambdaRequest: price(0.2 / MILLION, "request", "lambda"),
  lambdaArmSecond: price(0.0000133334, "GB-second", "lambda", INFRACOST, [
    { above: 7.5 * BILLION, usd: 0.0000120001 },
    { above: 18.75 * BILLION, usd: 0.0000106667 },
  ]),
  lambdaX86Second: price(0.0000166667, "GB-second", "lambda", INFRACOST, [
    { above: 6 * BILLION, usd: 0.000015 },
    { above: 15 * BILLION, usd: 0.0000133334 },
  ]),
  lambdaProvisionedArmSecond: price(0.0000033333, "GB-second", "lambda"),
  lambdaProvisionedX86Second: price(0.0000041667, "GB-second", "lambda", AWS_TOOLKIT),
  lambdaProvisionedArmDuration: price(0.0000077778, "GB-second", "lambda"),
  lambdaProvisionedX86Duration: price(0.0000097222, "GB-second", "lambda", THIRD_PARTIES),
  lambdaStorageSecond: price(0.0000000309, "GB-second", "lambda"),

  /** More tiers follow; the second is an upper bound of them. */
  logsWritten: price(0.5, "GB", "cloudwatch", INFRACOST, [{ above: 10_000, usd: 0.25 }]),
  logsStored: price(0.03, "GB-month", "cloudwatch"),
  logsScanned: price(0.005, "GB", "cloudwatch"),
  customMetric: price(0.3, "metric", "cloudwatch", AWS_PAGES, [{ above: 10_000, usd: 0.1 }]),
  alarmMetric: price(0.1, "metric of an alarm", "cloudwatch"),
  fastAlarmMetric: price(0.3, "metric of an alarm below 60 s", "cloudwatch"),
  compositeAlarm: price(0.5, "composite alarm", "cloudwatch", THIRD_PARTIES),
  dashboard: price(3, "dashboard", "cloudwatch"),
  trace: price(5 / MILLION, "trace", "xray", AWS_PAGES),

  queueRequest: price(0.4 / MILLION, "request", "sqs"),
  fifoQueueRequest: price(0.5 / MILLION, "request", "sqs"),
  topicPublish: price(0.5 / MILLION, "message", "sns"),
  emailNotification: price(2 / 1e5, "email", "sns"),
  httpsNotification: price(0.06 / 1e5, "notification", "sns"),
  customEvent: price(1 / MILLION, "event", "eventbridge"),
  archivedEvents: price(0.1, "GB", "eventbridge"),
  schedule: price(1 / MILLION, "call", "eventbridge", THIRD_PARTIES),
  pipeRequest: price(0.4 / MILLION, "request", "eventbridge", THIRD_PARTIES),

  key: price(1, "key", "kms"),
  keyRequest: price(0.03 / 1e4, "request", "kms"),
  secret: price(0.4, "secret", "secrets-manager"),
  secretRequest: price(0.05 / 1e4, "request", "secrets-manager"),
  advancedParameter: price(0.05, "parameter", "systems-manager"),
  parameterRequest: price(0.05 / 1e4, "request", "systems-manager"),

  objectStored: price(0.023, "GB-month", "s3"),
  tableWrite: price(0.625 / MILLION, "write unit", "dynamodb"),
  tableRead: price(0.125 / MILLION, "read unit", "dynamodb"),
  tableWriteHour: price(0.00065, "write unit an hour", "dynamodb"),
  tableReadHour: price(0.00013, "read unit an hour", "dynamodb"),
  tableStored: price(0.25, "GB-month", "dynamodb"),
  tableBackup: price(0.2, "GB-month", "dynamodb"),
  dsqlUnit: price(8 / MILLION, "DPU", "rds/aurora/dsql", THIRD_PARTIES),
  dsqlStored: price(0.33, "GB-month", "rds/aurora/dsql", THIRD_PARTIES),
  proxyHour: price(0.015, "vCPU an hour", "rds/proxy", THIRD_PARTIES),

  natGatewayHour: price(0.045, "hour", "vpc"),
  natTraffic: price(0.045, "GB", "vpc"),
  interfaceEndpointHour: price(0.01, "hour in one zone", "privatelink"),
  endpointTraffic: price(0.01, "GB", "privatelink"),
  publicAddressHour: price(0.005, "hour", "vpc", THIRD_PARTIES),

  httpApiRequest: price(1 / MILLION, "request", "api-gateway", INFRACOST, [
    { above: 300 * MILLION, usd: 0.9 / MILLION },
  ]),
  restApiRequest: price(3.5 / MILLION, "request", "api-gateway", INFRACOST, [
    { above: 333 * MILLION, usd: 2.8 / MILLION },
    { above: BILLION, usd: 2.38 / MILLION },
  ]),
  /** What leaves for the internet; more tiers follow. */
  apiTraffic: price(0.09, "GB", "api-gateway", THIRD_PARTIES, [{ above: 10_240, usd: 0.085 }]),
  apiCacheHour: price(0.02, "hour of 0.5 GB", "api-gateway"),
  webAcl: price(5, "web ACL", "waf"),
  webAclRule: price(1, "rule", "waf"),
  webAclRequest: price(0.6 / MILLION, "request", "waf"),

  costExplorerRequest: price(0.01, "request", "aws-cost-management/aws-cost-explorer", AWS_PAGES),
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;

/** What so many cost in a month in USD, each tier at its own price. */
export function costOf(name: PriceName, quantity: number): number {
  const { usd, tiers = [] }: Price = PRICES[name];
  const steps = [{ above: 0, usd }, ...tiers];
  return steps.reduce((total, step, index) => {
    const end = Math.min(quantity, steps[index + 1]?.above ?? Number.POSITIVE_INFINITY);
    return total + Math.max(0, end - step.above) * step.usd;
  }, 0);
}

/** One request of Lambda. */
export const REQUEST_PRICE = PRICES.lambdaRequest.usd;

/** A second of one GB of a function's memory. */
export const computePricePerGbSecond = (architecture: Settings["architecture"]): number =>
  architecture === "arm64" ? PRICES.lambdaArmSecond.usd : PRICES.lambdaX86Second.usd;
