/**
 * What judges the machinery must hold in every project that is made from this one. So the suites of the program
 * run once more, in a project of another name and other settings, in a folder of a bigger repository, with its
 * packages installed at the top of that.
 */
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { execa } from "execa";
import { type ForeignProject, makeForeignProject } from "./support/project.ts";

const SUITES = ["test/infra/**/*.test.ts", "test/ops/support/*.test.ts"];
/** Tests that judge thousands of calls, by policies that differ in names alone. */
const ONLY_HERE = "superfluous|denies|denial|keeps to itself|escalation";

interface Result {
  readonly stats: { readonly tests: number; readonly passes: number };
  readonly failures: readonly { readonly fullTitle: string; readonly err: { message?: string } }[];
}

describe("a project made from this one", function () {
  this.timeout(180_000);
  let project: ForeignProject;

  before(async () => {
    project = await makeForeignProject();
  });
  after(() => {
    rmSync(project.repository, { recursive: true, force: true });
  });

  it("passes the suites of the program", async () => {
    const mocha = fileURLToPath(new URL("bin/mocha.js", import.meta.resolve("mocha/package.json")));
    const options = ["--no-parallel", "--reporter", "json", "--grep", ONLY_HERE, "--invert"];
    const { stdout, stderr } = await execa(process.execPath, [mocha, ...options, ...SUITES], {
      cwd: project.folder,
      reject: false,
    });
    const start = stdout.indexOf("{\n");
    expect(start, stderr).to.be.at.least(0);
    const { stats, failures } = JSON.parse(stdout.slice(start)) as Result;

    const failed = failures.map(({ fullTitle, err }) => `${fullTitle}: ${err.message ?? ""}`);
    expect(failed.join("\n")).to.equal("");
    expect(stats.passes).to.equal(stats.tests).and.be.above(150);
  });
});
