/** The three sources that an engine comes from. Each either delivers or throws `Unavailable` with the reason. */
import { rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa, ExecaError } from "execa";
import type { Progress } from "../progress.ts";
import { ENGINE_VERSION } from "./version.ts";

/** This source has no engine to offer here; the message says why, as part of a sentence. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

export interface Sources {
  /** Version of the `pulumi` on PATH, or undefined where there is none. */
  versionOnPath(): Promise<string | undefined>;
  /** Puts the official engine into the folder, as `bin/pulumi`. */
  download(folder: string): Promise<void>;
  /** Builds the engine into the folder, as `bin/pulumi`. */
  build(folder: string): Promise<void>;
}

/** A `pulumi` that does not answer within this time is none. */
const ANSWER_MS = 5_000;
/** A download that has begun may take this long: about 100 MB over a slow line. */
const DOWNLOAD_MS = 10 * 60_000;

const HERE = path.dirname(fileURLToPath(import.meta.url));

/** Last line of a tool's output that says something. */
const lastLine = (error: unknown): string => {
  const text = error instanceof ExecaError && typeof error.stderr === "string" ? error.stderr : "";
  const line = text.trim().split("\n").at(-1);
  if (line !== undefined && line !== "") return line;
  return error instanceof ExecaError ? error.shortMessage : String(error);
};

async function download(
  folder: string,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  progress(`Pulumi ${ENGINE_VERSION}: downloading from github.com`, "downloading");
  const script = path.join(HERE, "install.ts");
  const run = execa(process.execPath, ["--disable-warning=ExperimentalWarning", script, folder], {
    timeout: DOWNLOAD_MS,
    ...(signal && { cancelSignal: signal }),
    stdin: "ignore",
    // Node's fetch takes HTTPS_PROXY and NO_PROXY only when this is set at its start.
    env: { NODE_USE_ENV_PROXY: "1" },
  });
  await run.catch((error: unknown) => {
    throw new Unavailable(`the download failed: ${lastLine(error)}`, { cause: error });
  });
}

/** The package that is the `pulumi` command, and the setting that tells it its version. */
const PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const LINKER_FLAGS = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${ENGINE_VERSION}`;

async function build(
  folder: string,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  // Go's caches take about 4 GB for this; here they go with the build instead of staying with the user.
  const caches = {
    GOMODCACHE: path.join(folder, "modules"),
    GOCACHE: path.join(folder, "compiled"),
  };
  const go = (args: readonly string[]) =>
    execa("go", args, {
      cwd: HERE,
      env: {
        ...caches,
        CGO_ENABLED: "0",
        GO111MODULE: "on",
        GOWORK: "off",
        // Only what go.sum vouches for; and caches that can be deleted again.
        GOFLAGS: "-mod=readonly -modcacherw",
      },
      stdin: "ignore",
      stderr: "pipe",
      ...(signal && { cancelSignal: signal }),
      maxBuffer: 64 * 1024 * 1024,
    });
  await go(["version"]).catch((error: unknown) => {
    throw new Unavailable("Go is not installed, so that it cannot be built from source either", {
      cause: error,
    });
  });
  const title = `Pulumi ${ENGINE_VERSION}: building from source, once, about 5 minutes`;
  try {
    progress(`${title}: downloading modules`, "modules");
    const listing = go(["list", "-deps", PACKAGE]);
    let modules = 0;
    for await (const line of listing.iterable({ from: "stderr" })) {
      if (line.startsWith("go: downloading ")) modules += 1;
      progress(`${title}: ${modules} modules downloaded`, `modules ${Math.floor(modules / 100)}`);
    }
    const packages = (await listing).stdout.split("\n").length;
    const bin = path.join(folder, "bin", process.platform === "win32" ? "pulumi.exe" : "pulumi");
    const building = go(["build", "-v", "-trimpath", "-ldflags", LINKER_FLAGS, "-o", bin, PACKAGE]);
    let compiled = 0;
    for await (const line of building.iterable({ from: "stderr" })) {
      // Each line is a package that is done; anything else is an error, which the end reports.
      if (!line.includes(" ")) compiled += 1;
      const percent = Math.min(99, Math.floor((100 * compiled) / packages));
      progress(
        `${title}: compiled ${percent} % (${compiled} of ${packages} packages)`,
        `compiled ${Math.floor(percent / 10)}`,
      );
    }
    await building;
  } catch (error) {
    throw new Unavailable(`the build from source failed: ${lastLine(error)}`, { cause: error });
  } finally {
    for (const cache of Object.values(caches)) {
      await rm(cache, { recursive: true, force: true, maxRetries: 2 });
    }
  }
}

async function versionOnPath(): Promise<string | undefined> {
  try {
    const { stdout } = await execa("pulumi", ["version"], {
      env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
      stdin: "ignore",
      timeout: ANSWER_MS,
    });
    return stdout.trim().replace(/^v/, "");
  } catch {
    return undefined;
  }
}

/** The sources of this machine. */
export const machineSources = (progress: Progress, signal?: AbortSignal): Sources => ({
  versionOnPath,
  download: (folder) => download(folder, progress, signal),
  build: (folder) => build(folder, progress, signal),
});
