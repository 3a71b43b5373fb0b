/**
 * What is called of KMS where a service has a key of its own, and what must be denied. By AWS's documents: SQS, S3
 * and Lambda call KMS in the name of whoever calls them (`kms:ViaService`), and each says what for by an encryption
 * context: the queue, the bucket (with a bucket key) or the function.
 */
import type { Call, Context } from "../support/evaluator.ts";
import type { Program, RoleKey } from "../support/program.ts";
import { arn, type Inputs, on, type ProviderCall, s3Arn } from "../support/rows.ts";

type Recorded = Pick<Program, "location" | "scope" | "resources">;

const ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:";

/** The key that the service encrypts with, and the aliases that it has; undefined where AWS's own keys do. */
function keyOf({ resources, scope }: Recorded): { arn: string; aliases: string[] } | undefined {
  const encrypted = resources.find(({ inputs }) => typeof inputs["kmsKeyArn"] === "string");
  if (encrypted === undefined) return undefined;
  const made = `alias/${scope.serviceName}-data-${scope.environment}`;
  const isMade = resources.some(({ inputs }) => inputs["name"] === made);
  return {
    arn: String(encrypted.inputs["kmsKeyArn"]),
    aliases: [isMade ? made : "alias/shared"],
  };
}

/** What AWS compares when a service calls KMS for one thing. */
const purpose = (
  program: Recorded,
  service: string,
  context: Readonly<Record<string, string>>,
): Context => ({
  "kms:ViaService": `${service}.${program.location.region}.amazonaws.com`,
  "kms:ResourceAliases": keyOf(program)?.aliases ?? [],
  ...Object.fromEntries(
    Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]),
  ),
});

const named = (program: Recorded, thing: string): string =>
  `${program.scope.serviceName}-${thing}-${program.scope.environment}`;

/** What each function has for itself. */
const namedFor = (program: Recorded, thing: "dlq" | "function" | "hook"): string =>
  named(program, [program.scope.functionId ?? [], thing].flat().join("-"));

const ofQueue = (program: Recorded, queue = namedFor(program, "dlq")): Context =>
  purpose(program, "sqs", { "aws:sqs:arn": arn(program, "sqs", queue) });

const ofBucket = (
  program: Recorded,
  bucket = `${named(program, "artifacts")}-${program.location.accountId}`,
): Context => purpose(program, "s3", { "aws:s3:arn": s3Arn(program, bucket) });

const ofFunction = (program: Recorded, name: string): Context =>
  purpose(program, "lambda", {
    "aws:lambda:FunctionArn": arn(program, "lambda", `function:${name}`),
  });

/** To read and write objects of a bucket that encrypts with a key. */
export const objectKeyCalls = (program: Program): readonly ProviderCall[] => {
  const key = keyOf(program);
  if (key === undefined || !program.resources.some(({ type }) => type.startsWith(ENCRYPTION))) {
    return [];
  }
  return on(
    key.arn,
    { create: "kms:GenerateDataKey", read: "kms:Decrypt", update: "kms:GenerateDataKey" },
    ofBucket(program),
  );
};

/** To set up a function whose variables are encrypted with a key, and to read them. */
export const functionKeyCalls = (inputs: Inputs, program: Program): readonly ProviderCall[] => {
  const key = inputs["kmsKeyArn"];
  if (typeof key !== "string") return [];
  const context = ofFunction(program, String(inputs["name"]));
  return [
    ...on(key, { create: "kms:Encrypt", read: "kms:Decrypt", update: "kms:Encrypt" }, context),
    ...on(
      key,
      { create: "kms:CreateGrant", update: "kms:CreateGrant" },
      { ...purpose(program, "lambda", {}), "kms:GrantIsForAWSResource": "true" },
    ),
  ];
};

export interface KeyCall extends Call {
  readonly by: string;
  readonly roles: readonly RoleKey[];
}

/** What the running service and the commands ask of the key. */
export function keyCommandCalls(program: Program): readonly KeyCall[] {
  const key = keyOf(program);
  if (key === undefined) return [];
  const call = (by: string, roles: readonly RoleKey[], verb: string, context: Context) => ({
    by,
    roles,
    action: `kms:${verb}`,
    resource: key.arn,
    context,
  });
  const { "kms:ViaService": _via, ...starting } = ofFunction(
    program,
    namedFor(program, "function"),
  );
  const { "kms:ViaService": _hook, ...judging } = ofFunction(program, namedFor(program, "hook"));
  return [
    // No example of AWS's shows through which service a starting function opens its variables.
    call("starting", ["execution"], "Decrypt", starting),
    call("judging", ["hook"], "Decrypt", judging),
    call("handling", ["execution"], "GenerateDataKey", ofQueue(program)),
    call("handling", ["execution"], "Decrypt", ofQueue(program)),
    call("replay", ["operator"], "GenerateDataKey", ofQueue(program)),
    call("replay", ["operator"], "Decrypt", ofQueue(program)),
    call("release", ["deploy", "operator"], "GenerateDataKey", ofBucket(program)),
    call("release", ["deploy", "operator"], "Decrypt", ofBucket(program)),
    call("stack-trace", ["operator"], "Decrypt", ofBucket(program)),
    ...["DescribeKey", "GetKeyPolicy"].map((verb) =>
      call("doctor", ["operator", "preview"], verb, { "kms:ResourceAliases": key.aliases }),
    ),
  ];
}

/** Ways to use the key for what it is not there for. */
export function keyAttacks(
  program: Program,
): readonly (Call & { attack: string; role: RoleKey })[] {
  const key = keyOf(program);
  if (key === undefined) return [];
  const { location } = program;
  const attack = (role: RoleKey, what: string, verb: string, context: Context) => ({
    role,
    attack: what,
    action: `kms:${verb}`,
    resource: key.arn,
    context,
  });
  const others: readonly (readonly [string, (context: Context) => Context])[] = [
    ["a key of somebody else's", (context) => ({ ...context, "kms:ResourceAliases": ["alias/x"] })],
    ["the key by a call of its own", ({ "kms:ViaService": _via, ...context }) => context],
  ];
  const handler = ofFunction(program, namedFor(program, "function"));
  const strange = {
    queue: ofQueue(program, "payroll"),
    bucket: ofBucket(program, "payroll"),
    function: ofFunction(program, "payroll"),
  };
  const uses: readonly (readonly [RoleKey, readonly string[], Context, Context])[] = [
    ["execution", ["GenerateDataKey", "Decrypt"], ofQueue(program), strange.queue],
    ["operator", ["GenerateDataKey", "Decrypt"], ofQueue(program), strange.queue],
    ["operator", ["GenerateDataKey"], ofBucket(program), strange.bucket],
    ["preview", ["Decrypt"], ofBucket(program), strange.bucket],
    ["preview", ["Decrypt"], handler, strange.function],
    ["deploy", ["GenerateDataKey", "Decrypt"], ofBucket(program), strange.bucket],
    ["deploy", ["Encrypt", "Decrypt"], handler, strange.function],
  ];
  const withoutVia = ({ "kms:ViaService": _via, ...context }: Context): Context => context;
  return [
    ...uses.flatMap(([role, verbs, context, strange]) =>
      verbs.flatMap((verb) => [
        ...others.map(([what, changed]) => attack(role, `use ${what}`, verb, changed(context))),
        attack(role, "use the key for what is another service's", verb, strange),
      ]),
    ),
    ...(["execution", "hook"] as const).flatMap((role) => [
      attack(
        role,
        "open the other function's variables",
        "Decrypt",
        withoutVia(ofFunction(program, namedFor(program, role === "hook" ? "function" : "hook"))),
      ),
      attack(role, "use a key of somebody else's", "Decrypt", {
        ...withoutVia(
          ofFunction(program, namedFor(program, role === "hook" ? "hook" : "function")),
        ),
        "kms:ResourceAliases": ["alias/x"],
      }),
      // The log groups are for CloudWatch Logs alone.
      attack(role, "open encrypted logs", "Decrypt", {
        ...purpose(program, "logs", {
          "aws:logs:arn": arn(
            program,
            "logs",
            `log-group:/aws/lambda/${namedFor(program, "function")}`,
          ),
        }),
      }),
    ]),
    attack("execution", "open encrypted artifacts", "Decrypt", ofBucket(program)),
    attack("deploy", "open encrypted dead letters", "Decrypt", ofQueue(program)),
    attack("preview", "open encrypted dead letters", "Decrypt", ofQueue(program)),
    attack("preview", "encrypt artifacts of its own", "GenerateDataKey", ofBucket(program)),
    attack("deploy", "lend the key to whom it likes", "CreateGrant", {
      ...purpose(program, "lambda", {}),
      "kms:GrantIsForAWSResource": "false",
    }),
    attack("deploy", "lend the key by a call of its own", "CreateGrant", {
      "kms:ResourceAliases": key.aliases,
      "kms:GrantIsForAWSResource": "true",
    }),
    attack("deploy", "lend somebody else's key", "CreateGrant", {
      ...purpose(program, "lambda", {}),
      "kms:ResourceAliases": ["alias/x"],
      "kms:GrantIsForAWSResource": "true",
    }),
    ...["PutKeyPolicy", "ScheduleKeyDeletion", "DisableKey"].map((verb) =>
      attack("deploy", "change or lose the key", verb, { "kms:ResourceAliases": key.aliases }),
    ),
    ...[key.arn, arn(program, "kms", `alias/${named(program, "data")}`)].map((resource) => ({
      ...attack("deploy", "give the key's alias to another key", "UpdateAlias", {}),
      resource,
    })),
    {
      ...attack("preview", "read the settings of somebody else's key", "GetKeyPolicy", {
        "kms:ResourceAliases": ["alias/x"],
      }),
      resource: `arn:${location.partition}:kms:${location.region}:${location.accountId}:key/other`,
    },
  ];
}
