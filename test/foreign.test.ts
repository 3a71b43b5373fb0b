/**
 * What judges the machinery must hold in every project that is made from this one. So it judges one that differs in
 * all that a team may change: name, settings, domain, the folder of a bigger repository that it is in, and where its
 * packages are installed. The local cloud (test/local/cloud.test.ts) runs the same project.
 */
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { execa } from "execa";
import type { Report } from "../local/invoke/report.ts";
import { type ForeignProject, makeForeignProject } from "./support/project.ts";

/** Tests of the program, and of the machinery that a domain is put into: all whose answer could depend on a project. */
const SUITES = [
  "test/infra/*.test.ts",
  "test/infra/{function,settings,observability}/*.test.ts",
  "test/infra/identity/{claims,rows,sdk-calls,settings,trust}.test.ts",
  "test/ops/support/*.test.ts",
  "test/function/*.test.ts",
  "test/hook/*.test.ts",
  "test/bundle/*.test.ts",
];
/** What only repeats itself: it plays hours of metrics, or asks every command, whatever the project is. */
const ONLY_HERE = ["incidents", "command"].flatMap((name) => [
  "--ignore",
  `test/**/${name}.test.ts`,
]);

/** All that imports the domain, without the program, which takes as long to check as everything else. */
const IMPORTERS = [
  "function",
  "hook",
  "local/cloud/traffic.ts",
  "tools/bench/peers",
  "test/function",
  "test/hook",
];

interface Result {
  readonly stats: { readonly tests: number; readonly passes: number };
  readonly passes: readonly { readonly title: string }[];
  readonly failures: readonly { readonly fullTitle: string; readonly err: { message?: string } }[];
}

describe("a project made from this one", function () {
  this.timeout(900_000);
  let project: ForeignProject;

  before(async () => {
    project = await makeForeignProject();
  });
  after(() => {
    rmSync(project.repository, { recursive: true, force: true });
  });

  const run = (file: string, ...args: string[]) =>
    execa(file, args, { cwd: project.folder, preferLocal: true, all: true, reject: false });
  const node = (...args: string[]) => run(process.execPath, "--no-warnings", ...args);

  it("passes the suites of the program and of the machinery", async () => {
    const mocha = fileURLToPath(new URL("bin/mocha.js", import.meta.resolve("mocha/package.json")));
    const options = ["--no-parallel", "--reporter", "json", ...ONLY_HERE];
    const { stdout, stderr } = await node(mocha, ...options, ...SUITES);
    const start = stdout.indexOf("{\n");
    expect(start, stderr).to.be.at.least(0);
    const { stats, passes, failures } = JSON.parse(stdout.slice(start)) as Result;

    const failed = failures.map(({ fullTitle, err }) => `${fullTitle}: ${err.message ?? ""}`);
    expect(failed.join("\n")).to.equal("");
    expect(stats.passes).to.equal(stats.tests).and.be.above(300);
    // The samples and smoke events are those of its own domain.
    expect(passes.map(({ title }) => title)).to.include.members([
      "accepts the sample event refund",
      "answers the smoke event refund for nothing as it says",
    ]);
  });

  it("compiles, with all that imports its domain", async () => {
    writeFileSync(
      path.join(project.folder, "tsconfig.domain.json"),
      JSON.stringify({ extends: "./tsconfig.json", include: IMPORTERS }),
    );
    const { exitCode, all } = await run("tsc", "--project", "tsconfig.domain.json");
    expect(exitCode, all).to.equal(0);
  });

  it("is invoked with the samples of its domain by their names", async () => {
    const { stdout, stderr } = await execa(
      process.execPath,
      ["--no-warnings", "local/invoke.ts", "place", "--json"],
      // Not as npm runs it, which these tests are.
      { cwd: project.folder, reject: false, env: { npm_command: "exec" } },
    );
    expect(stderr).to.equal("");
    const { result } = JSON.parse(stdout) as Report;

    expect(result).to.deep.include({ statusCode: 200 });
    expect(result).to.have.nested.property("body.state", "placed");
  });

  it("passes the trial before traffic, in its built bundle", async () => {
    const { stdout, stderr } = await node("test/fixtures/orders/trial.ts");
    expect(stderr).to.equal("");
    expect(JSON.parse(stdout)).to.deep.include({ calls: 6, faults: [] });
  });
});
