/** The walls of the house: which folder may import from which. */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";

const ROOT = path.join(import.meta.dirname, "..");

/** Each folder with all that it may import from, beside itself and packages of npm. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "index.ts": ["infra", "function/domain"],
  infra: [
    "function/platform/metric-names.ts",
    "function/platform/route.ts",
    "function/platform/schema.ts",
    "function/platform/smoke.ts",
  ],
  // The list of a team's further functions, each with the smoke events of its own folder.
  "infra/own/functions.ts": ["infra", "function"],
  function: [],
  hook: ["function"],
  ops: [
    "infra",
    "hook",
    "function",
    "packages/local-aws/engine",
    "packages/local-aws/provider/stack-config.ts",
  ],
  local: [
    "ops/cost",
    "ops/identity/logging-role.ts",
    "ops/support",
    "ops/stack-trace",
    "ops/release/canary-alarms.ts",
    "ops/release/deployments.ts",
    "ops/release/history.ts",
    "ops/logs",
    "hook",
    "infra",
    "function/domain",
    "function/platform/metric-names.ts",
    "packages/local-aws",
  ],
  tools: ["ops/support", "local", "infra", "function", "packages/local-aws"],
  "packages/local-aws": [],
};

const files = globSync("{index.ts,{infra,function,hook,ops,local,tools,packages}/**/*.ts}", {
  cwd: ROOT,
  exclude: (name) => name === "node_modules" || name === "test" || name === "testing",
});

const within = (file: string, folder: string): boolean =>
  file === folder || file.startsWith(`${folder}/`);

/** The row of a file: the nearest of those that it is within. */
const rowOf = (file: string): string | undefined =>
  Object.keys(MAY_IMPORT)
    .filter((folder) => within(file, folder))
    .toSorted((left, right) => right.length - left.length)[0];

/** The project's own files that a file imports, relative to the root. */
function importsOf(file: string): string[] {
  const source = readFileSync(path.join(ROOT, file), "utf8");
  return [...source.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].flatMap(([, name = ""]) => {
    if (name.startsWith(".")) return [path.posix.join(path.posix.dirname(file), name)];
    return name.startsWith("local-aws/") ? [`packages/${name}`] : [];
  });
}

describe("imports", () => {
  for (const [folder, allowed] of Object.entries(MAY_IMPORT)) {
    it(`of ${folder} reach ${["itself", ...allowed].join(", ")} and nothing else`, () => {
      const own = files.filter((file) => rowOf(file) === folder);
      expect(own, "files").not.to.be.empty;
      const astray = own.flatMap((file) =>
        importsOf(file)
          .filter((target) => ![folder, ...allowed].some((room) => within(target, room)))
          .map((target) => `${file} imports ${target}`),
      );
      expect(astray).to.deep.equal([]);
    });
  }
});
