import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect } from "chai";
import { execa } from "execa";
import { unzipSync } from "fflate";
import {
  BundleError,
  type BundleOptions,
  bundleHandler,
  HANDLER_BUDGET_BYTES,
  handlerBudgetBytes,
} from "../../../infra/function/bundle.ts";
import { OWN_FEATURES } from "../../../infra/function/features.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

describe("the bundle", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "bundle-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Bundles one file with this text, and says how that failed. */
  async function failure(text: string, options: BundleOptions = {}): Promise<string> {
    const entryPoint = join(folder, "handler.ts");
    await writeFile(entryPoint, text);
    const error: unknown = await bundleHandler({ ...options, entryPoint }).catch((error) => error);
    expect(error).to.be.instanceOf(BundleError);
    return (error as BundleError).message;
  }

  it("has the same source map whatever the process has done before", async () => {
    const entryPoint = join(folder, "handler.ts");
    await writeFile(
      entryPoint,
      'import { env } from "node:process";\nexport const handler = () => env["A"];\n',
    );
    const before = await bundleHandler({ entryPoint });
    Object.assign(process, { madeUpForThisTest: true });
    try {
      expect((await bundleHandler({ entryPoint })).sourceMap).to.equal(before.sourceMap);
    } finally {
      Reflect.deleteProperty(process, "madeUpForThisTest");
    }
  });

  describe("a feature", () => {
    const HANDLER = `
      import { adapter } from "./adapters/large.ts";
      export const handler = () => (FEATURES.large ? adapter() : "without");
    `;
    const build = async (features: BundleOptions["features"] = {}, text = HANDLER) => {
      const entryPoint = join(folder, "handler.ts");
      await writeFile(entryPoint, text);
      await mkdir(join(folder, "adapters"), { recursive: true });
      await writeFile(
        join(folder, "adapters/large.ts"),
        `import { LargeClient } from "../client.ts";
         const client = new LargeClient();
         export const adapter = () => client.send();`,
      );
      await writeFile(
        join(folder, "client.ts"),
        'export class LargeClient { send() { return "a large client"; } }',
      );
      return (await bundleHandler({ entryPoint, features })).code;
    };

    it("that is off adds no byte", async () => {
      const without = await build({}, 'export const handler = () => "without";');

      expect(await build({ large: false })).to.have.lengthOf(without.length);
    });

    it("that is on brings what only it imports", async () => {
      expect(await build({ large: true })).to.contain("a large client");
    });

    it("is a constant, also where a file provides all features for code that runs from its source", async () => {
      const text = `import ${JSON.stringify(join(root, "function/platform/features.ts"))};
        export const handler = () => [FEATURES.api, FEATURES.database];`;

      const code = await build({ api: false, database: true }, text);

      expect(await answer(code)).to.deep.equal([false, true]);
      expect(code).not.to.contain("globalThis");
    });

    for (const [what, text, message] of [
      ["that is declared nowhere", HANDLER, /FEATURES\.large is not declared; add "large: false"/],
      [
        "that is read in another way",
        "export const handler = () => Object.keys(FEATURES);",
        /FEATURES is read as a whole; read one/,
      ],
    ] as const) {
      it(`${what} is refused`, async () => {
        expect(await failure(text.replace(/import .*/, ""))).to.match(message);
      });
    }
  });

  it("holds dist/index.mjs alone, without its source map", async () => {
    const { zip, code, sourceMap } = await bundleHandler();

    const files = unzipSync(zip);
    expect(Object.keys(files)).to.deep.equal(["dist/index.mjs"]);
    expect(new TextDecoder().decode(files["dist/index.mjs"])).to.equal(code);
    expect(code).not.to.contain("sourceMappingURL");
    expect(JSON.parse(sourceMap))
      .to.have.property("sources")
      .that.includes("../function/handler.ts");
  });

  it("is byte for byte the same when built from another folder, and names neither", async () => {
    // Below the project, where it finds the packages, wherever those are installed.
    const cache = join(root, ".cache");
    await mkdir(cache, { recursive: true });
    const copy = await mkdtemp(join(cache, "bundle-"));
    try {
      const files = readdirSync(root).filter((name) => /^Pulumi.*\.yaml$/.test(name));
      for (const part of ["function", "infra", "package.json", ...files]) {
        await cp(join(root, part), join(copy, part), { recursive: true });
      }
      const other: { bundleHandler: typeof bundleHandler } = await import(
        pathToFileURL(join(copy, "infra/function/bundle.ts")).href
      );

      const [here, there] = [await bundleHandler(), await other.bundleHandler()];

      expect(there.sha256Hex).to.equal(here.sha256Hex);
      expect(there.sourceMap).to.equal(here.sourceMap);
      expect(here.code + here.sourceMap).not.to.contain(root);
    } finally {
      await rm(copy, { recursive: true });
    }
  });

  it("takes another entry under another name", async () => {
    const entryPoint = join(folder, "handler.ts");
    await writeFile(entryPoint, "export const handler = async (): Promise<void> => {};");

    const { zip } = await bundleHandler({ entryPoint, outputName: "hook" });

    expect(Object.keys(unzipSync(zip))).to.deep.equal(["dist/hook.mjs"]);
  });

  /** What the built handler answers. */
  async function answer(code: string): Promise<unknown> {
    const { handler }: { handler: () => unknown } = await import(
      `data:text/javascript,${encodeURIComponent(code)}`
    );
    return handler();
  }

  it("imports no built-in module statically, in ES modules and in CommonJS packages", async () => {
    const entryPoint = join(folder, "handler.ts");
    await writeFile(join(folder, "old.cjs"), `exports.platform = require("os").platform;`);
    await writeFile(join(folder, "again.ts"), `export { extname } from "node:path";`);
    await writeFile(
      entryPoint,
      `import { basename, type ParsedPath, sep as separator } from "node:path";
       import path, { dirname } from "path";
       import * as url from "node:url";
       import { platform } from "./old.cjs";
       import { extname } from "./again.ts";
       export const handler = () =>
         [basename("a/b"), separator, path.join("a"), dirname("a/b"), typeof url.URL, extname("a.b"), platform()];`,
    );

    const { code } = await bundleHandler({ entryPoint });

    expect(code).not.to.match(/\bimport\s*[{*"'(]|\brequire\(/);
    expect(await answer(code)).to.deep.equal([
      "b",
      sep,
      "a",
      "a",
      "function",
      ".b",
      process.platform,
    ]);
  });

  // Each is a way to write an import that a reader of text takes for something else.
  const forms: readonly (readonly [what: string, source: string, answer: unknown])[] = [
    [
      "a comment in the list",
      `import {
         createHash, // the same as "md5" } from "elsewhere"
         randomUUID,
       } from "node:crypto";
       export const handler = () => typeof createHash + typeof randomUUID;`,
      "functionfunction",
    ],
    [
      "default as a name",
      `import { default as fs } from "node:fs";
       export const handler = () => fs.existsSync("/");`,
      true,
    ],
    [
      "a name as default",
      `import { basename as default_ } from "node:path";
       export { default_ as base };
       export const handler = () => default_("a/b");`,
      "b",
    ],
    [
      "everything, by a computed name",
      `import * as path from "path";
       const name: string = ["base", "name"].join("");
       export const handler = () => (path as any)[name]("a/b");`,
      "b",
    ],
    [
      "everything exported again",
      `export * from "node:path";
       export * as os from "node:os";
       export const handler = () => 1;`,
      1,
    ],
    [
      "an import that another statement quotes",
      `const quoted = 'import { join } from "node:path"';
       import { join } from "node:path";
       export const handler = () => join("a", String(quoted.length > 0));`,
      join("a", "true"),
    ],
    [
      "import() of it",
      `export const handler = async () =>
         [typeof (await import("node:os")).cpus, typeof (await import("os")).default.cpus];`,
      ["function", "function"],
    ],
    [
      "import = require()",
      `import path = require("node:path");
       export const handler = () => path.basename("a/b");`,
      "b",
    ],
    [
      "types alone",
      `import type { Stats } from "node:fs";
       import { type Dirent } from "node:fs";
       export const handler = (_: Stats | Dirent) => 1;`,
      1,
    ],
  ];
  for (const [what, source, expected] of forms) {
    it(`takes built-in modules whatever the import looks like: ${what}`, async () => {
      const entryPoint = join(folder, "handler.ts");
      await writeFile(entryPoint, source);

      expect(await answer((await bundleHandler({ entryPoint })).code)).to.deep.equal(expected);
    });
  }

  it("takes Node's private built-in modules too", async () => {
    const entryPoint = join(folder, "handler.ts");
    await writeFile(join(folder, "agent.cjs"), `module.exports = require("_http_agent").Agent;`);
    await writeFile(
      entryPoint,
      `import Agent from "./agent.cjs"; export const handler = () => typeof Agent;`,
    );

    expect(await answer((await bundleHandler({ entryPoint })).code)).to.equal("function");
  });

  it("reads no export of a built-in module that the handler does not use", async () => {
    const entryPoint = join(folder, "handler.ts");
    await writeFile(
      entryPoint,
      `import { createServer } from "node:http"; export const handler = () => typeof createServer;`,
    );

    const { code } = await bundleHandler({ entryPoint });

    expect(code).to.contain("createServer").and.not.contain("WebSocket");
  });

  it("refuses a name that a built-in module does not have", async () => {
    expect(
      await failure(`import { nothing } from "node:fs"; export const handler = nothing;`),
    ).to.match(/handler\.ts:1:10: No matching export .*"nothing"$/);
  });

  it("leaves utilities of Powertools that a team makes itself a console to print to", async () => {
    const entryPoint = join(root, "test/infra/function/fixtures/own-utilities.ts");
    const { code } = await bundleHandler({ entryPoint });
    const script = `${code}\nhandler();`.replace(
      /export\s*\{(\w+) as handler\};/,
      "const handler = $1;",
    );

    const { stdout, stderr } = await execa(process.execPath, ["--input-type=module", "-e", script]);

    expect(JSON.parse(stdout)).to.include({ OwnCount: 1 });
    expect(JSON.parse(stderr)).to.include({ message: "own warning" });
  });

  it("says where a handler does not compile", async () => {
    expect(await failure("export const handler = () => {\n  const = 1;\n};")).to.match(
      /handler\.ts:2:9: Expected identifier but found "="$/,
    );
  });

  it("names an import that cannot be found", async () => {
    expect(await failure(`import "./missing.ts";\nexport const handler = 1;`)).to.match(
      /handler\.ts:1:8: Could not resolve "\.\/missing\.ts"$/,
    );
  });

  it("counts further errors instead of listing them", async () => {
    expect(await failure(`import "./a.ts";\nimport "./b.ts";`)).to.match(/ \(and 1 more\)$/);
  });

  it("says that an entry is missing", async () => {
    const error: unknown = await bundleHandler({ entryPoint: "function/none.ts" }).catch((e) => e);

    expect(error)
      .to.be.instanceOf(BundleError)
      .with.property("message")
      .that.equals('function/none.ts: Could not resolve "function/none.ts"');
  });

  it("refuses a module without a handler", async () => {
    expect(await failure("export const main = 1;")).to.match(/exports no "handler"/);
  });

  it("keeps the service's own handler within its budget, and holds no other to it", async () => {
    const entryPoint = join(folder, "handler.ts");
    const noise = randomBytes(HANDLER_BUDGET_BYTES).toString("base64");
    await writeFile(entryPoint, `export const handler = () => ${JSON.stringify(noise)};`);

    const off = { ...OWN_FEATURES, api: false, database: false };
    for (const features of [off, { ...off, database: true }, { ...off, api: true }]) {
      const { zip } = await bundleHandler({ features });
      expect(zip.length).to.be.at.most(handlerBudgetBytes(features));
    }
    expect((await bundleHandler({ entryPoint })).zip.length).to.be.above(HANDLER_BUDGET_BYTES);
  });

  it("refuses a zip over its budget and says what took the room", async () => {
    const message = await failure(
      `import { Logger } from ${JSON.stringify(fileURLToPath(import.meta.resolve("@aws-lambda-powertools/logger")))};
       export const handler = new Logger();`,
      { budgetBytes: 1000 },
    );

    expect(message).to.match(/of at most 1000 bytes.*@aws-lambda-powertools\/logger \d+/);
  });
});
