import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { BundleError, bundleHandler } from "../../../infra/function/bundle.ts";

describe("what cannot work in a bundle", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "unbundled-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Bundles a handler over some files; the reason why not, or undefined. */
  async function refusal(files: Readonly<Record<string, string>>): Promise<string | undefined> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    const entryPoint = join(folder, "handler.ts");
    const error: unknown = await bundleHandler({ entryPoint }).then(
      () => undefined,
      (error) => error,
    );
    if (error === undefined) return undefined;
    expect(error).to.be.instanceOf(BundleError);
    return (error as BundleError).message;
  }

  /** A handler that uses a CommonJS file. */
  const over = (text: string) => ({
    "old.cjs": text,
    "handler.ts": `import old from "./old.cjs"; export const handler = () => old;`,
  });

  const refused: readonly (readonly [what: string, text: string, at: string, named: string])[] = [
    [
      "__dirname",
      `const path = require("path");\nexports.f = () => path.join(__dirname, "data.json");`,
      "old.cjs:2:29",
      "__dirname",
    ],
    ["__filename", "exports.f = () => __filename;", "old.cjs:1:19", "__filename"],
    [
      "a computed require",
      `exports.f = require(process.env.PLUGIN ?? "node:os");`,
      "old.cjs:1:13",
      "require",
    ],
    ["require.resolve", `exports.f = () => require.resolve("ms");`, "old.cjs:1:19", "require"],
    [
      "require under another name",
      `const load = require;\nexports.f = (name) => load(name);`,
      "old.cjs:1:14",
      "require",
    ],
    [
      "require.main as a value",
      "exports.f = () => require.main.filename;",
      "old.cjs:1:19",
      "require",
    ],
    ["a computed import", "exports.f = (name) => import(name);", "old.cjs:1:23", "import()"],
  ];
  for (const [what, text, at, named] of refused) {
    it(`is refused with file, line and remedy: ${what}`, async () => {
      const message = await refusal(over(text));

      expect(message)
        .to.match(/^[^\n]+$/)
        .and.contain(`${at}: ${named} `);
      expect(message).to.match(/; (import|name) /);
    });
  }

  it("is refused in ES modules: where the module lies", async () => {
    for (const property of ["url", "dirname", "filename"]) {
      const source = `export const handler = () => String(import.meta.${property});`;
      expect(await refusal({ "handler.ts": source })).to.contain(
        `handler.ts:1:37: import.meta.${property} leads nowhere`,
      );
    }
  });

  it("is refused in ES modules: what cannot be bundled", async () => {
    const source = `import x from "https://example.com/x.js"; export const handler = () => x;`;
    expect(await refusal({ "handler.ts": source })).to.match(/:1:1: import "https:/);
    expect(
      await refusal({ "handler.ts": `import x from "node:none"; export const handler = () => x;` }),
    ).to.match(/:1:1: import "node:none"/);
  });

  it("is refused in ES modules: what CommonJS alone has", async () => {
    const source = "export const handler = () => 1;\nmodule.exports = { handler };";
    expect(await refusal({ "handler.ts": source })).to.match(/handler\.ts:2:1: .*"module"/);
  });

  it("names the package, and where to write that such code never runs", async () => {
    const message = await refusal({
      "node_modules/@acme/templates/index.js": "exports.at = () => __dirname;",
      "handler.ts": `import { at } from "@acme/templates"; export const handler = at;`,
    });

    expect(message)
      .to.contain("node_modules/@acme/templates/index.js:1:20: __dirname")
      .and.contain('add "@acme/templates" to NEVER_RUN in infra/function/bundle.ts');
  });

  const accepted: readonly (readonly [what: string, text: string])[] = [
    ["inside try", "try { exports.f = require(process.env.PLUGIN); } catch {}"],
    ["asked for by typeof", `exports.f = typeof __dirname === "undefined" ? "." : __dirname;`],
    ["asked for by typeof and and", "exports.f = typeof __filename === 'string' && __filename;"],
    [
      "in the prelude of UMD packages",
      `exports.f = (name) => { const c = "function" == typeof require && require; return c && name; };`,
    ],
    ["compared with the main module", "if (require.main === module) process.exit(1);"],
    ["dropped by esbuild", "if (false) exports.f = __dirname;"],
    ["a property of that name", "exports.f = ({ __dirname: here }) => here.__filename;"],
    ["a text", `exports.f = "__dirname and import.meta.url and import(x)";`],
  ];
  for (const [what, text] of accepted) {
    it(`passes what does no harm: ${what}`, async () => {
      expect(await refusal(over(text))).to.equal(undefined);
    });
  }

  it("passes names that the source gives itself", async () => {
    const source =
      "export const handler = (__dirname: string) => { const __filename = 1; return [__dirname, __filename]; };";
    expect(await refusal({ "handler.ts": source })).to.equal(undefined);
  });

  it("passes a module that asks whether it is the main one", async () => {
    const source = `import { pathToFileURL } from "node:url";
      if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.exit(1);
      export const handler = () => 1;`;
    expect(await refusal({ "handler.ts": source })).to.equal(undefined);
  });

  it("passes a module that imports its text file instead", async () => {
    expect(
      await refusal({
        "page.html": "<p>",
        "handler.ts": `import page from "./page.html" with { type: "text" }; export const handler = () => page;`,
      }),
    ).to.equal(undefined);
  });
});
