/**
 * Secrets as the domain gets them, by the keys of the config's `secrets`.
 * Put here: the interface alone. adapters/secrets.ts reads them from AWS.
 */
import type { Call } from "./domain.ts";

type Limited = Pick<Call, "signal" | "trace">;

/** Secrets by key. `Key` narrows the keys: `Secrets<"bank" | "limit">`. */
export interface Secrets<Key extends string = string> {
  /**
   * The current value, from memory where it is not older than five minutes. Do not keep it yourself: it may be
   * rotated. Throws `DependencyError`.
   */
  secret(key: Key, call: Limited): Promise<string>;
  /**
   * Does some work with a value. Where the work throws a `CredentialsRefusedError`, the value is read again, once,
   * and the work is repeated with what is new: after a rotation the version that is current now, in the middle of one
   * the version that is to be current next. So the work must be safe to repeat.
   */
  withSecret<T>(key: Key, call: Limited, work: (value: string) => Promise<T>): Promise<T>;
}

/** To be thrown by the work where the other side refuses the secret: a wrong password, a revoked token. */
export class CredentialsRefusedError extends Error {
  override readonly name = "CredentialsRefusedError";
}
