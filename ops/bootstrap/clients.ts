/** The AWS clients of an administrator; credentials and endpoints come from the environment. */
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { STSClient } from "@aws-sdk/client-sts";

export interface AwsClients {
  readonly iam: IAMClient;
  readonly kms: KMSClient;
  readonly s3: S3Client;
  readonly sts: STSClient;
}

export const awsClients = (region: string): AwsClients => ({
  iam: new IAMClient({ region }),
  kms: new KMSClient({ region }),
  s3: new S3Client({ region }),
  sts: new STSClient({ region }),
});
