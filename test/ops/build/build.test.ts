/** Built once: the zips, their bill of materials, and the program that takes them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { execa } from "execa";
import { buildArtifact } from "../../../infra/function/artifact.ts";
import { buildName, buildsOf } from "../../../infra/function/builds.ts";
import { bundleHandler } from "../../../infra/function/bundle.ts";
import {
  type Manifest,
  PREBUILT_VARIABLE,
  readPrebuilt,
} from "../../../infra/function/prebuilt.ts";
import { ownFunctions } from "../../../infra/own/functions.ts";
import { parseSettings } from "../../../infra/settings/parse.ts";
import { rawSettings } from "../../../ops/support/stack-config.ts";
import { derivedOutputs } from "../../../ops/support/derived-outputs.ts";
import { outputsOf } from "../../../ops/support/function-outputs.ts";
import { parseOutputs } from "../../../ops/support/stack-outputs.ts";
import { runProgram } from "../../support/mocks.ts";
import { SECOND, SECOND_FUNCTION } from "../../support/second-function.ts";
import { TEST_PROJECT, testConfig } from "../../support/settings.ts";

const BUILDS = buildsOf(ownFunctions).map(buildName);

interface Sbom {
  readonly components: readonly {
    readonly type: string;
    readonly name: string;
    readonly version?: string;
    readonly purl?: string;
    readonly hashes?: readonly { readonly content: string }[];
  }[];
}

describe("npm run build", () => {
  let folder = "";
  let stdout = "";

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "build-"));
    ({ stdout } = await execa(process.execPath, ["ops/build.ts", "--output", folder]));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => {
    delete process.env[PREBUILT_VARIABLE];
  });

  const read = (name: string): unknown => JSON.parse(readFileSync(path.join(folder, name), "utf8"));

  it("makes the very bytes that the program would build", async () => {
    const { sha256 } = read("manifest.json") as Manifest;
    expect(Object.keys(sha256)).to.deep.equal(BUILDS);
    const { sha256Hex } = await bundleHandler();
    expect(sha256["function/handler.ts"]).to.equal(sha256Hex);
    process.env[PREBUILT_VARIABLE] = folder;
    const taken = await buildArtifact();
    delete process.env[PREBUILT_VARIABLE];
    const built = await buildArtifact();
    expect(taken.sha256Base64).to.equal(built.sha256Base64);
    expect(stdout).to.match(/manifest\.json {2}sha256 [0-9a-f]{64}$/);
  });

  it("knows every Lambda that the program deploys", async () => {
    process.env[PREBUILT_VARIABLE] = folder;
    const { resources } = await runProgram({ stack: "staging" });
    const functions = resources.filter(({ type }) => type === "aws:lambda/function:Function");
    expect(functions).to.have.length(BUILDS.length);
  });

  it("lists what is in the zips, and not what is installed beside them", () => {
    const { components } = read("sbom.cdx.json") as Sbom;
    const names = components.map(({ name }) => name);
    expect(names).to.include("@aws-lambda-powertools/logger");
    expect(names).not.to.include.members(["@pulumi/pulumi", "esbuild", "mocha"]);
    for (const { type, purl, version } of components) {
      if (type === "library") expect(purl).to.match(new RegExp(`^pkg:npm/.+@${version}$`));
    }
    const hashes = components.flatMap(({ hashes = [] }) => hashes.map(({ content }) => content));
    expect(hashes).to.deep.equal(Object.values((read("manifest.json") as Manifest).sha256));
  });

  it("refuses a zip that somebody has exchanged, one that is gone, and one that was never built", () => {
    const copy = mkdtempSync(path.join(tmpdir(), "build-"));
    try {
      for (const file of readdirSync(folder)) {
        writeFileSync(path.join(copy, file), readFileSync(path.join(folder, file)));
      }
      const { sha256 } = read("manifest.json") as Manifest;
      const zip = path.join(copy, `${sha256["function/handler.ts"]}.zip`);
      writeFileSync(zip, "another");
      const take = (entry: string) => () => readPrebuilt(copy, entry);
      expect(take("function/handler.ts")).to.throw(/so it is not what was built/);
      rmSync(zip);
      expect(take("function/handler.ts")).to.throw(/cannot be read \(ENOENT\); build it with/);
      const needing = (feature: string) => () =>
        readPrebuilt(folder, "function/handler.ts", [feature]);
      const { features } = read("manifest.json") as Manifest;
      for (const feature of features) expect(needing(feature)).not.to.throw();
      expect(needing("no-such-feature")).to.throw(
        /was built without no-such-feature, which this stack's config turns on; set it in Pulumi\.yaml/,
      );
      expect(take("function/other.ts")).to.throw(/has no bundle of function\/other\.ts; build/);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  it("leaves a folder alone that is not empty", async () => {
    const args = ["ops/build.ts", "--output", folder];
    const { exitCode, stderr } = await execa(process.execPath, args, { reject: false });
    expect([exitCode, stderr]).to.deep.equal([
      1,
      `error: --output ${folder}: the folder is not empty; name another, or empty it`,
    ]);
  });
});

describe("outputs that follow from the settings", () => {
  for (const stack of ["staging", "production"]) {
    it(`are those of the program, for ${stack}`, async () => {
      const { outputs } = await runProgram({ stack, functions: SECOND_FUNCTION });
      const settings = parseSettings(rawSettings(testConfig(stack), [SECOND]));
      // The version is Pulumi's to know; an emergency takes the newest.
      const { functions, ...derived } = derivedOutputs({
        settings,
        project: TEST_PROJECT,
        accountId: String(outputs["accountId"]),
        newestVersion: () => "1",
      });
      expect(outputs).to.deep.include(derived);
      const all = outputs["functions"] as unknown as Readonly<Record<string, object>>;
      expect(all[SECOND.name]).to.deep.include(functions?.[SECOND.name]);

      // They are all that a rollback asks for, of each function.
      const read = parseOutputs(stack, JSON.stringify({ ...derived, functions }), "the file");
      expect(read).to.include({ functionName: `ledger-function-${stack}` });
      expect(outputsOf(read, SECOND.name)).to.include({
        functionName: `ledger-statements-function-${stack}`,
        artifactsBucketName: derived.artifactsBucketName,
      });
    });
  }
});
