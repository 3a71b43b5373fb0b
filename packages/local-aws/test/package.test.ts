/** The package stands by itself: what it imports, and what its README shows. */
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { execa } from "execa";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The formatter leaves no other form of these. */
const IMPORTS = [
  /^(?:import|export|\}) .*\bfrom "([^"]+)";$/gm,
  /^import "([^"]+)";$/gm,
  /\bimport(?:\.meta\.resolve)?\(\s*"([^"]+)"/g,
];

interface Manifest {
  readonly name: string;
  readonly dependencies: object;
  readonly devDependencies: object;
  readonly peerDependencies: object;
}

const manifest = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")) as Manifest;

const importsOf = (file: string): string[] => {
  const source = readFileSync(path.join(ROOT, file), "utf8");
  return IMPORTS.flatMap((form) => [...source.matchAll(form)].map(([, name = ""]) => name));
};

const packageOf = (name: string): string =>
  name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");

describe("the package", () => {
  const files = globSync("**/*.ts", {
    cwd: ROOT,
    exclude: (name) => path.basename(name) === "node_modules",
  });

  it("imports no file from outside, and no package that it does not declare", () => {
    const { dependencies, devDependencies, peerDependencies } = manifest;
    const types = Object.keys(devDependencies).flatMap(
      (name) => /^@types\/(.+)$/.exec(name)?.[1] ?? [],
    );
    const declared = [...Object.keys({ ...dependencies, ...peerDependencies }), ...types];
    const stray: string[] = [];
    let seen = 0;
    for (const file of files) {
      const forTests = /^(?:test|tools)\b/.test(file);
      const allowed = forTests ? [...declared, ...Object.keys(devDependencies)] : declared;
      for (const name of importsOf(file)) {
        seen += 1;
        const inside = name.startsWith(".")
          ? path.resolve(ROOT, path.dirname(file), name).startsWith(ROOT)
          : isBuiltin(name) || [manifest.name, ...allowed].includes(packageOf(name));
        if (!inside) stray.push(`${file}: ${name}`);
      }
    }
    expect(seen).to.be.above(200);
    expect(stray).to.deep.equal([]);
  });

  it("plans the program of its README, which prints what it says there", async () => {
    const readme = readFileSync(path.join(ROOT, "README.md"), "utf8");
    const cache = path.join(ROOT, ".cache");
    mkdirSync(cache, { recursive: true });
    // Below the package, where its packages are found.
    const folder = mkdtempSync(path.join(cache, "readme-"));
    try {
      for (const [, file = "", text = ""] of readme.matchAll(
        /^```\w+\n(?:\/\/|#) (\S+)\n([^]*?)^```$/gm,
      )) {
        writeFileSync(path.join(folder, file), text);
      }
      const { stdout } = await execa(process.execPath, ["plan.ts"], { cwd: folder });
      expect(stdout.split("\n")).to.deep.equal([/prints\n\n```\n([^]*?)\n```/.exec(readme)?.[1]]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
