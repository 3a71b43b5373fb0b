/**
 * Secrets from Secrets Manager and Parameter Store: a part of the bundle only where `handler.ts` imports it.
 *
 *     const secrets = awsSecrets(process.env);
 *     export const handler = build(onTable(createDomain(undefined, secrets)), {
 *       write: secrets.hiding(writeLine),
 *       send: secrets.hiding(daemonSender()),
 *     });
 *
 * Put here: AWS's shapes, and for how long a value is good. What it is for is the domain's decision.
 */
import {
  type AwsCall,
  AwsError,
  awsCalls,
  type SendCall,
  type Service,
} from "../platform/aws/call.ts";
import { steadyMs } from "../platform/clock.ts";
import { DependencyError } from "../platform/errors.ts";
import { CredentialsRefusedError, type Secrets } from "../platform/secrets.ts";
import { isRecord } from "../platform/structure.ts";

/** How long a value is used without being read again: a rotation is noticed that soon, or at the first refusal. */
const FRESH_MS = 5 * 60_000;
/** How long it is used beyond that while AWS does not answer: the other side would still take it. */
const STALE_MS = 60 * 60_000;
/** After a failed try with such a value, the next one waits that long. */
const RETRY_MS = 30_000;
/** Longest that one reading takes, all tries included, whoever waits for it. */
const READ_MS = 6000;
/** Shorter values are not hidden in logs: they would be found in words that have nothing to do with them. */
const HIDDEN_LENGTH = 6;

const SECRETS_MANAGER: Service = {
  name: "secretsmanager",
  target: "secretsmanager",
  json: "1.1",
  endpointVariable: "AWS_ENDPOINT_URL_SECRETS_MANAGER",
};
const PARAMETER_STORE: Service = {
  name: "ssm",
  target: "AmazonSSM",
  json: "1.1",
  endpointVariable: "AWS_ENDPOINT_URL_SSM",
};

type Environment = Readonly<Record<string, string | undefined>>;

export interface SecretsOptions {
  /** Default: AWS itself. */
  readonly send?: SendCall;
  /** A steady clock in milliseconds. Default: this machine's. */
  readonly now?: () => number;
}

export interface AwsSecrets<Key extends string> extends Secrets<Key> {
  /**
   * Passes on lines, or documents of a trace, in which no value that was read is to be seen, nor a text of six
   * characters or more within one that is JSON. Redaction by keys cannot know a password in the message of a
   * driver's error.
   */
  hiding(write: (text: string) => void): (text: string) => void;
}

interface Known {
  readonly value: string;
  readonly readMs: number;
  /** From when on it is read again. */
  readonly staleMs: number;
}

/** Reads which secrets there are from the variable `SECRETS`, which the config's `secrets` sets. Reaches nothing yet. */
export function awsSecrets<Key extends string = string>(
  env: Environment,
  { send = awsCalls(env), now = steadyMs }: SecretsOptions = {},
): AwsSecrets<Key> {
  const names = namesIn(env);
  const known = new Map<string, Known>();
  const reading = new Map<string, Promise<string>>();
  const hidden = new Set<string>();

  type Limited = Parameters<Secrets["secret"]>[1];

  async function current(key: string, call: Limited, newerThanMs?: number): Promise<string> {
    const held = known.get(key);
    const fresh =
      newerThanMs === undefined ? now() < (held?.staleMs ?? 0) : (held?.readMs ?? 0) > newerThanMs;
    if (held && fresh) return held.value;
    try {
      return await awaited(read(key, call), call.signal);
    } catch (error) {
      const usable = held && newerThanMs === undefined && now() < held.readMs + STALE_MS;
      if (!usable || !isPassing(error)) throw error;
      known.set(key, { ...held, staleMs: now() + RETRY_MS });
      return held.value;
    }
  }

  /** One reading at a time of each secret, for all who wait: it ends by its own limit, not by that of one of them. */
  function read(key: string, { trace }: Limited): Promise<string> {
    const under = reading.get(key);
    if (under) return under;
    const begun = fetched(key, { signal: AbortSignal.timeout(READ_MS), trace }).then((value) => {
      known.set(key, { value, readMs: now(), staleMs: now() + FRESH_MS });
      return value;
    });
    const ended = begun.finally(() => reading.delete(key));
    reading.set(key, ended);
    // Whoever waits for it hears of it; that nobody does any more is no failure.
    ended.catch(() => {});
    return ended;
  }

  async function fetched(key: string, limits: Limited, stage?: "AWSPENDING"): Promise<string> {
    const name = names[key];
    if (name === undefined) {
      throw new DependencyError(
        `Secret "${key}"`,
        new SecretError(
          `no such key; add it to secrets in the stack's config, which has ${listed(names)}`,
        ),
      );
    }
    try {
      const value = valueOf(await send({ ...limits, ...requestOf(name, stage) }));
      if (value === undefined) throw new SecretError(`${name} holds no text`);
      for (const text of textsOf(value)) hidden.add(text);
      return value;
    } catch (error) {
      throw new DependencyError(`Secret "${key}"`, explained(error, key, name));
    }
  }

  /** The version that a rotation is about to make current; `undefined` where there is none. */
  async function pending(key: string, call: Limited): Promise<string | undefined> {
    if (names[key]?.startsWith("/")) return undefined;
    return fetched(key, call, "AWSPENDING").catch(() => undefined);
  }

  return {
    secret: (key, call) => current(key, call),
    async withSecret(key, call, work) {
      const value = await current(key, call);
      const readMs = known.get(key)?.readMs;
      try {
        return await work(value);
      } catch (error) {
        if (!(error instanceof CredentialsRefusedError)) throw error;
        const newer = await current(key, call, readMs);
        const next = newer === value ? await pending(key, call) : newer;
        // The same again would only be refused again, and lock accounts.
        if (next === undefined || next === value) throw error;
        return work(next);
      }
    },
    hiding: (write) => (line) => {
      let shown = line;
      for (const text of hidden) shown = shown.replaceAll(text, "[secret]");
      write(shown);
    },
  };
}

/** Why a secret could not be had, and what cures it. It never holds a value. */
class SecretError extends Error {
  override readonly name = "SecretError";
}

function namesIn({ SECRETS: text }: Environment): Readonly<Record<string, string>> {
  if (!text) return {};
  const names: unknown = JSON.parse(text);
  if (!isRecord(names)) throw new Error("SECRETS must be an object; the config's secrets sets it");
  return Object.fromEntries(
    Object.entries(names).flatMap(([key, name]) =>
      typeof name === "string" ? [[key, name] as const] : [],
    ),
  );
}

const listed = (names: Readonly<Record<string, string>>): string =>
  Object.keys(names).join(", ") || "none";

const requestOf = (
  name: string,
  stage: "AWSPENDING" | "AWSCURRENT" = "AWSCURRENT",
): Pick<AwsCall, "service" | "operation" | "input"> =>
  name.startsWith("/")
    ? {
        service: PARAMETER_STORE,
        operation: "GetParameter",
        input: { Name: name, WithDecryption: true },
      }
    : {
        service: SECRETS_MANAGER,
        operation: "GetSecretValue",
        input: { SecretId: name, VersionStage: stage },
      };

function valueOf(answer: Readonly<Record<string, unknown>>): string | undefined {
  const { Parameter: parameter, SecretString: secret } = answer;
  const value = isRecord(parameter) ? parameter["Value"] : secret;
  return typeof value === "string" ? value : undefined;
}

/** A value, and the texts in it where it is JSON, as they are in a line of JSON too. */
function textsOf(value: string): readonly string[] {
  const texts = [value];
  try {
    JSON.parse(value, (_key, inner: unknown) => {
      if (typeof inner === "string") texts.push(inner);
      return inner;
    });
  } catch {
    // No JSON: the whole is the secret.
  }
  return texts
    .flatMap((text) => [text, JSON.stringify(text).slice(1, -1)])
    .filter((text) => text.length >= HIDDEN_LENGTH);
}

/** AWS's codes, each with what cures it. */
const REMEDIES: Readonly<Record<string, (key: string, name: string) => string>> = {
  ResourceNotFoundException: absent,
  ParameterNotFound: absent,
  AccessDeniedException: (key, name) =>
    `the function may not read ${name}: deploy it with secrets.${key} in the stack's config, and where the secret has a KMS key of its own, with that key in secretsKeyArns`,
  DecryptionFailure: (_key, name) =>
    `the KMS key of ${name} cannot be used: is it enabled, and listed in secretsKeyArns of the stack's config?`,
};

function absent(key: string, name: string): string {
  return `${name} does not exist: create it, or correct secrets.${key} in the stack's config`;
}

function explained(error: unknown, key: string, name: string): unknown {
  if (!(error instanceof AwsError)) return error;
  const remedy = REMEDIES[error.code];
  return remedy ? new SecretError(remedy(key, name), { cause: error }) : error;
}

/** Whether AWS may answer again later: what it refuses by a rule, it refuses then too. */
const isPassing = (error: unknown): boolean =>
  error instanceof DependencyError && error.cause instanceof AwsError;

/** The promise, or the signal's reason where that comes first. */
async function awaited<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => {};
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    await Promise.race([promise, aborted]);
    signal.throwIfAborted();
    return await promise;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Secrets without AWS, for tests of a domain and for priming: `{ bank: "value" }`. */
export const fixedSecrets = <Key extends string>(
  values: Readonly<Record<Key, string>>,
): Secrets<Key> => ({
  secret: (key) => Promise.resolve(values[key]),
  withSecret: (key, _call, work) => work(values[key]),
});
