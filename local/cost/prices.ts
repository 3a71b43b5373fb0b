/**
 * List prices in us-east-1 in USD, without taxes and free tiers. Prices change and differ by region: each has
 * the month in which it was read and the page that it is from, so that it can be checked again.
 */

/** One price. */
export interface Price {
  readonly usd: number;
  /** What one of it is, for example `request`. */
  readonly per: string;
  /** Page of AWS's that states it. */
  readonly source: string;
  /** Year and month in which it was read. */
  readonly read: string;
}

const on = (page: string) => `aws.amazon.com/${page}/pricing`;

const price = (usd: number, per: string, source: string, read = "2026-08"): Price => ({
  usd,
  per,
  source,
  read,
});

/** Every price that the estimate uses, by what is paid for. */
export const PRICES = {
  lambdaRequest: price(0.2 / 1e6, "request", on("lambda")),
  lambdaArmSecond: price(0.0000133334, "GB-second", on("lambda")),
  lambdaX86Second: price(0.0000166667, "GB-second", on("lambda")),
  lambdaProvisionedArmSecond: price(0.0000033333, "GB-second", on("lambda")),
  lambdaProvisionedX86Second: price(0.0000041667, "GB-second", on("lambda")),
  logsWritten: price(0.5, "GB", on("cloudwatch")),
  logsStored: price(0.03, "GB-month", on("cloudwatch")),
  customMetric: price(0.3, "metric", on("cloudwatch")),
  alarmMetric: price(0.1, "metric of an alarm", on("cloudwatch")),
  compositeAlarm: price(0.5, "composite alarm", on("cloudwatch")),
  dashboard: price(3, "dashboard", on("cloudwatch")),
  trace: price(5 / 1e6, "trace", on("xray")),
  queueRequest: price(0.4 / 1e6, "request", on("sqs")),
  topicPublish: price(0.5 / 1e6, "message", on("sns")),
  emailNotification: price(2 / 1e5, "email", on("sns")),
  httpsNotification: price(0.06 / 1e5, "notification", on("sns")),
  key: price(1, "key", on("kms")),
  keyRequest: price(0.03 / 1e4, "request", on("kms")),
  secret: price(0.4, "secret", on("secrets-manager")),
  objectStored: price(0.023, "GB-month", on("s3")),
  objectWrite: price(0.005 / 1e3, "request", on("s3")),
  natGateway: price(32.85, "gateway", on("vpc")),
  natTraffic: price(0.045, "GB", on("vpc")),
  interfaceEndpoint: price(7.3, "endpoint in one zone", on("privatelink")),
  publicAddress: price(3.65, "public IPv4 address", on("vpc")),
  tableWrite: price(0.625 / 1e6, "write unit", on("dynamodb")),
  tableRead: price(0.125 / 1e6, "read unit", on("dynamodb")),
  tableStored: price(0.25, "GB-month", on("dynamodb")),
  httpApiRequest: price(1 / 1e6, "request", on("api-gateway")),
  restApiRequest: price(3.5 / 1e6, "request", on("api-gateway")),
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;
