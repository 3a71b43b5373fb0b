/**
 * Secrets that the handler may read at run time, by name. Nothing of a value is ever in the program: not in its config,
 * its state, the function's environment, or a plan. docs/options.md says how a domain gets them.
 */
import { type AwsLocation, parameterArn, secretArn } from "../arns.ts";
import { allow, type Condition, of, type Statement } from "../identity/document.ts";
import type { Settings } from "../settings/parse.ts";
import { list, Refusal, type Rule, structured } from "../settings/rules.ts";
import type { Option } from "./option.ts";

/** What the handler calls a secret, to its name in AWS. A name that begins with `/` is a parameter of Parameter Store. */
export type SecretNames = Readonly<Record<string, string>>;

/** The role's policies have room for more; whoever needs more wants one secret that holds several values. */
const MOST_SECRETS = 20;

const KEY = /^[a-z][A-Za-z0-9_-]{0,39}$/;
/** Secrets Manager API, CreateSecret, "Name". */
const SECRET_NAME = /^[A-Za-z0-9/_+=.@-]{1,512}$/;
/** Systems Manager API, PutParameter, "Name": up to fifteen levels, and none that AWS keeps for itself. */
const PARAMETER_NAME = /^(?!\/(?:aws|ssm)\b)(?:\/[A-Za-z0-9_.-]+){1,15}$/i;
/** By the same page: `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-XXXXXX`. */
const SUFFIX = /-[A-Za-z0-9]{6}$/;

const FORM = "must map keys of the handler to names, such as {bank: orders/production/bank}";

const secretNames = structured(FORM, (value = {}) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return new Refusal(FORM);
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  const faults = entries.flatMap(([key, name]) => [
    ...(KEY.test(key) ? [] : [`the key ${JSON.stringify(key)} must be a word such as bank`]),
    ...nameFaults(key, name),
  ]);
  for (const [name, keys] of Map.groupBy(entries, ([, name]) => String(name))) {
    if (keys.length < 2) continue;
    faults.push(`${keys.map(([key]) => key).join(" and ")} are the same secret ${name}; keep one`);
  }
  if (entries.length > MOST_SECRETS) faults.push(`there must be at most ${MOST_SECRETS}`);
  return faults.length > 0
    ? new Refusal(faults.join("; "))
    : Object.freeze(Object.fromEntries(entries) as SecretNames);
});

function nameFaults(key: string, name: unknown): readonly string[] {
  const fault = (rule: string) => [`${key}: ${JSON.stringify(name)} ${rule}`];
  if (typeof name !== "string" || name === "") return fault("must be a name");
  if (name.startsWith("arn:")) {
    // arn:PARTITION:SERVICE:REGION:ACCOUNT:secret:NAME or parameter/NAME
    const [, , service, region, account, ...rest] = name.split(":");
    const named =
      service === "ssm"
        ? rest.join(":").replace(/^parameter/, "")
        : rest.slice(1).join(":").replace(SUFFIX, "");
    return fault(
      `must be a name, because a stack reads the secrets of its own region and account alone (this one is of ${region}, ${account}); write ${named}`,
    );
  }
  if (/[*?]/.test(name)) return fault("must name one secret, without a wildcard");
  if (name.startsWith("/")) {
    return PARAMETER_NAME.test(name)
      ? []
      : fault(
          "must be a parameter's name: up to 15 levels of letters, digits, _ . and -, not below /aws or /ssm",
        );
  }
  if (!SECRET_NAME.test(name)) return fault("must hold only letters, digits and / _ + = . @ -");
  // Secrets Manager draws such an end itself, and takes a name with one for another's ARN (CreateSecret, "Name").
  if (SUFFIX.test(name)) {
    return fault(
      "must not end with a hyphen and six characters: AWS ends its ARNs so; drop them if they are from an ARN, else rename the secret",
    );
  }
  return [];
}

export const SECRETS_RULES = {
  secrets: secretNames,
  secretsKeyArns: list(
    /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
    5,
    "must be a list of at most 5 ARNs of keys (arn:…:kms:REGION:ACCOUNT:key/ID; an alias will not do)",
  ),
} as const satisfies Readonly<Record<string, Rule<unknown>>>;

const isParameter = (name: string): boolean => name.startsWith("/");

function faults(settings: Partial<Settings>, environment: string): readonly string[] {
  const { secrets = {}, secretsKeyArns = [], region } = settings;
  const found: string[] = [];
  if (secretsKeyArns.length > 0 && Object.keys(secrets).length === 0) {
    found.push(
      `secretsKeyArns: ${JSON.stringify(secretsKeyArns)}; encrypt no secret, because secrets is empty; list them or remove the keys from Pulumi.${environment}.yaml`,
    );
  }
  for (const arn of secretsKeyArns) {
    const keyRegion = arn.split(":")[3];
    if (region !== undefined && keyRegion !== region) {
      found.push(
        `secretsKeyArns: "${arn}"; is a key of ${keyRegion}, and a secret of ${region} is encrypted by one of its own region; correct Pulumi.${environment}.yaml`,
      );
    }
  }
  for (const arn of new Set(secretsKeyArns.filter((arn, at) => secretsKeyArns.indexOf(arn) < at))) {
    found.push(
      `secretsKeyArns: "${arn}"; is listed twice; remove one from Pulumi.${environment}.yaml`,
    );
  }
  return found;
}

/** Exactly the listed ones, and the keys only through the service, for exactly these. */
function rights(location: AwsLocation, settings: Settings): readonly Statement[] {
  const { secretsKeyArns } = settings;
  const names = Object.values(settings.secrets);
  const secrets = names
    .filter((name) => !isParameter(name))
    .map((name) => secretArn(location, name));
  const parameters = names.filter(isParameter).map((name) => parameterArn(location, name));
  const decrypt = (sid: string, service: string, context: string, arns: readonly string[]) =>
    arns.length === 0 || secretsKeyArns.length === 0
      ? []
      : [
          allow(
            sid,
            of("kms", "Decrypt"),
            secretsKeyArns,
            through(location, service, context, arns),
          ),
        ];
  return [
    ...(secrets.length > 0
      ? [allow("ReadSecrets", of("secretsmanager", "GetSecretValue"), secrets)]
      : []),
    ...(parameters.length > 0
      ? [allow("ReadParameters", of("ssm", "GetParameter"), parameters)]
      : []),
    ...decrypt("DecryptSecrets", "secretsmanager", "SecretARN", secrets),
    ...decrypt("DecryptParameters", "ssm", "PARAMETER_ARN", parameters),
  ];
}

/** A key is used by the service alone, and it says what for (their guides, "Encryption context"). */
const through = (
  { partition, region }: AwsLocation,
  service: string,
  context: string,
  arns: readonly string[],
): Condition => ({
  StringEquals: {
    "kms:ViaService": `${service}.${region}.amazonaws.com${partition === "aws-cn" ? ".cn" : ""}`,
  },
  StringLike: { [`kms:EncryptionContext:${context}`]: arns },
});

/** Names alone: what is behind them, only the running function ever reads. */
const environment = ({ secrets }: Settings): Readonly<Record<string, string>> =>
  Object.keys(secrets).length > 0 ? { SECRETS: JSON.stringify(secrets) } : {};

export const secrets: Option = { faults, rights, environment };
