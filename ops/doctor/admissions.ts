/**
 * Whom the alias lets in besides the stack's own API: IAM compares the service and not the API, so a pipeline could
 * admit the APIs of others.
 */
import { GetPolicyCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { AwsLocation } from "../../infra/arns.ts";
import { ALIAS_NAME } from "../../infra/names.ts";
import type { Finding } from "./check.ts";

/** The alias's own policy as JSON; undefined where it has none. */
export async function readAliasPolicy(
  lambda: LambdaClient,
  name: string,
): Promise<string | undefined> {
  const command = new GetPolicyCommand({ FunctionName: name, Qualifier: ALIAS_NAME });
  try {
    return (await lambda.send(command)).Policy;
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
    throw error;
  }
}

interface Admission {
  readonly Sid?: string;
  readonly Principal?: string | { readonly Service?: string };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Which statements of the alias's own policy let in the APIs of others. `policy` is its JSON. Pure. */
export function judgeAdmissions(
  { partition, region, accountId }: AwsLocation,
  name: string,
  policy: string | undefined,
): readonly Finding[] {
  const { Statement = [] } = JSON.parse(policy ?? "{}") as {
    readonly Statement?: readonly Admission[];
  };
  const own = `arn:${partition}:execute-api:${region}:${accountId}:`;
  return Statement.flatMap(({ Sid = "", Principal, Condition = {} }) => {
    if (typeof Principal !== "object" || Principal.Service !== "apigateway.amazonaws.com") {
      return [];
    }
    const sources = Object.values(Condition)
      .flatMap((keys) => Object.entries(keys))
      .filter(([key]) => key.toLowerCase() === "aws:sourcearn")
      .flatMap(([, value]) => value);
    const isOwn = sources.length > 0 && sources.every((source) => String(source).startsWith(own));
    if (isOwn) return [];
    const whose = sources.length > 0 ? `for ${sources.join(", ")}` : "for any API of any account";
    return [
      {
        severity: "error" as const,
        problem: `API Gateway may call ${name}:${ALIAS_NAME} ${whose}, by the statement ${Sid}`,
        remedy: `unless that is meant, remove it: aws lambda remove-permission --function-name ${name} --qualifier ${ALIAS_NAME} --statement-id ${Sid}; and see who made it in CloudTrail`,
      },
    ];
  });
}
