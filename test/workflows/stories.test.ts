/** A repository from its first push to a rollback at night: the job graph and the scripts, on GitHub's own gates. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { gateSteps } from "../../ops/bootstrap/gates.ts";
import { variablesOf } from "../../ops/bootstrap/setup.ts";
import { makeAll } from "../../ops/bootstrap/steps.ts";
import { variableStep } from "../../ops/github/variables.ts";
import { FakeGitHub } from "../ops/github/fake-github.ts";
import { missingTools } from "./support/run-step.ts";
import { type Trigger, WorkflowRun, World } from "./support/runner.ts";

const LOCATION = { partition: "aws", region: "eu-west-1", accountId: "111111111111" };
const QUIET = { say: () => {}, live: () => {}, quiet: () => {}, progress: () => {} };

describe("workflows: stories", function () {
  this.timeout(180_000);
  let folder = "";
  let github = new FakeGitHub();
  let world = new World(github, tmpdir());
  const runs: WorkflowRun[] = [];

  before(function () {
    if (missingTools().length > 0 && !process.env["CI"]) this.skip();
  });
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "story-"));
    github = Object.assign(new FakeGitHub(), { defaultBranch: "trunk" });
    world = new World(github, folder);
    writeFileSync(path.join(folder, "identity"), "false");
  });
  afterEach(() => {
    for (const run of runs.splice(0)) run.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function bootstrap(stack: string, unprotected = false): Promise<void> {
    const gates = {
      repository: github.repository,
      stack,
      branch: github.defaultBranch,
      reviewers: [{ type: "User", id: 1 }] as const,
      owners: ["octocat"],
      approvals: 1,
      unprotected,
    };
    const scope = { serviceName: "ledger", environment: stack };
    const variables = variablesOf(LOCATION, scope, "s3://state").map((variable) =>
      variableStep(github.repository, variable, github.gh),
    );
    await makeAll([...gateSteps(gates, QUIET, github.gh), ...variables], QUIET, () => {});
  }

  const start = (workflow: string, trigger: Partial<Trigger>): Promise<WorkflowRun> => {
    const run = new WorkflowRun(world, workflow, {
      event: "push",
      branch: github.defaultBranch,
      commit: world.head,
      ...trigger,
    });
    runs.push(run);
    return run.start();
  };
  const push = (commit: string): Promise<WorkflowRun> => {
    world.head = commit;
    return start("deploy", {});
  };
  const stateOf = (run: WorkflowRun) => run.jobs.get("outcome")?.outputs["state"];
  const both = () => [world.state("staging"), world.state("production")];

  it("first push before bootstrap: grey, one sentence, no issue", async () => {
    const run = await push("aaaaaaaa1");
    for (const job of ["check", "build", "staging", "production-plan", "production", "issue"]) {
      expect(run.result(job), job).to.equal("skipped");
    }
    expect([run.result("begin"), run.result("outcome")]).to.deep.equal(["success", "success"]);
    expect(stateOf(run)).to.equal("not set up");
    expect(run.summary).to.include("npm run bootstrap -- --stack staging");
    expect(run.requests()).to.be.empty;
  });

  it("bootstrap, push, approval: both stacks have the commit", async () => {
    await bootstrap("staging");
    await bootstrap("production");
    const run = await push("aaaaaaaa1");
    expect([run.result("staging"), run.result("production")]).to.deep.equal(["success", "waiting"]);
    expect(both()).to.deep.equal(["aaaaaaaa1", "none"]);
    await run.finish();
    expect(both()).to.deep.equal(["aaaaaaaa1", "aaaaaaaa1"]);
    expect(stateOf(run)).to.equal("deployed");
    expect(run.jobs.get("production")?.outputs["state"]).to.equal("deployed");
  });

  it("two merges before one approval: the first goes out, the second is planned again, none is red", async () => {
    await bootstrap("staging");
    await bootstrap("production");
    const first = await push("aaaaaaaa1");
    const second = await push("bbbbbbbb2");
    await first.finish();
    expect(both()).to.deep.equal(["bbbbbbbb2", "aaaaaaaa1"]);
    await second.finish();
    expect(second.result("production")).to.equal("success");
    expect(stateOf(second)).to.equal("out of date");
    expect(world.state("production")).to.equal("aaaaaaaa1");
    await second.again("production-plan");
    await second.finish();
    expect([stateOf(second), world.state("production")]).to.deep.equal(["deployed", "bbbbbbbb2"]);
    expect(
      [...first.jobs.values(), ...second.jobs.values()].map(({ result }) => result),
    ).not.to.include("failure");
  });

  it("an update without a change between plan and approval does not undo the plan", async () => {
    await bootstrap("staging");
    await bootstrap("production");
    const run = await push("aaaaaaaa1");
    // As after an up without a change: the same resources and inputs.
    world.setState("production", "none");
    await run.finish();
    expect(stateOf(run)).to.equal("deployed");
  });

  it("rejection: no issue, and the name of whoever said no", async () => {
    await bootstrap("staging");
    await bootstrap("production");
    const run = await push("aaaaaaaa1");
    await run.finish("reject", "on Monday");
    expect(stateOf(run)).to.equal("rejected");
    expect(run.summary).to.include("hubot rejected the deployment of production: on Monday");
    expect(run.requests()).to.be.empty;
    // The next one is not held back by it.
    const next = await push("bbbbbbbb2");
    await next.finish();
    expect(both()).to.deep.equal(["bbbbbbbb2", "bbbbbbbb2"]);
  });

  it("staging only: green after staging, and drift compares that one", async () => {
    await bootstrap("staging");
    const run = await push("aaaaaaaa1");
    expect([run.result("staging"), run.result("production-plan")]).to.deep.equal([
      "success",
      "skipped",
    ]);
    expect(stateOf(run)).to.equal("deployed");
    expect(run.summary).to.include("npm run bootstrap -- --stack production");
    const drift = await start("drift", { event: "schedule" });
    expect([drift.result("staging"), drift.result("production")]).to.deep.equal([
      "success",
      "skipped",
    ]);
    expect(drift.result("report")).to.equal("success");
  });

  it("no Issues: a failed deploy is red once, and the notification is not", async () => {
    await bootstrap("staging");
    world.hasIssues = false;
    writeFileSync(path.join(folder, "release-fails"), "");
    const run = await push("aaaaaaaa1");
    expect([run.result("staging"), run.result("issue")]).to.deep.equal(["failure", "success"]);
    expect(run.requests()).to.be.empty;
  });

  it("a failed release opens an issue with its reason and the next command", async () => {
    await bootstrap("staging");
    writeFileSync(path.join(folder, "release-fails"), "");
    const run = await push("aaaaaaaa1");
    expect(run.requests()).to.have.length(1);
    const markdown = run.jobs.get("outcome")?.outputs["markdown"] ?? "";
    expect(markdown).to.include("rolled back: it did not pass").and.include("gh run view");
  });

  it("dispatch from a branch: says so, and touches nothing", async () => {
    await bootstrap("staging");
    world.head = "aaaaaaaa1";
    const run = await start("deploy", {
      event: "workflow_dispatch",
      branch: "feature/x",
      commit: "cccccccc3",
    });
    expect(stateOf(run)).to.equal("other branch");
    expect(run.summary).to.include("Only trunk is deployed, and this run was started on feature/x");
    expect(run.result("staging")).to.equal("skipped");
    // A push to it starts no job at all.
    const pushed = await start("deploy", { branch: "feature/x", commit: "cccccccc3" });
    expect(new Set([...pushed.jobs.values()].map(({ result }) => result))).to.deep.equal(
      new Set(["skipped"]),
    );
  });

  it("a run that is started again for an old commit touches nothing", async () => {
    await bootstrap("staging");
    const old = await push("aaaaaaaa1");
    await push("bbbbbbbb2");
    await old.again("begin");
    expect(stateOf(old)).to.equal("out of date");
    await old.again("staging");
    expect(world.state("staging")).to.equal("bbbbbbbb2");
  });

  it("a failed job that is started again for an old commit touches nothing either", async () => {
    await bootstrap("staging");
    const fails = path.join(folder, "release-fails");
    writeFileSync(fails, "");
    const old = await push("aaaaaaaa1");
    rmSync(fails);
    await push("bbbbbbbb2");
    await old.again("staging");
    expect([old.result("staging"), stateOf(old)]).to.deep.equal(["success", "out of date"]);
    expect(world.state("staging")).to.equal("bbbbbbbb2");
  });

  it("a change of CI's own rights stops before anything is touched", async () => {
    await bootstrap("staging");
    writeFileSync(path.join(folder, "identity"), "true");
    const run = await push("aaaaaaaa1");
    expect(stateOf(run)).to.equal("needs an administrator");
    expect([run.result("staging"), world.state("staging")]).to.deep.equal(["success", "none"]);
    expect(run.summary).to.include("npm run identity -- --stack staging");
    expect(run.requests()).to.have.length(1);
  });

  it("a plan without reviewers: a push plans production, a person deploys it", async () => {
    Object.assign(github, { isPrivate: true, plan: "team" });
    await bootstrap("staging");
    await bootstrap("production", true);
    const run = await push("aaaaaaaa1");
    expect([run.result("production-plan"), run.result("production")]).to.deep.equal([
      "success",
      "skipped",
    ]);
    expect(run.summary).to.include("Production is deployed by hand");
    await start("deploy", { event: "workflow_dispatch" });
    expect(world.state("production")).to.equal("aaaaaaaa1");
  });

  it("rollback at night: nobody is asked, and neither Pulumi nor its state is", async () => {
    await bootstrap("staging");
    await bootstrap("production");
    world.head = "aaaaaaaa1";
    const inputs = { stack: "production", to: "", reason: "orders fail" };
    const run = await start("rollback", { event: "workflow_dispatch", inputs });
    expect([run.result("rollback"), run.result("begin")]).to.deep.equal(["success", "skipped"]);
    expect(github.environments.get("production")?.reviewers).not.to.be.empty;
    const elsewhere = await start("rollback", {
      event: "workflow_dispatch",
      branch: "feature/x",
      inputs,
    });
    expect([elsewhere.result("rollback"), elsewhere.result("begin")]).to.deep.equal([
      "skipped",
      "failure",
    ]);
    expect(readFileSync(path.join(folder, "production.state"), "utf8")).to.equal("none");
  });
});
