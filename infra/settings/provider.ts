/**
 * The keys of the `aws:` namespace: what the stack's explicit provider takes from them, and why it takes no
 * others. Pulumi hands them to its own default provider alone, which this program never uses, so that a key
 * that nobody passes on would be dropped without a word, the guard of accounts with it.
 */
import type { ProviderArgs } from "@pulumi/aws";
import { ENVIRONMENT_TAG, SERVICE_TAG } from "../names.ts";
import { Refusal } from "./rules.ts";

/** Tags of the program's own, by which policies and commands know its resources. */
export const OWN_TAGS = [SERVICE_TAG, ENVIRONMENT_TAG, "repository", "managed-by"] as const;

/** What a provider is made with, besides its region; `defaultTags` are the team's own. */
export type ProviderSettings = Readonly<
  Omit<ProviderArgs, "region" | "defaultTags"> & { defaultTags?: Readonly<Record<string, string>> }
>;

type Kind<T> = (raw: string) => T | Refusal;

const text: Kind<string> = (raw) => (raw === "" ? new Refusal("must be a text") : raw);

const flag: Kind<boolean> = (raw) =>
  raw === "true" || raw === "false" ? raw === "true" : new Refusal("must be true or false");

const count: Kind<number> = (raw) =>
  /^\d{1,9}$/.test(raw) ? Number(raw) : new Refusal("must be a whole number, 0 or more");

/** Lists and objects arrive as JSON. */
function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw) as unknown;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const texts =
  (form: RegExp, rule: string): Kind<string[]> =>
  (raw) => {
    const items = parsed(raw);
    // YAML reads an account id without quotes as a number.
    const listed = Array.isArray(items) ? items.map(String) : [];
    return listed.length > 0 && listed.every((item) => form.test(item))
      ? listed
      : new Refusal(rule);
  };

const accountIds = texts(
  /^\d{12}$/,
  'must be a list of account ids of 12 digits in quotes, such as ["111122223333"]',
);

const object =
  (required: readonly string[], rule: string): Kind<Record<string, unknown>> =>
  (raw) => {
    const value = parsed(raw);
    return isObject(value) &&
      required.every((key) => typeof value[key] === "string" && value[key] !== "")
      ? value
      : new Refusal(rule);
  };

const assumeRoles: Kind<Record<string, unknown>[]> = (raw) => {
  const roles = parsed(raw);
  const valid =
    Array.isArray(roles) &&
    roles.length > 0 &&
    roles.every((role) => isObject(role) && typeof role["roleArn"] === "string");
  return valid
    ? (roles as Record<string, unknown>[])
    : new Refusal("must be a list of roles, each with a roleArn");
};

const tags: Kind<Record<string, string>> = (raw) => {
  const given = parsed(raw);
  const inner = isObject(given) ? given["tags"] : undefined;
  if (!isObject(inner)) return new Refusal('must hold tags, as in {tags: {CostCenter: "4711"}}');
  // IAM compares tag keys without case, so `Service` would stand for `service` in the policies.
  const own = Object.keys(inner).find((key) => OWN_TAGS.some((tag) => tag === key.toLowerCase()));
  if (own !== undefined) {
    return new Refusal(
      `must leave the tags ${OWN_TAGS.join(", ")} to the program, which sets them, and it has ${own}`,
    );
  }
  return Object.fromEntries(Object.entries(inner).map(([key, value]) => [key, String(value)]));
};

/** Keys that reach the provider, each with the rule for its value. */
const HONOURED = {
  allowedAccountIds: accountIds,
  forbiddenAccountIds: accountIds,
  profile: text,
  assumeRoles,
  assumeRoleWithWebIdentity: object(["roleArn"], "must be an object with a roleArn"),
  defaultTags: tags,
  ignoreTags: object([], "must be an object with keys or keyPrefixes"),
  maxRetries: count,
  retryMode: text,
  sharedConfigFiles: texts(/./, "must be a list of files"),
  sharedCredentialsFiles: texts(/./, "must be a list of files"),
  stsRegion: text,
  useFipsEndpoint: flag,
  useDualstackEndpoint: flag,
  httpProxy: text,
  httpsProxy: text,
  noProxy: text,
  customCaBundle: text,
} as const satisfies Readonly<Record<string, Kind<unknown>>>;

const CREDENTIALS =
  "is a credential, and a stack file is no safe for it; use aws:profile, or the environment";
const ELSEWHERE = "would lead pulumi to another AWS than the commands of this project; remove it";

/** Keys that are refused, and why; any other is unknown. */
const REFUSED: Readonly<Record<string, string>> = {
  accessKey: CREDENTIALS,
  secretKey: CREDENTIALS,
  token: CREDENTIALS,
  assumeRole: "is of an older provider; write aws:assumeRoles, a list",
  endpoints: ELSEWHERE,
  insecure: ELSEWHERE,
  s3UsePathStyle: ELSEWHERE,
  skipRequestingAccountId: "would leave the program without its account; remove it",
  skipCredentialsValidation: ELSEWHERE,
};

/** The keys of the `aws:` namespace but `region`, out of a whole config: those that nobody knows, too. */
export const providerKeys = (
  config: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(config).flatMap(([full, value]) => {
      const key = /^aws:(.+)$/.exec(full)?.[1];
      return key === undefined || key === "region" ? [] : [[key, value]];
    }),
  );

export interface ParsedProvider {
  readonly provider: ProviderSettings;
  readonly faults: readonly string[];
}

/** Reads the keys of the `aws:` namespace but `region`, as text by key without namespace. */
export function parseProvider(
  environment: string,
  values: Readonly<Record<string, string>> = {},
): ParsedProvider {
  const remedy = `correct it in Pulumi.${environment}.yaml`;
  const faults: string[] = [];
  const provider: Record<string, unknown> = {};
  for (const [key, raw] of Object.entries(values)) {
    const rule = (HONOURED as Readonly<Record<string, Kind<unknown>>>)[key];
    const refusal = REFUSED[key];
    if (rule !== undefined) {
      const value = rule(raw);
      if (value instanceof Refusal)
        faults.push(`aws:${key}: ${JSON.stringify(raw)}; ${value.rule}; ${remedy}`);
      else provider[key] = value;
    } else if (refusal !== undefined) faults.push(`aws:${key}: ${refusal}`);
    else {
      faults.push(
        `aws:${key}: no key that the program passes on; it takes region, ${Object.keys(HONOURED).join(", ")}; ${remedy}`,
      );
    }
  }
  if (provider["allowedAccountIds"] && provider["forbiddenAccountIds"]) {
    faults.push(
      `aws:forbiddenAccountIds: AWS's provider takes either these or aws:allowedAccountIds; remove one of them from Pulumi.${environment}.yaml`,
    );
  }
  return { provider, faults };
}
