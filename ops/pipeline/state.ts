/** What the workflows read of the engine's state. Pure. */
import { createHash } from "node:crypto";

/** What `pulumi stack export` prints, as far as it is read. */
export interface StateExport {
  readonly deployment?: {
    readonly resources?: readonly ExportedResource[];
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

export interface ExportedResource {
  readonly urn: string;
  readonly id?: string;
  readonly inputs?: unknown;
  readonly delete?: boolean;
  readonly [key: string]: unknown;
}

/**
 * A hash that moves when a resource or one of its inputs does, and with nothing else. An update without a change
 * still writes new times, and lists dependencies and resources in another order.
 */
export function fingerprintOf({ deployment }: StateExport): string {
  const resources = (deployment?.resources ?? []).map(({ urn, id = "", inputs = {}, ...rest }) =>
    JSON.stringify(sorted({ urn, id, inputs, delete: rest.delete === true })),
  );
  return createHash("sha256").update(resources.toSorted().join("\n")).digest("hex");
}

/** The value with the keys of every object in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Marks a secret in the engine's state (Pulumi's own constants for special values). */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** Stands for every secret, in the state and in the stack's config: equal on both sides, so that it shows no change. */
export const SECRET_PLACEHOLDER = "[secret]";

/**
 * The state without its secrets and without what could open them, for a new stack whose secrets a passphrase opens.
 * `salt` is that stack's `encryptionsalt`: the engine encrypts the placeholders at import.
 */
export function redactedState({ deployment, ...rest }: StateExport, salt: string): StateExport {
  return {
    ...rest,
    deployment: {
      ...(redacted(deployment ?? {}) as NonNullable<StateExport["deployment"]>),
      secrets_providers: { type: "passphrase", state: { salt } },
    },
  };
}

function redacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== "object" || value === null) return value;
  if ((value as Record<string, unknown>)[SIGNATURE_KEY] === SECRET_SIGNATURE) {
    // What it was is not known here, so it becomes a text.
    return { [SIGNATURE_KEY]: SECRET_SIGNATURE, plaintext: JSON.stringify(SECRET_PLACEHOLDER) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redacted(inner)]));
}
