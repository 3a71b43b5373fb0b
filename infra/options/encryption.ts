/**
 * A KMS key of one's own for what AWS otherwise encrypts with keys of its own: logs, dead letters, artifacts,
 * alarms on their way, environment variables, and the table. The key is one that exists (`kmsKeyArn`), or one that is made with
 * the roles, where CI changes nothing (`createKey`).
 */
import { type AwsLocation, lambdaArn, logGroupArn, queueArn, serviceHost } from "../arns.ts";
import {
  allow,
  ANY,
  type Condition,
  of,
  type PolicyDocument,
  policy,
  type Statement,
} from "../identity/document.ts";
import { targets } from "../identity/targets.ts";
import { changesBus, hasDatabase } from "../database/settings.ts";
import * as names from "../names.ts";
import { asksForCosts, topicKeyPolicy } from "../observability/destination-policies.ts";
import { flag, oneOf, optional, Refusal, type Rule, text } from "../settings/rules.ts";
import type { Settings } from "../settings/parse.ts";
import { hasFlowLogs } from "./network.ts";
import type { Option, OptionDeployRights, RoleRights } from "./option.ts";

/**
 * The ARN of a key: a UUID, or `mrk-` and 32 digits for a key of several regions (KMS guide, "Key identifiers").
 * No alias: who may move it could exchange the key, and IAM compares keys, not aliases.
 */
const KEY_ARN =
  /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:key\/(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/;

const KEY_RULE =
  "must be the ARN of a KMS key, such as arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f";

const keyArn: Rule<string> = (raw) =>
  raw !== undefined && /(?:^|:)alias\//.test(raw)
    ? new Refusal(`${KEY_RULE}; an alias can be moved to another key`)
    : text(KEY_ARN, KEY_RULE)(raw);

export const ENCRYPTION_RULES = {
  kmsKeyArn: optional(keyArn),
  createKey: flag,
  keyUse: oneOf(["encrypt", "decrypt"]),
} as const satisfies Readonly<Record<string, Rule<unknown>>>;

type KeySettings = Pick<Settings, keyof typeof ENCRYPTION_RULES>;

/** Whether there is a key at all: what it has encrypted stays readable. */
export const hasKey = ({ kmsKeyArn, createKey }: Partial<KeySettings>): boolean =>
  createKey === true || kmsKeyArn !== undefined;

/** Whether what is written from now on is encrypted with it. */
export const encrypts = (settings: KeySettings): boolean =>
  hasKey(settings) && settings.keyUse === "encrypt";

export const encryption: Option = {
  faults: (settings, environment) => keyFaults(settings, environment),
  rights: (location, settings) => (hasKey(settings) ? functionRights(location, settings) : []),
  roleRights: (location, settings) => (hasKey(settings) ? roleRights(location, settings) : {}),
  deployRights: (location, settings) =>
    hasKey(settings) ? deployRights(location, settings) : { change: [], read: [] },
};

function keyFaults(settings: Partial<Settings>, environment: string): readonly string[] {
  const { kmsKeyArn, createKey, keyUse, region } = settings;
  const file = `Pulumi.${environment}.yaml`;
  const faults: string[] = [];
  if (kmsKeyArn !== undefined && createKey === true) {
    faults.push(
      `createKey: "true"; makes a key, and kmsKeyArn names one already; remove one of them from ${file}`,
    );
  }
  const keyRegion = kmsKeyArn === undefined ? undefined : KEY_ARN.exec(kmsKeyArn)?.[1];
  if (keyRegion !== undefined && region !== undefined && keyRegion !== region) {
    faults.push(
      `kmsKeyArn: "${kmsKeyArn}"; is a key of ${keyRegion}, and AWS encrypts with keys of the stack's own region, ${region}; name a key of ${region} in ${file}`,
    );
  }
  if (keyUse === "decrypt" && createKey !== undefined && !hasKey(settings)) {
    faults.push(
      `keyUse: "decrypt"; keeps readable what a key has encrypted, and there is no key; set kmsKeyArn or createKey, or remove it from ${file}`,
    );
  }
  return faults;
}

/**
 * The key as policies name it. The id of a key that the program makes is not known beforehand, so it is told apart
 * by its alias, which only an administrator moves.
 */
function theKey(
  location: AwsLocation,
  settings: Settings,
): { readonly resources: readonly string[]; readonly condition: Condition } {
  return settings.kmsKeyArn === undefined
    ? {
        resources: targets(location, settings).keys,
        condition: {
          "ForAnyValue:StringEquals": { "kms:ResourceAliases": names.dataKeyAlias(settings) },
        },
      }
    : { resources: [settings.kmsKeyArn], condition: {} };
}

/** A right to the key that holds for one purpose only: through one service, for one thing of it. */
function keyRight(
  location: AwsLocation,
  settings: Settings,
  sid: string,
  actions: readonly string[],
  purpose: Readonly<Record<string, string | readonly string[]>>,
): Statement {
  const { resources, condition } = theKey(location, settings);
  return allow(sid, of("kms", ...actions), resources, { StringEquals: purpose, ...condition });
}

const via = (location: AwsLocation, service: string) => ({
  "kms:ViaService": serviceHost(location, service),
});

/** SQS names the queue in what it asks of KMS (SQS guide, "Key management"). */
const forQueues = (location: AwsLocation, scopes: readonly names.Scope[]) => ({
  ...via(location, "sqs"),
  "kms:EncryptionContext:aws:sqs:arn": oneOrAll(
    scopes.map((scope) => queueArn(location, names.deadLetterQueueName(scope))),
  ),
});

const oneOrAll = (values: readonly string[]): string | readonly string[] =>
  values.length === 1 ? (values[0] ?? "") : values;

/** With a bucket key S3 names the bucket, not the object (S3 guide, "Amazon S3 Bucket Keys"). */
const forBucket = (location: AwsLocation, settings: Settings) => {
  const { bucket } = targets(location, settings);
  return { ...via(location, "s3"), "kms:EncryptionContext:aws:s3:arn": bucket };
};

/** Lambda names the function (Lambda guide, "Securing environment variables"). */
const forFunctions = (functionNames: readonly string[], location: AwsLocation) => ({
  "kms:EncryptionContext:aws:lambda:FunctionArn": functionNames.map((name) =>
    lambdaArn(location, name),
  ),
});

/**
 * Lambda decrypts the variables of a function by the function's own role as it starts, and does not say through
 * which service. It sends dead letters by that role too.
 */
const functionRights = (location: AwsLocation, settings: Settings): readonly Statement[] => [
  keyRight(
    location,
    settings,
    OPEN_ENVIRONMENT,
    ["Decrypt"],
    forFunctions([names.functionName(settings)], location),
  ),
  keyRight(
    location,
    settings,
    ENCRYPT_DEAD_LETTERS,
    ["Decrypt", "GenerateDataKey"],
    forQueues(location, [settings]),
  ),
  ...openTable(location, settings),
];

const OPEN_ENVIRONMENT = "OpenEnvironment";
const ENCRYPT_DEAD_LETTERS = "EncryptDeadLetters";
const OPEN_TABLE = "OpenTable";

/**
 * DynamoDB opens a table's key in the name of whoever reads or writes an item, or reads the stream, and names the table
 * (DynamoDB guide, "DynamoDB encryption at rest: How it works").
 */
const openTable = (location: AwsLocation, settings: Settings): readonly Statement[] =>
  hasDatabase(settings)
    ? [
        keyRight(location, settings, OPEN_TABLE, ["Decrypt"], {
          ...via(location, "dynamodb"),
          "kms:EncryptionContext:aws:dynamodb:tableName": names.tableName(settings),
        }),
      ]
    : [];

/**
 * What DynamoDB asks of whoever sets a table's key (the same guide, "Authorizing use of a customer managed key"). No
 * example of AWS's shows in which of these calls it names the table.
 */
export const encryptTable = (location: AwsLocation, settings: Settings): readonly Statement[] =>
  hasKey(settings)
    ? [
        keyRight(
          location,
          settings,
          "EncryptTable",
          ["Decrypt", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo"],
          via(location, "dynamodb"),
        ),
      ]
    : [];

/** Whether a runtime role has a right by this option: one on the key, for which the boundary has a statement of its own. */
export const isKeyRight = ({ Sid }: Statement): boolean =>
  Sid === OPEN_ENVIRONMENT || Sid === ENCRYPT_DEAD_LETTERS || Sid === OPEN_TABLE;

/**
 * What the boundary allows of the key, for all roles under it at once: a managed policy has 6,144 characters. What for
 * a role may use it, its own policy says.
 */
export const keyBoundary = (location: AwsLocation, settings: Settings): readonly Statement[] => {
  if (!hasKey(settings)) return [];
  const { resources, condition } = theKey(location, settings);
  return [
    allow(
      "DataKey",
      of("kms", "Decrypt", "GenerateDataKey"),
      resources,
      Object.keys(condition).length > 0 ? condition : undefined,
    ),
  ];
};

/** What uploads, and what releases and replays record. */
const writeObjects = (location: AwsLocation, settings: Settings): Statement =>
  keyRight(
    location,
    settings,
    "EncryptObjects",
    ["GenerateDataKey"],
    forBucket(location, settings),
  );

const openObjects = (location: AwsLocation, settings: Settings): Statement =>
  keyRight(location, settings, "OpenObjects", ["Decrypt"], forBucket(location, settings));

const roleRights = (location: AwsLocation, settings: Settings): RoleRights => ({
  hook: [
    keyRight(
      location,
      settings,
      OPEN_ENVIRONMENT,
      ["Decrypt"],
      forFunctions([names.hookFunctionName(settings)], location),
    ),
  ],
  rollback: [openObjects(location, settings), writeObjects(location, settings)],
  operator: [
    writeObjects(location, settings),
    keyRight(
      location,
      settings,
      "OpenDeadLetters",
      // A replay puts back what it could not do.
      ["Decrypt", "GenerateDataKey"],
      forQueues(location, names.functionScopes(settings)),
    ),
    // Changes that could not be published are read from the stream again.
    ...(changesBus(settings) === undefined ? [] : openTable(location, settings)),
  ],
});

/** What a plan reads of the functions; by patterns where there are several, as in `targetsByPattern`. */
function openEnvironments(location: AwsLocation, settings: Settings): Statement {
  const { functions } = settings;
  const scope = functions.length === 0 ? settings : { ...settings, functionId: names.ANY_FUNCTION };
  const own = [names.functionName(scope), names.hookFunctionName(scope)];
  const sid = "OpenEnvironments";
  if (functions.length === 0) {
    const purpose = { ...via(location, "lambda"), ...forFunctions(own, location) };
    return keyRight(location, settings, sid, ["Decrypt"], purpose);
  }
  const right = keyRight(location, settings, sid, ["Decrypt"], via(location, "lambda"));
  return { ...right, Condition: { ...right.Condition, StringLike: forFunctions(own, location) } };
}

function deployRights(location: AwsLocation, settings: Settings): OptionDeployRights {
  const on = targets(location, settings);
  const { resources, condition } = theKey(location, settings);
  const scopes = names.functionScopes(settings);
  const functions = {
    ...via(location, "lambda"),
    ...forFunctions(
      [...scopes.map(names.functionName), ...scopes.map(names.hookFunctionName)],
      location,
    ),
  };
  return {
    change: [
      allow("EncryptLogs", of("logs", "AssociateKmsKey", "DisassociateKmsKey"), on.logGroups),
      writeObjects(location, settings),
      keyRight(location, settings, "EncryptEnvironments", ["Encrypt"], functions),
      // So that the function's role may open them, and DynamoDB its table; only a service that encrypts with KMS may
      // be given this way.
      allow("LendKey", of("kms", "CreateGrant"), resources, {
        StringEquals: { "kms:ViaService": lendingServices(location, settings) },
        Bool: { "kms:GrantIsForAWSResource": "true" },
        ...condition,
      }),
    ],
    read: [
      openObjects(location, settings),
      openEnvironments(location, settings),
      allow(
        "DataKey",
        of("kms", ...KEY_READS, ...(settings.createKey ? KEY_RESOURCE_READS : [])),
        resources,
        condition,
      ),
    ],
  };
}

const lendingServices = (location: AwsLocation, settings: Settings) => {
  const lambda = serviceHost(location, "lambda");
  return hasDatabase(settings) ? [lambda, serviceHost(location, "dynamodb")] : lambda;
};

/** What `npm run doctor` reads of the key. */
const KEY_READS = ["DescribeKey", "GetKeyPolicy"];
/** What a plan reads besides of a key that the program makes. */
const KEY_RESOURCE_READS = ["GetKeyRotationStatus", "ListResourceTags"];

const logGroups = (location: AwsLocation, settings: Settings): readonly string[] => [
  ...targets(location, settings).logGroupTags,
  ...(hasFlowLogs(settings) ? [logGroupArn(location, names.flowLogGroupName(settings))] : []),
  ...(settings.api !== "none" && settings.apiAccessLogs
    ? [logGroupArn(location, names.apiLogGroupName(settings))]
    : []),
];

/** CloudWatch Logs encrypts for exactly the log groups of the stack (CloudWatch Logs guide, "Encrypt log data"). */
export const logsStatement = (location: AwsLocation, settings: Settings): Statement => ({
  ...allow("Logs", of("kms", "Decrypt", "Encrypt", "GenerateDataKey*", "ReEncrypt*"), ANY, {
    ArnEquals: { "kms:EncryptionContext:aws:logs:arn": logGroups(location, settings) },
  }),
  Principal: { Service: serviceHost(location, "logs") },
});

/**
 * Whom the key admits: the account, whose roles have rights of their own, CloudWatch Logs for the service's log
 * groups, and CloudWatch for its alarms. SQS, S3, Lambda and DynamoDB need no entry: they use the key by the rights of
 * whoever calls them.
 */
export const dataKeyPolicy = (location: AwsLocation, settings: Settings): PolicyDocument =>
  policy(
    ...topicKeyPolicy(location, settings, { takesCosts: asksForCosts(settings) }).Statement,
    logsStatement(location, settings),
  );
