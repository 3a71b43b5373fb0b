/** What a release has to do: a snapshot of AWS's state in, one plan out. Pure. */
import { type OfFunction, stackArgument } from "../support/function-argument.ts";
import {
  isActive,
  type PastDeployment,
  type ReleaseRecord,
  type VersionStatus,
} from "./history.ts";

/** AWS's state, as far as a release depends on it. */
export interface Snapshot extends OfFunction {
  readonly stack: string;
  /** The version that the last `pulumi up` published. */
  readonly published: VersionState;
  /** What the alias points at. */
  readonly alias: {
    readonly version: string;
    /** Shares of other versions, 0 to 1. Only a shift in progress has any. */
    readonly weights: Readonly<Record<string, number>>;
  };
  /** The version that the alias points at. */
  readonly serving: VersionState;
  /** The deployment that is under way, whatever it moves to. */
  readonly active?: PastDeployment | undefined;
  /** The newest deployment to the published version that is over and of which no record speaks. */
  readonly unrecorded?: PastDeployment | undefined;
  readonly known: ReadonlyMap<string, VersionStatus>;
  /** The last record of the published version. */
  readonly last?: ReleaseRecord | undefined;
}

/** A version, or that it is gone. */
export interface VersionState {
  readonly version: string;
  readonly exists: boolean;
  /** CodeDeploy moves only between versions that agree on both. */
  readonly roleArn?: string | undefined;
  readonly deadLetterArn?: string | undefined;
}

export interface ReleaseOptions {
  /** Release although this version has failed before, or judge one again that nothing has judged. */
  readonly retry?: boolean;
  /** Follow a deployment of another version instead of refusing. */
  readonly follow?: boolean;
}

export type Plan =
  /** The alias serves the published version already, and a record says that it was judged. */
  | { readonly kind: "nothing" /** Completes "version 7, which …". */; readonly why: string }
  /** The same command ended like this before, and nothing has changed. */
  | { readonly kind: "repeat"; readonly record: ReleaseRecord }
  /** Nothing to move, but the version has not been judged: the first release, or one outside of these commands. */
  | { readonly kind: "try"; readonly version: string }
  /** A deployment is active. `ours`: it moves to the published version. */
  | { readonly kind: "follow"; readonly deployment: PastDeployment; readonly ours: boolean }
  /** A deployment has ended while nobody followed it: its verdict is still to be given. */
  | { readonly kind: "judge"; readonly deployment: PastDeployment }
  | { readonly kind: "move"; readonly from: string; readonly to: string }
  | PlanRefusal;

export interface PlanRefusal {
  readonly kind: "refuse";
  readonly problem: string;
  readonly remedy: string;
  /** The option that would allow it, where there is one. */
  readonly allowedBy?: keyof ReleaseOptions;
}

/** Decides. The order matters: what is going on comes before what is to be done. */
export function planRelease(snapshot: Snapshot, options: ReleaseOptions = {}): Plan {
  const { published, alias, serving, active, unrecorded } = snapshot;
  if (active && isActive(active)) return follow(snapshot, active, options);
  const left = leftoverWeights(snapshot);
  if (left) return left;
  if (unrecorded) return { kind: "judge", deployment: unrecorded };
  if (alias.version === published.version) return settle(snapshot, options);
  return (
    refuseVersions(snapshot) ??
    refuseBad(snapshot, options) ?? { kind: "move", from: serving.version, to: published.version }
  );
}

function follow(
  { published, stack, functionId }: Snapshot,
  deployment: PastDeployment,
  options: ReleaseOptions,
): Plan {
  const ours = !deployment.rollsBack && deployment.to === published.version;
  if (ours || options.follow) return { kind: "follow", deployment, ours };
  return {
    kind: "refuse",
    problem: `deployment ${deployment.id} is active and moves the alias from version ${deployment.from} to ${deployment.to}`,
    remedy: `follow it with --follow, or stop it: npm run rollback -- ${stackArgument(stack, { functionId })} --reason "…"`,
    allowedBy: "follow",
  };
}

function leftoverWeights({ stack, functionId, alias }: Snapshot): PlanRefusal | undefined {
  const weights = Object.entries(alias.weights);
  if (weights.length === 0) return undefined;
  const shares = weights.map(
    ([version, share]) => `${Math.round(share * 100)} % to version ${version}`,
  );
  return {
    kind: "refuse",
    problem: `the alias still sends ${shares.join(", ")} and no deployment is active; CodeDeploy refuses to start on it`,
    remedy: `take the weights away: npm run rollback -- ${stackArgument(stack, { functionId })} --to ${alias.version} --reason "…"`,
  };
}

/** The alias is where it should be: has the version been judged? */
function settle(
  { published: { version }, known, last, stack, functionId }: Snapshot,
  options: ReleaseOptions,
): Plan {
  const status = known.get(version);
  if (status?.outcome === "good") return { kind: "nothing", why: status.why };
  if (!status || options.retry) return { kind: "try", version };
  if (status.outcome === "unjudged" && last) return { kind: "repeat", record: last };
  return {
    kind: "refuse",
    problem: `version ${version} serves already and ${status.why}`,
    remedy: `roll back: npm run rollback -- ${stackArgument(stack, { functionId })} --reason "…"; or try it once more with --retry --reason "…"`,
    allowedBy: "retry",
  };
}

function refuseVersions({
  published,
  serving,
  stack,
  functionId,
}: Snapshot): PlanRefusal | undefined {
  if (!published.exists) {
    return {
      kind: "refuse",
      problem: `version ${published.version}, which the stack's outputs name, does not exist`,
      remedy: `bring the state up to date: pulumi up --refresh --stack ${stack}`,
    };
  }
  if (Number(published.version) < Number(serving.version)) {
    return {
      kind: "refuse",
      problem: `version ${published.version} is older than version ${serving.version}, which serves`,
      remedy: `to go back, use: npm run rollback -- ${stackArgument(stack, { functionId })} --to ${published.version} --reason "…"`,
    };
  }
  const differing = [
    published.roleArn !== serving.roleArn && "execution role",
    published.deadLetterArn !== serving.deadLetterArn && "dead-letter queue",
  ].filter((what) => what !== false);
  if (differing.length === 0) return undefined;
  return {
    kind: "refuse",
    problem: `versions ${serving.version} and ${published.version} differ in ${differing.join(" and ")}, and CodeDeploy moves only between versions that agree`,
    remedy: `try it, then move the alias at once: npm run smoke -- ${stackArgument(stack, { functionId })} --version ${published.version}; npm run rollback -- ${stackArgument(stack, { functionId })} --to ${published.version} --reason "…"`,
  };
}

function refuseBad(
  { published: { version }, known }: Snapshot,
  { retry }: ReleaseOptions,
): PlanRefusal | undefined {
  const status = known.get(version);
  if (status?.outcome !== "bad" || retry) return undefined;
  return {
    kind: "refuse",
    problem: `version ${version} ${status.why}`,
    remedy: `deploy a new version; or, if it was not the version's fault, release it with --retry --reason "…"`,
    allowedBy: "retry",
  };
}
