/** What a rollback has to do: AWS's state in, one plan out. Pure. */
import { type OfFunction, stackArgument } from "../support/function-argument.ts";
import {
  isActive,
  lastGood,
  type PastDeployment,
  type ReleaseRecord,
  statuses,
} from "../release/history.ts";

export interface RollbackSnapshot extends OfFunction {
  readonly stack: string;
  /** The version that the last `pulumi up` published. */
  readonly published: string;
  readonly alias: {
    readonly version: string;
    /** Shares of other versions, 0 to 1. */
    readonly weights: Readonly<Record<string, number>>;
  };
  /** The deployment that is under way. */
  readonly active?: PastDeployment | undefined;
  /** Of the versions that exist, oldest first. */
  readonly records: readonly ReleaseRecord[];
  /** Numbers of the versions that are known to exist: at least those that the records and `to` name. */
  readonly existing: readonly string[];
}

export interface RollbackOptions {
  /** Version to go to, instead of the last good one. */
  readonly to?: string;
  /**
   * Do nothing unless the version that was deployed last gets traffic that it has not earned yet: for a
   * pipeline that does not know how far its release came.
   */
  readonly ifUnfinished?: boolean;
}

export type RollbackPlan =
  | { readonly kind: "nothing"; readonly why: string }
  /** Whoever refuses says which versions there are, with their status. */
  | { readonly kind: "refuse"; readonly problem: string; readonly remedy: string }
  | {
      readonly kind: "back";
      readonly to: string;
      /** Versions that lose their traffic, and are not to be released again. */
      readonly bad: readonly string[];
      /** The active deployment, which is stopped first. */
      readonly stop?: PastDeployment | undefined;
    };

export function planRollback(
  snapshot: RollbackSnapshot,
  { to, ifUnfinished }: RollbackOptions = {},
): RollbackPlan {
  const { alias, published, records, existing, stack } = snapshot;
  const active = snapshot.active && isActive(snapshot.active) ? snapshot.active : undefined;
  const known = statuses(records);
  const served = new Set([
    alias.version,
    ...Object.keys(alias.weights),
    ...(active ? [active.to] : []),
  ]);
  const again = `npm run rollback -- ${stackArgument(stack, snapshot)} --to VERSION --reason "…"`;
  if (to !== undefined && !existing.includes(to)) {
    return {
      kind: "refuse",
      problem: `--to ${to}: there is no such version`,
      remedy: `name one that there is: ${again}`,
    };
  }
  const settled = !active && Object.keys(alias.weights).length === 0;
  if (ifUnfinished && !served.has(published)) {
    return {
      kind: "nothing",
      why: `version ${published}, which was deployed last, gets no traffic`,
    };
  }
  const status = known.get(published);
  if (ifUnfinished && settled && status?.outcome === "good") {
    return {
      kind: "nothing",
      why: `version ${published}, which was deployed last, serves and ${status.why}`,
    };
  }
  const done = settled && to === undefined ? rolledBackTo(alias.version, records) : undefined;
  if (done) {
    return {
      kind: "nothing",
      why: `version ${alias.version} serves since version ${done.version} was rolled back on ${done.at.slice(0, 10)}, and nothing has happened since; to go back further, name the version: ${again}`,
    };
  }
  const target = to ?? defaultTarget(snapshot, active);
  if (target === undefined) {
    return {
      kind: "refuse",
      problem: `no version but ${alias.version} is known to have worked`,
      remedy: `name one: ${again}`,
    };
  }
  if (settled && target === alias.version) {
    return { kind: "nothing", why: `version ${target} serves already, and alone` };
  }
  return {
    kind: "back",
    to: target,
    // Going forward blames nobody.
    bad: [...served].filter((version) => Number(version) > Number(target)),
    stop: active,
  };
}

/**
 * The rollback that has brought traffic to this version, when nothing was recorded after it: a second run must not
 * go one version further than the first. Whoever wants that names the version.
 */
function rolledBackTo(
  version: string,
  records: readonly ReleaseRecord[],
): ReleaseRecord | undefined {
  const last = records.at(-1);
  return last?.outcome === "rolled back" && last.to === version ? last : undefined;
}

/** While traffic is being shifted, back is where it came from; else it is the last good version. */
function defaultTarget(
  { alias, records, existing }: RollbackSnapshot,
  active: PastDeployment | undefined,
): string | undefined {
  if (active) return active.rollsBack ? active.to : active.from;
  if (Object.keys(alias.weights).length > 0) return alias.version;
  return lastGood(statuses(records), existing, alias.version);
}
