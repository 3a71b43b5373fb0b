/** The AWS clients of an administrator; credentials and endpoints come from the environment. */
import { APIGatewayClient } from "@aws-sdk/client-api-gateway";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { STSClient } from "@aws-sdk/client-sts";

export interface AwsClients {
  readonly apiGateway: APIGatewayClient;
  readonly iam: IAMClient;
  readonly kms: KMSClient;
  readonly s3: S3Client;
  readonly sts: STSClient;
}

export const awsClients = (region: string): AwsClients => ({
  apiGateway: new APIGatewayClient({ region }),
  iam: new IAMClient({ region }),
  kms: new KMSClient({ region }),
  s3: new S3Client({ region }),
  sts: new STSClient({ region }),
});
