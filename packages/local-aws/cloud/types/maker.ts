/** How the local cloud makes one type of resource, by the calls that AWS's own provider would make. */
import type { APIGatewayClient } from "@aws-sdk/client-api-gateway";
import type { ApiGatewayV2Client } from "@aws-sdk/client-apigatewayv2";
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { CodeDeployClient } from "@aws-sdk/client-codedeploy";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { IAMClient } from "@aws-sdk/client-iam";
import type { KMSClient } from "@aws-sdk/client-kms";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SchedulerClient } from "@aws-sdk/client-scheduler";
import type { SNSClient } from "@aws-sdk/client-sns";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Properties } from "../../provider/aws-types.ts";
import type { Request } from "../../provider/backend.ts";

export interface CloudClients {
  /** Where all of them call, which is also where APIs answer. */
  readonly endpoint: string;
  readonly apiGateway: APIGatewayClient;
  readonly apiGatewayV2: ApiGatewayV2Client;
  readonly cloudWatch: CloudWatchClient;
  readonly codeDeploy: CodeDeployClient;
  readonly dynamodb: DynamoDBClient;
  readonly events: EventBridgeClient;
  readonly iam: IAMClient;
  readonly kms: KMSClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  readonly s3: S3Client;
  readonly scheduler: SchedulerClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
}

/** Makes or changes one resource; the answer holds the outputs that only the local cloud knows. */
type Make = (request: Request, clients: CloudClients) => Promise<Properties>;

export interface Maker {
  readonly create: Make;
  readonly update: Make;
  /** Absent: it ends with the local cloud. */
  readonly delete?: (request: Request, clients: CloudClients) => Promise<void>;
  /** Outputs that stay as they are when an update does not answer them. */
  readonly ownOutputs?: readonly string[];
}

/** A maker whose create and update are the same call, as with most settings. */
export const putting = (
  put: (request: Request, clients: CloudClients) => Promise<unknown>,
  remove?: Maker["delete"],
): Maker => {
  const make: Make = async (request, clients) => {
    await put(request, clients);
    return {};
  };
  return { create: make, update: make, ...(remove && { delete: remove }) };
};

/** An input that is an object, or an empty one. */
export const part = (inputs: Properties, key: string): Properties =>
  (inputs[key] ?? {}) as Properties;

/** An input that is a list of objects, or an empty one. */
export const list = (inputs: Properties, key: string): readonly Properties[] =>
  (inputs[key] ?? []) as readonly Properties[];

/** An input that is a list of texts, or an empty one. */
export const texts = (inputs: Properties, key: string): string[] => [
  ...((inputs[key] ?? []) as readonly string[]),
];

/** The members of an API's input as the program writes them, with the first letter raised; unset ones left out. */
export const capitalised = (of: Properties): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(of)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([key, value]) => [key.charAt(0).toUpperCase() + key.slice(1), value]),
  );

/** The same for objects within objects and lists; only for inputs without free keys such as tags. */
export function deeplyCapitalised(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deeplyCapitalised);
  if (typeof value !== "object" || value === null) return value;
  return capitalised(
    Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, deeplyCapitalised(inner)]),
    ),
  );
}

/** Name and value pairs, as CloudWatch takes dimensions. */
export const pairs = (of: unknown): { Name: string; Value: string }[] =>
  Object.entries((of ?? {}) as Record<string, string>).map(([Name, Value]) => ({ Name, Value }));
