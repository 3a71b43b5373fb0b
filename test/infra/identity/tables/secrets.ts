/** What a handler with secrets calls, and what its rights must not reach. */
import type { Call, Context } from "../support/evaluator.ts";
import type { Program } from "../support/program.ts";
import { arn } from "../support/rows.ts";

interface Configured {
  /** ARNs as AWS draws them: the end of a secret's is six characters. */
  readonly secrets: readonly string[];
  readonly parameters: readonly string[];
}

/** Read off the function's environment, which is what the handler goes by. */
function configured(program: Program): Configured {
  const lambda = program.resources.find(
    ({ type, name }) => type === "aws:lambda/function:Function" && name === "function",
  );
  const { variables } = (lambda?.inputs["environment"] ?? {}) as {
    readonly variables?: Readonly<Record<string, string>>;
  };
  const names = Object.values(
    JSON.parse(variables?.["SECRETS"] ?? "{}") as Readonly<Record<string, string>>,
  );
  return {
    secrets: names
      .filter((name) => !name.startsWith("/"))
      .map((name) => arn(program, "secretsmanager", `secret:${name}-Ab12Cd`)),
    parameters: names
      .filter((name) => name.startsWith("/"))
      .map((name) => arn(program, "ssm", `parameter${name}`)),
  };
}

const KEY = "key/5ec2e75e-0000-4000-8000-000000000000";

/** How KMS sees that a service decrypts for the handler (its guide, "Encryption context"). */
const through = (program: Program, service: string, context: string, of: string): Context => ({
  "kms:ViaService": `${service}.${program.location.region}.amazonaws.com`,
  [`kms:EncryptionContext:${context}`]: of,
});

/** Calls of the running handler. */
export function secretsCalls(program: Program): readonly Call[] {
  const { secrets, parameters } = configured(program);
  const key = arn(program, "kms", KEY);
  return [
    ...secrets.flatMap((resource) => [
      { action: "secretsmanager:GetSecretValue", resource },
      {
        action: "kms:Decrypt",
        resource: key,
        context: through(program, "secretsmanager", "SecretARN", resource),
      },
    ]),
    ...parameters.flatMap((resource) => [
      { action: "ssm:GetParameter", resource },
      {
        action: "kms:Decrypt",
        resource: key,
        context: through(program, "ssm", "PARAMETER_ARN", resource),
      },
    ]),
  ];
}

/** What code of the handler could try by these rights. */
export function secretsAttacks(program: Program): readonly (Call & { readonly attack: string })[] {
  const { secrets, parameters } = configured(program);
  const [secret = ""] = secrets;
  const [parameter = ""] = parameters;
  if (secret === "" || parameter === "") return [];
  const key = arn(program, "kms", KEY);
  const call = (attack: string, action: string, resource: string, context?: Context) => ({
    attack,
    action,
    resource,
    ...(context && { context }),
  });
  const longer = secret.replace(/-Ab12Cd$/, "-admin-Ab12Cd");
  const decrypt = (attack: string, context: Context) => call(attack, "kms:Decrypt", key, context);
  return [
    call("read a secret whose name begins alike", "secretsmanager:GetSecretValue", longer),
    call("read a parameter whose name begins alike", "ssm:GetParameter", `${parameter}/admin`),
    call("read all parameters below", "ssm:GetParametersByPath", parameter),
    ...["PutSecretValue", "UpdateSecret", "DeleteSecret", "PutResourcePolicy"].map((verb) =>
      call("write a secret", `secretsmanager:${verb}`, secret),
    ),
    call("write a parameter", "ssm:PutParameter", parameter),
    call("decrypt anything else with the secrets' key", "kms:Decrypt", key),
    decrypt(
      "decrypt another secret with the key",
      through(program, "secretsmanager", "SecretARN", longer),
    ),
    decrypt(
      "decrypt another parameter with the key",
      through(program, "ssm", "PARAMETER_ARN", `${parameter}/admin`),
    ),
    decrypt("decrypt a secret outside of Secrets Manager", {
      "kms:EncryptionContext:SecretARN": secret,
    }),
    decrypt("decrypt a parameter outside of Parameter Store", {
      "kms:EncryptionContext:PARAMETER_ARN": parameter,
    }),
    call(
      "encrypt with the secrets' key",
      "kms:Encrypt",
      key,
      through(program, "secretsmanager", "SecretARN", secret),
    ),
  ];
}
