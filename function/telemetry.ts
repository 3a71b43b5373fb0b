/**
 * Logger and metrics, built once and configured by the environment variables that the stack sets.
 * Put here: what every invocation logs and counts. Dimensions stay bounded: service and environment.
 */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";

const environment = process.env.ENVIRONMENT ?? "local";

export const logger = new Logger();
export const metrics = new Metrics({ defaultDimensions: { environment } });
