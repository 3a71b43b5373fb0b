/** `npm run cost` as a user runs it, with the real engine and without an account. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { execa } from "execa";
import { userCache } from "local-aws/make-once.ts";
import { inWorkspace } from "local-aws/provider/workspace.ts";
import { stringify } from "yaml";
import type { Difference } from "../../local/cost/difference.ts";
import { copyProject, PROJECT_ROOT, useEngine } from "../support/engine.ts";
import { testConfig, testProjectFile } from "../support/settings.ts";

interface Document {
  readonly totalUsd: number;
  readonly against: { readonly revision: string };
  readonly difference: Difference;
}

const cost = (project: string, home: string, ...args: string[]) =>
  execa(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", path.join(project, "local", "cost.ts"), ...args],
    {
      cwd: project,
      env: {
        HOME: home,
        XDG_CACHE_HOME: userCache(),
        NODE_COMPILE_CACHE: path.join(PROJECT_ROOT, ".cache", "compiled"),
        NO_COLOR: "1",
        AWS_PROFILE: "no-such-profile",
      },
      reject: false,
    },
  );

describe("npm run cost", function () {
  // Whole processes: on a busy machine they are slow, which is no fault.
  this.timeout(90_000);
  useEngine();

  it("says against another revision what was changed since, and nothing else", () =>
    inWorkspace(PROJECT_ROOT, async (workspace) => {
      const home = path.join(workspace.scratch, "home");
      mkdirSync(home);
      const project = copyProject(workspace);
      writeFileSync(path.join(project, "Pulumi.yaml"), testProjectFile());
      const writeStack = (changed: Readonly<Record<string, string | number>> = {}): void => {
        const { stackValues } = testConfig("staging", changed);
        writeFileSync(
          path.join(project, "Pulumi.staging.yaml"),
          stringify({ config: stackValues }),
        );
      };
      writeStack({ memoryMb: 512 });
      const git = (...args: string[]) => execa("git", args, { cwd: project });
      await git("init", "--quiet");
      await git("add", "--all");
      const author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
      await git(...author, "commit", "--quiet", "--message", "Before");
      writeStack({ memoryMb: 1024 });
      const usage = ["--requests", "2e6", "--duration-ms", "50"];
      const { exitCode, stdout, stderr } = await cost(
        project,
        home,
        ...usage,
        "--against",
        "HEAD",
        "--json",
      );

      expect(exitCode, stderr).to.equal(0);
      const { difference, against, totalUsd } = JSON.parse(stdout) as Document;
      expect(against.revision).to.equal("HEAD");
      expect(difference.lines.map(({ resource, what }) => [resource, what])).to.deep.equal([
        ["function", "compute"],
      ]);
      // Two million calls of 0.05 s with half a GB more, at the lower of Lambda's two prices or at the higher.
      expect(difference.usd).to.be.within(50_000 * 0.0000133, 50_000 * 0.0000167);
      expect(difference.afterUsd).to.equal(totalUsd);
      expect(difference.beforeUsd).to.be.closeTo(totalUsd - difference.usd, 1e-9);
      expect(difference.notPriced).to.deep.equal({});
    }));

  it("refuses a revision that git does not know, in one line", async () => {
    const { exitCode, stderr } = await cost(PROJECT_ROOT, PROJECT_ROOT, "--against", "no-such");

    expect(exitCode).to.equal(1);
    expect(stderr).to.match(/^error: --against no-such: git knows no such revision; name [^\n]+$/m);
  });
});
