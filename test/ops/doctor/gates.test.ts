/** The doctor's report of GitHub's gates. */
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { parseSettings } from "../../../infra/settings/parse.ts";
import { gateSteps } from "../../../ops/bootstrap/gates.ts";
import { makeAll } from "../../../ops/bootstrap/steps.ts";
import { checkGates } from "../../../ops/doctor/gates.ts";
import { codeOwnersStep } from "../../../ops/github/code-owners.ts";
import { rawSettings } from "../../../ops/support/stack-config.ts";
import { testConfig } from "../../support/settings.ts";
import { FakeGitHub } from "../github/fake-github.ts";

const QUIET = { say: () => {}, live: () => {}, quiet: () => {}, progress: () => {} };

describe("npm run doctor: gates", () => {
  let github = new FakeGitHub();
  let root = "";

  beforeEach(async () => {
    github = new FakeGitHub();
    root = await mkdtemp(path.join(tmpdir(), "gates-"));
    await cp(".github/CODEOWNERS", path.join(root, ".github/CODEOWNERS"));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function bootstrapped(stack = "production", unprotected = false): Promise<void> {
    const gates = {
      repository: github.repository,
      stack,
      branch: github.defaultBranch,
      reviewers: [{ type: "User", id: 1 }] as const,
      owners: ["octocat"],
      approvals: 1,
      unprotected,
    };
    const steps = [...gateSteps(gates, QUIET, github.gh), codeOwnersStep(root, gates.owners)];
    await makeAll(steps, QUIET, () => {});
  }

  async function findings(stack = "production", branch = "main") {
    const settings = parseSettings(
      rawSettings(
        testConfig(stack, { githubRepository: "Acme/orders", githubDefaultBranch: branch }),
      ),
    );
    const location = { partition: "aws", region: settings.region, accountId: "123456789012" };
    const found = await checkGates({ root, stack, settings, location }, github.gh);
    return found.map(({ severity, problem }) => `${severity}: ${problem}`).join("\n");
  }

  it("finds nothing after a bootstrap", async () => {
    for (const stack of ["staging", "production"]) {
      await bootstrapped(stack);
      expect(await findings(stack), stack).to.equal("");
    }
  });

  it("names every gate that is missing before it", async () => {
    const found = await findings();
    expect(found).to.include("environment production does not exist");
    expect(found).to.include("environment production-rollback does not exist");
    expect(found).to.include("no ruleset protects the default branch");
    expect(found).to.include("names @your-organisation/operators, which is nobody");
  });

  it("calls it an error when every push would deploy production unasked", async () => {
    await bootstrapped();
    github.environment("production", { reviewers: [] });
    expect(await findings()).to.match(/^error: DEPLOY_PRODUCTION is after-approval/m);
  });

  it("leaves production by hand as a warning", async () => {
    Object.assign(github, { isPrivate: true, plan: "team" });
    await bootstrapped("production", true);
    expect(await findings()).to.equal("warning: environment production asks for nobody's approval");
  });

  it("says when administrators need no approval", async () => {
    await bootstrapped();
    github.environment("production", { adminsBypass: true });
    expect(await findings()).to.match(/administrators can pass environment production/);
  });

  it("compares the default branch with the one that the roles trust", async () => {
    await bootstrapped();
    github.defaultBranch = "trunk";
    expect(await findings()).to.match(
      /default branch is trunk on GitHub, and githubDefaultBranch is main/,
    );
    expect(await findings("production", "trunk")).to.match(/takes no job of trunk/);
  });

  it("passes on what GitHub finds wrong with the owners of code", async () => {
    await bootstrapped();
    github.codeOwnersErrors = [{ line: 3, message: "Unknown owner\nmore" }];
    expect(await findings()).to.equal(
      "warning: GitHub ignores line 3 of .github/CODEOWNERS: Unknown owner",
    );
    await rm(path.join(root, ".github/CODEOWNERS"));
    expect(await findings()).to.match(/CODEOWNERS is gone/);
  });

  it("keeps owners that a team has named", async () => {
    const file = path.join(root, ".github/CODEOWNERS");
    await writeFile(file, "/infra/ @acme/platform\n");
    expect(await codeOwnersStep(root, ["octocat"]).isDone()).to.equal(true);
  });

  it("says so where it could not ask", async () => {
    github.signedIn = false;
    expect(await findings()).to.equal(
      "warning: gh is not signed in, so GitHub's gates were not checked",
    );
  });
});
