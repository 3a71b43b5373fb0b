/**
 * Another domain, in a copy of the project: one folder is replaced, its tests are taken away, and nothing else
 * is touched. Then the copy must compile, and pass the tests that a team keeps.
 */
import { cp, glob, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect } from "chai";
import { execa } from "execa";
import type { Report } from "../../local/invoke/report.ts";
import { PROJECT_ROOT } from "../../ops/support/project.ts";

const PARTS =
  "function hook infra local ops packages test tools index.ts package.json tsconfig.json Pulumi.yaml Pulumi.staging.yaml".split(
    " ",
  );

/** All that imports the domain, without the program, which takes as long to check as everything else. */
const IMPORTERS =
  "function hook local/cloud/traffic.ts tools/bench/peers test/function test/hook".split(" ");

/** Tests of the machinery over which a domain is put; the rest does not know that there is one. */
const KEPT = ["test/function/*.test.ts", "test/hook/*.test.ts", "test/bundle/*.test.ts"];

describe("another domain in the folder function/domain", () => {
  let project: string;
  before(async () => {
    project = await mkdtemp(join(tmpdir(), "orders-"));
    await Promise.all(
      PARTS.map((part) => cp(join(PROJECT_ROOT, part), join(project, part), { recursive: true })),
    );
    await symlink(join(PROJECT_ROOT, "node_modules"), join(project, "node_modules"));
    for (const own of ["function/domain", "test/function/domain"]) {
      await rm(join(project, own), { recursive: true });
    }
    await rm(join(project, relative(PROJECT_ROOT, import.meta.filename)));
    const orders = join(PROJECT_ROOT, "test/fixtures/orders/domain");
    await cp(orders, join(project, "function/domain"), { recursive: true });
  });
  after(() => rm(project, { recursive: true }));

  const runs = async (file: string, args: readonly string[]): Promise<string> => {
    const { all, exitCode } = await execa(file, args, {
      cwd: project,
      all: true,
      reject: false,
      preferLocal: true,
    });
    expect(exitCode, all).to.equal(0);
    return all;
  };
  const node = (...args: string[]) => runs(process.execPath, ["--no-warnings", ...args]);

  it("compiles, with all that imports it", async () => {
    await writeFile(
      join(project, "tsconfig.domain.json"),
      JSON.stringify({ extends: "./tsconfig.json", include: IMPORTERS }),
    );
    await runs("tsc", ["--project", "tsconfig.domain.json"]);
  });

  it("passes the tests of the machinery", async () => {
    const files: string[] = [];
    for await (const file of glob(KEPT, { cwd: project })) files.push(file);
    const options = "--no-config --timeout 60000 --require test/support/setup.ts".split(" ");
    const printed = await runs("mocha", [...options, ...files]);
    // The samples and smoke events are the new domain's.
    expect(printed).to.contain("accepts the sample event refund");
    expect(printed).to.contain("answers the smoke event refund for nothing as it says");
  });

  it("is invoked with its samples by their names", async () => {
    const { result } = JSON.parse(await node("local/invoke.ts", "place", "--json")) as Report;

    expect(result).to.deep.include({ statusCode: 200 });
    expect(result).to.have.nested.property("body.state", "placed");
  });

  it("passes the trial before traffic, in its built bundle", async () => {
    const trial = JSON.parse(await node("test/fixtures/orders/trial.ts")) as object;

    expect(trial).to.deep.include({ calls: 6, faults: [] });
  });
});
