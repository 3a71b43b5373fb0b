/** Finds the Pulumi engine, or gets one: what is there, the official download, a build from source, in this order. */
import { existsSync } from "node:fs";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { LocalAwsError } from "../errors.ts";
import { cacheFolder, makeOnce } from "../make-once.ts";
import { type Progress, silent } from "../progress.ts";
import { machineSources, type Sources, Unavailable } from "./sources.ts";
import { ENGINE_VERSION, fits } from "./version.ts";

export interface Engine {
  /** For the Automation API. */
  readonly command: PulumiCommand;
  /** Version without a leading `v`. */
  readonly version: string;
  /** Where it is from: the user's own on PATH, or this project's in the user's cache. */
  readonly from: "path" | "cache";
}

export interface ResolveOptions {
  /** Ends a download or build early. */
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress;
  /** Default: those of this machine. */
  readonly sources?: Sources;
  /** Folder of the engine that this project keeps. Default: one per user and version. */
  readonly folder?: string;
}

/** Resolves the engine. Throws `LocalAwsError`, with every reason, when there is no way to one. */
export async function resolveEngine({
  signal,
  progress = silent,
  sources = machineSources(progress, signal),
  folder = cacheFolder(`pulumi-${ENGINE_VERSION}-${process.platform}-${process.arch}`),
}: ResolveOptions = {}): Promise<Engine> {
  const onPath = await sources.versionOnPath();
  if (onPath !== undefined && fits(onPath)) {
    return { command: await PulumiCommand.get(), version: onPath, from: "path" };
  }
  if (!existsSync(folder)) {
    const note =
      onPath === undefined
        ? ""
        : ` (the pulumi on PATH is ${onPath}, and ${ENGINE_VERSION} is needed)`;
    progress(
      `Pulumi ${ENGINE_VERSION} is not here yet${note}; it is fetched once and kept in ${folder}`,
    );
    await makeOnce(
      folder,
      (staging) => fetchInto(staging, { sources, onPath, signal }),
      () => {
        progress("another run is fetching it; waiting for that one");
      },
    );
  }
  // Named by its absolute path, so that the engine finds what lies beside it.
  const command = await PulumiCommand.get({ root: folder, skipVersionCheck: true });
  return { command, version: ENGINE_VERSION, from: "cache" };
}

async function fetchInto(
  folder: string,
  {
    sources,
    onPath,
    signal,
  }: { sources: Sources; onPath: string | undefined; signal: AbortSignal | undefined },
): Promise<void> {
  const reasons = [
    onPath === undefined
      ? "no pulumi on PATH"
      : `the pulumi on PATH is ${onPath}, and ${ENGINE_VERSION} or later of the same major version is needed`,
  ];
  for (const source of ["download", "build"] as const) {
    signal?.throwIfAborted();
    try {
      await sources[source](folder);
      return;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      reasons.push(error.message);
    }
  }
  throw new LocalAwsError(
    `no Pulumi engine: ${reasons.join("; ")}`,
    `install pulumi ${ENGINE_VERSION} (https://www.pulumi.com/docs/install) or Go (https://go.dev/dl), and run this again`,
  );
}
