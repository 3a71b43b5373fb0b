/** Whose credentials a command runs with. */
import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";

export interface Caller {
  /** Twelve digits. */
  readonly accountId: string;
  readonly arn: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  readonly partition: string;
}

export async function readCaller(sts: STSClient): Promise<Caller> {
  const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
  if (Account === undefined || Arn === undefined) throw new Error("STS did not say who calls");
  return { accountId: Account, arn: Arn, partition: Arn.split(":")[1] ?? "aws" };
}
