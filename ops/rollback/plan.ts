/** What a rollback has to do: AWS's state in, one plan out. Pure. */
import { isActive, lastGood, type PastDeployment, type VersionStatus } from "../release/history.ts";

export interface RollbackSnapshot {
  readonly stack: string;
  /** The version that the last `pulumi up` published. */
  readonly published: string;
  readonly alias: {
    readonly version: string;
    /** Shares of other versions, 0 to 1. */
    readonly weights: Readonly<Record<string, number>>;
  };
  readonly deployments: readonly PastDeployment[];
  readonly known: ReadonlyMap<string, VersionStatus>;
  /** Numbers of all versions. */
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
  | { readonly kind: "refuse"; readonly fault: string; readonly remedy: string }
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
  const { alias, deployments, published, known, existing, stack } = snapshot;
  const active = deployments.find(isActive);
  const served = new Set([
    alias.version,
    ...Object.keys(alias.weights),
    ...(active ? [active.to] : []),
  ]);
  if (to !== undefined && !existing.includes(to)) {
    return {
      kind: "refuse",
      fault: `--to ${to}: there is no such version`,
      remedy: `name one of ${existing.join(", ")}`,
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
  if (settled && to === undefined) {
    const done = alreadyDone(snapshot);
    if (done) return done;
  }
  const target = to ?? defaultTarget(snapshot, active);
  if (target === undefined) {
    return {
      kind: "refuse",
      fault: `no version but ${alias.version} is known to have worked`,
      remedy: `name one: npm run rollback -- --stack ${stack} --to VERSION --reason "…" (there are ${existing.join(", ")})`,
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

/** A second rollback must not go one version further than the first: whoever wants that says so. */
function alreadyDone({
  alias,
  known,
  published,
  stack,
}: RollbackSnapshot): RollbackPlan | undefined {
  const status = known.get(published);
  if (alias.version === published || status?.outcome !== "bad") return undefined;
  if (known.get(alias.version)?.outcome === "bad") return undefined;
  return {
    kind: "nothing",
    why: `version ${published} ${status.why}, and version ${alias.version} serves; to go back further, name the version: npm run rollback -- --stack ${stack} --to VERSION --reason "…"`,
  };
}

/** While traffic is being shifted, back is where it came from; else it is the last good version. */
function defaultTarget(
  { alias, known, existing }: RollbackSnapshot,
  active: PastDeployment | undefined,
): string | undefined {
  if (active) return active.rollsBack ? active.to : active.from;
  if (Object.keys(alias.weights).length > 0) return alias.version;
  return lastGood(known, existing, alias.version);
}
