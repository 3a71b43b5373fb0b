/**
 * The folder of one offline run: its own project files, state, Pulumi home and provider executables.
 * Nothing outside of it is written, so that runs do not meet and a tracked file never changes.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parse, stringify } from "yaml";
import type { StackConfig } from "./stack-config.ts";
import { isAlive } from "../process.ts";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const PROVIDERS = ["aws", "awsx"] as const;

export interface Workspace {
  /** All of it. */
  readonly folder: string;
  /** Free for the caller. */
  readonly scratch: string;
  /** The engine's file backend. */
  readonly state: string;
  /** Variables that keep the engine inside of the folder. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs `work` in a folder of its own under `root`, which is removed afterwards; what killed runs left there
 * is swept out before.
 */
export async function inWorkspace<T>(
  root: string,
  work: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const workspace = openWorkspace(root);
  try {
    return await work(workspace);
  } finally {
    rmSync(workspace.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function openWorkspace(root: string): Workspace {
  const runs = path.join(root, ".cache", "offline");
  mkdirSync(runs, { recursive: true });
  sweep(runs);
  const folder = mkdtempSync(path.join(runs, `${process.pid}-`));
  const within = (name: string): string => {
    const inner = path.join(folder, name);
    mkdirSync(inner);
    return inner;
  };
  const bin = within("bin");
  for (const name of PROVIDERS) writeProvider(bin, name);
  const state = within("state");
  return {
    folder,
    scratch: within("scratch"),
    state,
    env: {
      PATH: [bin, process.env["PATH"]].join(path.delimiter),
      PULUMI_BACKEND_URL: pathToFileURL(state).href,
      PULUMI_HOME: within("home"),
      // State of a run lives as long as the run; its secrets are sealed all the same.
      PULUMI_CONFIG_PASSPHRASE: "",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // Written once at the end instead of at every step; nobody resumes from a state in between.
      PULUMI_SKIP_CHECKPOINTS: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    },
  };
}

/** Removes the folders of runs whose process is gone. */
function sweep(runs: string): void {
  for (const name of readdirSync(runs)) {
    const pid = Number(name.split("-", 1)[0]);
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    rmSync(path.join(runs, name), { recursive: true, force: true });
  }
}

/** The engine starts a provider as an executable of this name on PATH, the first that it finds. */
export function writeProvider(bin: string, name: (typeof PROVIDERS)[number], from = HERE): void {
  const script = path.join(from, `pulumi-resource-${name}.ts`);
  const file = path.join(bin, `pulumi-resource-${name}`);
  const start = (quote: (text: string) => string): string =>
    `${quote(process.execPath)} --disable-warning=ExperimentalWarning ${quote(script)}`;
  if (process.platform === "win32") {
    writeFileSync(`${file}.cmd`, `@${start((text) => `"${text}"`)} %*\r\n`);
    return;
  }
  const quoted = start((text) => `'${text.replaceAll("'", String.raw`'\''`)}'`);
  writeFileSync(file, `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
}

/** Writes project and stack files for the engine, without what only the real stack can use; returns their folder. */
export function writeProject(
  workspace: Pick<Workspace, "scratch">,
  program: string,
  config: StackConfig,
): string {
  const project = parse(readFileSync(path.join(program, "Pulumi.yaml"), "utf8")) as Record<
    string,
    unknown
  >;
  const folder = mkdtempSync(path.join(workspace.scratch, "project-"));
  const declared = {
    name: config.project,
    runtime: project["runtime"],
    // The program runs inside this process; the engine only wants something that exists.
    main: ".",
    config: project["config"],
  };
  writeFileSync(path.join(folder, "Pulumi.yaml"), stringify(declared));
  // Without encryptionsalt, secretsprovider and secure values: they belong to another passphrase.
  writeFileSync(
    path.join(folder, `Pulumi.${config.stack}.yaml`),
    stringify({ config: config.stackValues }),
  );
  return folder;
}
