/** Rows and attacks of code signing and of X-Ray's sampling rules. */
import type { Call } from "../support/evaluator.ts";
import type { Program, RoleKey } from "../support/program.ts";
import { arn, type Inputs, on, type ProviderCall, type RowTable, text } from "../support/rows.ts";

const PROFILE = "/signing-profiles/releases";
const VERSION = "0a1B2c3D4e";

/** The artifacts, which Signer reads by one version of the object and writes in the caller's name. */
const artifacts = ({ location, scope }: Program): string =>
  `arn:${location.partition}:s3:::${scope.serviceName}-artifacts-${scope.environment}-${location.accountId}`;

export const SIGNING_CALLS: RowTable = {
  "aws:lambda/codeSigningConfig:CodeSigningConfig": (_inputs, program) => [
    ...on("*", { create: "lambda:CreateCodeSigningConfig" }),
    ...on(arn(program, "lambda", "code-signing-config:csc-0a1b2c3d4e5f6a7b8"), {
      create: "lambda:TagResource",
      read: "lambda:GetCodeSigningConfig lambda:ListTags",
      update: "lambda:UpdateCodeSigningConfig lambda:TagResource lambda:UntagResource",
      delete: "lambda:DeleteCodeSigningConfig",
    }),
  ],
  "aws:signer/signingJob:SigningJob": (_inputs, program) => [
    ...on(
      arn(program, "signer", PROFILE),
      { create: "signer:StartSigningJob" },
      { "signer:ProfileVersion": VERSION },
    ),
    ...on(arn(program, "signer", "/signing-jobs/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"), {
      read: "signer:DescribeSigningJob",
    }),
    ...on(`${artifacts(program)}/function/0a1b.zip`, { create: "s3:GetObjectVersion" }),
    ...on(`${artifacts(program)}/function/signed/0a1b.zip`, { create: "s3:PutObject" }),
  ],
  "aws:xray/samplingRule:SamplingRule": (inputs, program) => [
    ...on(arn(program, "xray", `sampling-rule/${text(inputs, "ruleName")}`), {
      create: "xray:CreateSamplingRule xray:TagResource",
      read: "xray:ListTagsForResource",
      update: "xray:UpdateSamplingRule xray:TagResource xray:UntagResource",
      delete: "xray:DeleteSamplingRule",
    }),
    ...on("*", { read: "xray:GetSamplingRules" }),
  ],
};

/** To demand signatures of a function. An administrator takes the demand away. */
export const signatureCalls = (inputs: Inputs, program: Program): readonly ProviderCall[] =>
  inputs["codeSigningConfigArn"] === undefined
    ? []
    : on(
        [
          arn(program, "lambda", `function:${text(inputs, "name")}`),
          arn(program, "lambda", "code-signing-config:csc-0a1b2c3d4e5f6a7b8"),
        ],
        { update: "lambda:PutFunctionCodeSigningConfig" },
      );

export function signingAttacks(
  program: Program,
): readonly (Call & { attack: string; role: RoleKey })[] {
  if (!program.resources.some(({ type }) => type === "aws:signer/signingJob:SigningJob")) return [];
  const { scope } = program;
  const config = arn(program, "lambda", "code-signing-config:csc-0a1b2c3d4e5f6a7b8");
  const lambda = arn(
    program,
    "lambda",
    `function:${scope.serviceName}-function-${scope.environment}`,
  );
  const ci = (attack: string, action: string, resource: string, more?: Partial<Call>) => ({
    role: "deploy" as const,
    attack,
    action,
    resource,
    ...more,
  });
  return [
    ci("run code that nobody signed", "lambda:DeleteFunctionCodeSigningConfig", lambda),
    ci("let another signature count", "lambda:UpdateCodeSigningConfig", config),
    ci("make a demand of one's own", "lambda:CreateCodeSigningConfig", "*"),
    ci(
      "sign by an older version of the profile",
      "signer:StartSigningJob",
      arn(program, "signer", PROFILE),
      {
        context: { "signer:ProfileVersion": "ffffffffff" },
      },
    ),
    ci(
      "sign by another profile",
      "signer:StartSigningJob",
      arn(program, "signer", "/signing-profiles/payroll"),
      {
        context: { "signer:ProfileVersion": VERSION },
      },
    ),
    ci("take back a signature", "signer:RevokeSigningProfile", arn(program, "signer", PROFILE)),
    ci(
      "read old versions in another account",
      "s3:GetObjectVersion",
      `${artifacts(program)}/function/a.zip`,
      {
        context: { "aws:ResourceAccount": "999999999999" },
      },
    ),
    ci(
      "trace what is another service's",
      "xray:UpdateSamplingRule",
      arn(program, "xray", "sampling-rule/Default"),
    ),
  ];
}
