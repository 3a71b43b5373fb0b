/** Copies of this project, for tests that change one. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import { execa } from "execa";
import { PROJECT_ROOT } from "../../ops/support/project.ts";
import { knownStacks } from "../../ops/support/stack-config.ts";

/** What is installed, built or kept by tools, and belongs to no copy. */
const LEFT_OUT = new Set([".git", "node_modules", ".cache", ".build"]);

/** Copies the files of the project into a folder, which need not be there yet and may be in its cache. */
export function copyProjectTo(folder: string): void {
  const kept = (file: string): boolean => !LEFT_OUT.has(path.basename(file));
  for (const entry of readdirSync(PROJECT_ROOT).filter(kept)) {
    cpSync(path.join(PROJECT_ROOT, entry), path.join(folder, entry), {
      recursive: true,
      filter: kept,
    });
  }
}

/** A project that somebody made from this one. */
export interface ForeignProject {
  /** The repository that it is a part of; to be deleted by the caller. */
  readonly repository: string;
  /** The project itself, two folders below. */
  readonly folder: string;
}

/** Whatever a team may set. None is shipped, and none is that of the tests' own project. */
const FOREIGN_SETTINGS = {
  "aws:region": "ap-southeast-2",
  serviceName: "parcels",
  githubRepository: "umbrella/monorepo",
  memoryMb: 1769,
  timeoutSeconds: 12,
  architecture: "x86_64",
  logRetentionDays: 90,
  deadLetterRetentionDays: 5,
  errorAlarmThreshold: 11,
  durationAlarmMs: 4500,
  trafficShift: "Linear10PercentEvery3Minutes",
  canaryMinimumInvocations: 40,
};

/**
 * Makes a copy of this project with another name, other settings and another domain, as one service of a repository
 * with several: in a folder of it, with the packages that a workspace has installed at its top.
 */
export async function makeForeignProject(): Promise<ForeignProject> {
  const repository = mkdtempSync(path.join(tmpdir(), "monorepo-"));
  const folder = path.join(repository, "services", "parcels");
  copyProjectTo(folder);
  rename(folder, "parcels-api");
  for (const stack of knownStacks(folder)) setValues(folder, stack);
  replaceDomain(folder);
  linkPackages(repository, folder);
  const git = (...args: string[]) => execa("git", args, { cwd: repository });
  await git("init", "--quiet");
  await git("add", "services");
  const author = ["-c", "user.name=Umbrella", "-c", "user.email=dev@umbrella.example"];
  await git(...author, "commit", "--quiet", "--message", "Add the parcels service");
  return { repository, folder };
}

/** As `pulumi new --name` does it. */
function rename(folder: string, name: string): void {
  for (const [file, pattern, line] of [
    ["Pulumi.yaml", /^name: .*$/m, `name: ${name}`],
    ["package.json", /"name": "[^"]*"/, `"name": "${name}"`],
  ] as const) {
    const full = path.join(folder, file);
    writeFileSync(full, readFileSync(full, "utf8").replace(pattern, line));
  }
}

function setValues(folder: string, stack: string): void {
  const file = path.join(folder, `Pulumi.${stack}.yaml`);
  const { config, ...rest } = parse(readFileSync(file, "utf8")) as { readonly config?: object };
  writeFileSync(file, stringify({ ...rest, config: { ...config, ...FOREIGN_SETTINGS } }));
}

/** As docs/handler.md says: one folder is replaced, and its tests go with it. */
function replaceDomain(folder: string): void {
  const within = (...parts: string[]): string => path.join(folder, ...parts);
  for (const own of [within("function", "domain"), within("test", "function", "domain")]) {
    rmSync(own, { recursive: true, force: true });
  }
  const orders = within("test", "fixtures", "orders", "domain");
  cpSync(orders, within("function", "domain"), { recursive: true });
}

/** Installs by links: what this project has, seen from the top of the repository, with the copy's own workspace. */
function linkPackages(repository: string, folder: string): void {
  const installed = packagesOf("mocha");
  const target = path.join(repository, "node_modules");
  mkdirSync(target);
  for (const name of readdirSync(installed)) {
    if (name === "local-aws") continue;
    symlinkSync(path.join(installed, name), path.join(target, name), "junction");
  }
  symlinkSync(
    path.join(folder, "packages", "local-aws"),
    path.join(target, "local-aws"),
    "junction",
  );
}

/** The folder that this package is installed in, wherever that is. */
const packagesOf = (name: string): string => {
  const file = fileURLToPath(import.meta.resolve(name));
  return file.slice(0, file.lastIndexOf(`${path.sep}${name}${path.sep}`));
};
