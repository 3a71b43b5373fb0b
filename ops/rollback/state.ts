/** Reads what a rollback needs, and no more: traffic must not wait for a long history. */
import type { StackOutputs } from "../../infra/outputs.ts";
import { type AliasState, readAlias } from "../support/alias.ts";
import type { AwsClients } from "../support/aws.ts";
import { explained } from "../support/aws.ts";
import { isRefusal, Refused } from "../support/refused.ts";
import { readVersion, readVersions } from "../support/versions.ts";
import { readActiveDeployment } from "../release/deployments.ts";
import { type ReleaseRecord, statuses } from "../release/history.ts";
import { readReleaseRecords } from "../release/records.ts";
import type { RollbackOptions, RollbackSnapshot } from "./plan.ts";

export interface RollbackState {
  readonly snapshot: RollbackSnapshot;
  readonly alias: AliasState;
  /** Code hashes by version, as far as they were read. */
  readonly code: ReadonlyMap<string, string>;
}

export async function readRollbackState(
  clients: AwsClients,
  outputs: StackOutputs,
  { to }: RollbackOptions,
): Promise<RollbackState> {
  const [alias, active, all] = await Promise.all([
    readAlias(clients, outputs),
    readActiveDeployment(clients.codeDeploy, outputs),
    // Whoever names the version needs no records.
    readReleaseRecords(clients.s3, outputs).catch((error: unknown) => {
      if (to === undefined) throw error;
      return [];
    }),
  ]);
  const named = [
    alias.version,
    ...Object.keys(alias.weights),
    ...(active ? [active.from, active.to] : []),
    ...(to === undefined ? candidates(all, alias.version) : [to]),
  ];
  const code = await readCode(clients, outputs, [...new Set(named)]);
  const records = all.filter((record) => {
    const hash = code.get(record.version);
    return hash === undefined || hash === record.codeSha256;
  });
  const snapshot: RollbackSnapshot = {
    stack: outputs.environment,
    functionId: outputs.functionId,
    published: outputs.functionVersion,
    alias,
    active,
    records,
    existing: [...code.keys()],
  };
  return { snapshot, alias, code };
}

/** Good versions that are looked up: old ones may have been pruned, and a few are enough. */
const MOST_CANDIDATES = 5;

function candidates(records: readonly ReleaseRecord[], current: string): readonly string[] {
  return [...statuses(records)]
    .filter(([version, { outcome }]) => outcome === "good" && version !== current)
    .sort(([, left], [, right]) => right.order - left.order)
    .slice(0, MOST_CANDIDATES)
    .map(([version]) => version);
}

async function readCode(
  clients: AwsClients,
  { functionName }: StackOutputs,
  versions: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    versions.map(async (version): Promise<[string, string | undefined]> => {
      const configuration = await readVersion(clients, functionName, version);
      return [version, configuration && (configuration.CodeSha256 ?? "")];
    }),
  );
  return new Map(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Which versions there are, with what is known of each: for whoever has to choose one. */
export async function versionLines(
  clients: AwsClients,
  outputs: StackOutputs,
  { alias, records }: RollbackSnapshot,
): Promise<readonly string[]> {
  const known = statuses(records);
  try {
    const versions = [...(await readVersions(clients, outputs.functionName)).keys()];
    return versions
      .toSorted((left, right) => Number(right) - Number(left))
      .map((version) => {
        const serves = version === alias.version ? "serves; " : "";
        return `  version ${version}: ${serves}${known.get(version)?.why ?? "nothing is known of it"}`;
      });
  } catch (error) {
    const reason = explained(error);
    const why = isRefusal(reason) ? reason.problem : String(reason);
    throw new Refused(`the versions cannot be listed: ${why}`, undefined, { cause: error });
  }
}
