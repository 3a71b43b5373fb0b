/**
 * What a team gives its handler first. The boundary must allow these from the start, so that the right goes
 * through CI; no role has one of them before. docs/security.md has the same list.
 */
import type { Call } from "../support/evaluator.ts";
import type { Program } from "../support/program.ts";
import { arn, s3Arn } from "../support/rows.ts";

export function expectedAdditions(program: Pick<Program, "location" | "scope">): readonly Call[] {
  const { serviceName, environment } = program.scope;
  const named = `${serviceName}-orders-${environment}`;
  const table = arn(program, "dynamodb", `table/${named}`);
  const bucket = s3Arn(program, `${named}-${program.location.accountId}`);
  const queue = arn(program, "sqs", named);
  const secret = arn(program, "secretsmanager", `secret:${serviceName}/${environment}/bank-Ab12Cd`);
  const parameter = arn(program, "ssm", `parameter/${serviceName}/${environment}/limit`);
  const calls = (actions: string, resource: string): Call[] =>
    actions.split(" ").map((action) => ({ action, resource }));
  return [
    ...calls(
      "dynamodb:BatchGetItem dynamodb:BatchWriteItem dynamodb:ConditionCheckItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:Scan dynamodb:UpdateItem",
      table,
    ),
    ...calls("dynamodb:Query dynamodb:Scan", `${table}/index/by-customer`),
    ...calls(
      "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator",
      `${table}/stream/2026-01-01T00:00:00.000`,
    ),
    ...calls(
      "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage sqs:SendMessage",
      queue,
    ),
    ...calls("sns:Publish", arn(program, "sns", named)),
    ...calls("events:PutEvents", arn(program, "events", `event-bus/${named}`)),
    ...calls("states:StartExecution", arn(program, "states", `stateMachine:${named}`)),
    ...calls("s3:ListBucket", bucket),
    ...calls("s3:DeleteObject s3:GetObject s3:PutObject", `${bucket}/orders/1.json`),
    ...calls("secretsmanager:GetSecretValue", secret),
    ...calls("ssm:GetParameter ssm:GetParameters ssm:GetParametersByPath", parameter),
  ];
}
