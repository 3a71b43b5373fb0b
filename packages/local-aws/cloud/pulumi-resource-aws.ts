/** The executable that the engine starts as its AWS provider when it deploys into the local cloud. */
import { APIGatewayClient } from "@aws-sdk/client-api-gateway";
import { ApiGatewayV2Client } from "@aws-sdk/client-apigatewayv2";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { CodeDeployClient } from "@aws-sdk/client-codedeploy";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { standInOptions } from "../provider/channel.ts";
import { serve } from "../provider/provider.ts";
import { emulatorBackend } from "./backend.ts";

// Endpoint, region and credentials come from the environment, which names the local cloud.
const endpoint = process.env["AWS_ENDPOINT_URL"] ?? "";
if (!endpoint.startsWith("http://127.0.0.1:")) {
  throw new Error(
    "this provider works on the local cloud alone; AWS_ENDPOINT_URL does not name it",
  );
}

await serve(
  emulatorBackend(
    {
      endpoint,
      apiGateway: new APIGatewayClient(),
      apiGatewayV2: new ApiGatewayV2Client(),
      cloudWatch: new CloudWatchClient(),
      codeDeploy: new CodeDeployClient(),
      dynamodb: new DynamoDBClient(),
      events: new EventBridgeClient(),
      iam: new IAMClient(),
      kms: new KMSClient(),
      lambda: new LambdaClient(),
      logs: new CloudWatchLogsClient(),
      s3: new S3Client(),
      scheduler: new SchedulerClient(),
      sns: new SNSClient(),
      sqs: new SQSClient(),
    },
    await standInOptions(),
  ),
);
