/** What may go: a pure decision on a snapshot of what is there. */
import { artifactKey, sourceMapKey } from "../../infra/names.ts";

export interface Version {
  /** Decimal text, as Lambda counts. */
  readonly version: string;
  /** Lambda's CodeSha256, base64. */
  readonly codeSha256: string;
}

export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
}

/** Everything that the decision depends on. */
export interface Snapshot {
  /** Published versions of the function; not `$LATEST`. */
  readonly versions: readonly Version[];
  /** Versions that an alias points to, weights included, with the alias's name. */
  readonly aliased: readonly { readonly version: string; readonly alias: string }[];
  /** Versions that a deployment under way moves from and to. */
  readonly deploying: readonly string[];
  /** The version that the stack's state names. */
  readonly stackVersion: string;
  /** Where a rollback without arguments would go now; absent when it would be refused. */
  readonly rollbackVersion?: string;
  /** Code that stays whatever becomes of the versions: `$LATEST` of the function, its hook, and all of other functions. */
  readonly otherCodeSha256: readonly string[];
  /** The key that the stack's state names. */
  readonly stackArtifactKey: string;
  /** The same of the service's other functions. Default none. */
  readonly otherArtifactKeys?: readonly string[];
  readonly objects: readonly StoredObject[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface Kept {
  readonly version: string;
  readonly reasons: readonly string[];
}

export interface PrunePlan {
  readonly keep: readonly Kept[];
  /** Oldest first. */
  readonly versions: readonly string[];
  readonly objects: readonly StoredObject[];
}

/** An update uploads first and publishes later: an object without a version may belong to one under way. */
export const YOUNG_MS = 24 * 3_600_000;

/** Decides what may go when the newest `keep` versions stay in any case. */
export function planPrune(snapshot: Snapshot, keep: number): PrunePlan {
  const newestFirst = [...snapshot.versions].sort((a, b) => Number(b.version) - Number(a.version));
  const judged = newestFirst.map(({ version }, index) => ({
    version,
    reasons: reasonsToKeep(snapshot, version, index < keep ? keep : undefined),
  }));
  const kept = judged.filter(({ reasons }) => reasons.length > 0);
  const keptVersions = new Set(kept.map(({ version }) => version));
  return {
    keep: kept,
    versions: judged
      .filter(({ reasons }) => reasons.length === 0)
      .map(({ version }) => version)
      .toReversed(),
    objects: removableObjects(snapshot, keptVersions),
  };
}

function reasonsToKeep(
  snapshot: Snapshot,
  version: string,
  amongNewest: number | undefined,
): string[] {
  const newestAliased = Math.max(...snapshot.aliased.map((alias) => Number(alias.version)));
  return [
    ...snapshot.aliased
      .filter((aliased) => aliased.version === version)
      .map(({ alias }) => `alias ${alias}`),
    ...(snapshot.deploying.includes(version) ? ["a deployment is under way"] : []),
    ...(version === snapshot.stackVersion ? ["the stack's state"] : []),
    ...(version === snapshot.rollbackVersion ? ["a rollback goes there"] : []),
    ...(Number(version) > newestAliased ? ["not released yet"] : []),
    ...(amongNewest === undefined ? [] : [`among the newest ${amongNewest}`]),
  ];
}

/** Objects of a form that only the program writes, that nothing kept was made from, and that are not young. */
function removableObjects(snapshot: Snapshot, keptVersions: ReadonlySet<string>): StoredObject[] {
  const code = [
    ...snapshot.versions
      .filter(({ version }) => keptVersions.has(version))
      .map(({ codeSha256 }) => codeSha256),
    ...snapshot.otherCodeSha256,
  ];
  const needed = new Set([
    ...code.map((base64) => Buffer.from(base64, "base64").toString("hex")),
    ...[snapshot.stackArtifactKey, ...(snapshot.otherArtifactKeys ?? [])].map(hashIn),
  ]);
  return snapshot.objects.filter(({ key, modifiedAt }) => {
    const hash = hashIn(key);
    return hash !== undefined && !needed.has(hash) && snapshot.now - modifiedAt >= YOUNG_MS;
  });
}

/** The hash in a key of an artifact or of its source map; undefined for every other key. */
function hashIn(key: string): string | undefined {
  const hash = /[0-9a-f]{64}/.exec(key)?.[0];
  if (hash === undefined) return undefined;
  return key === artifactKey(hash) || key === sourceMapKey(hash) ? hash : undefined;
}
