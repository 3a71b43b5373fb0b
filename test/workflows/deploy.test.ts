import { expect } from "chai";
import { JOB_NAMES, JOBS as JOB_IDS } from "../../ops/pipeline/outcome.ts";
import { environmentOf, type Job, JOBS, jobAt, stepAt, WORKFLOWS } from "./support/workflows.ts";

const DEPLOYS = ["deploy/staging", "deploy/production"];

/** Commands that change something, and that must hear of it when their run is cancelled. */
const CHANGES = /\bpulumi up\b|\bops\/(release|rollback|pipeline\/release-functions)\.ts\b/;

const lastLine = (run = ""): string => run.trim().split("\n").at(-1)?.trim() ?? "";
const indexOf = (job: Job, name: string): number =>
  job.steps.findIndex((step) => step.name === name);

describe("workflows: deploy", () => {
  it("asks for one approval: a single job names a protected environment", () => {
    for (const [workflow, { jobs }] of WORKFLOWS) {
      const named = Object.values(jobs).flatMap((job) => environmentOf(job) ?? []);
      const expected: Record<string, string[]> = {
        deploy: ["staging", "production", "notifications", "notifications"],
        rollback: ["${{ inputs.stack }}-rollback"],
      };
      expect(named, workflow).to.deep.equal(expected[workflow] ?? []);
    }
  });

  it("replaces the step's shell by every command that must hear of a cancelled run", () => {
    const steps = JOBS.flatMap(([location, job]) =>
      job.steps.filter(({ run = "" }) => CHANGES.test(run)).map((step) => ({ location, step })),
    );
    expect(steps.length).to.be.at.least(7);
    for (const { location, step } of steps) {
      const line = lastLine(step.run);
      expect(line, location).to.match(/^exec (pulumi up|node ops\/[\w/-]+\.ts) /);
      // A pipe, a list or a background process would put a shell in between again.
      expect(line.replaceAll(/"[^"]*"/g, ""), location).not.to.match(/[|;&]/);
      expect(step["timeout-minutes"], location).to.be.a("number");
    }
  });

  it("plans production after staging and before the approval, and applies that plan", () => {
    expect(jobAt("deploy/production-plan").needs).to.deep.equal(["build", "staging"]);
    expect(jobAt("deploy/production-plan").if).to.match(
      /^needs\.staging\.outputs\.state == 'deployed' && /,
    );
    expect(jobAt("deploy/production-plan").environment).to.equal(undefined);
    expect(jobAt("deploy/production").needs).to.deep.equal(["build", "production-plan"]);
    const made = stepAt("deploy/production-plan", "Make the plan that will be applied").run ?? "";
    expect(made).to.include("--save-plan plan/plan.json");
    expect(made.indexOf("stack export")).to.be.below(made.indexOf("pulumi preview"));
    for (const location of DEPLOYS) {
      const applied = stepAt(location, "Update the infrastructure by the plan");
      expect(applied.run, location).to.include("--plan plan/plan.json");
    }
    // Staging plans for itself, production takes what was approved.
    expect(indexOf(jobAt("deploy/production"), "Make the plan that will be applied")).to.equal(-1);
    // With it, a plan that no longer fits is noticed only after some resources have changed.
    for (const [location, { steps }] of JOBS) {
      for (const { run = "" } of steps) expect(run, location).not.to.include("--skip-preview");
    }
  });

  it("hands the plan over under one name, kept as long as an approval can wait", () => {
    const up = stepAt("deploy/production-plan", "Hand the plan over").with;
    const down = stepAt("deploy/production", "Fetch the approved plan").with;
    expect(up).to.include({ "retention-days": 30, "if-no-files-found": "error" });
    expect(down?.["name"]).to.equal(up?.["name"]);
  });

  it("compares production's state with the plan's before it touches anything", () => {
    const job = jobAt("deploy/production");
    const check = indexOf(job, "Check that production has not moved since the plan");
    expect(check).to.be.above(indexOf(job, "Fetch the approved plan"));
    expect(check).to.equal(
      job.steps.findIndex(({ run = "" }) => CHANGES.test(run)) - 1,
      "nothing may come between",
    );
  });

  it("touches nothing in an environment where the guard said so", () => {
    for (const location of DEPLOYS) {
      const { steps } = jobAt(location);
      const guard = steps.findIndex(({ id }) => id === "guard");
      for (const [index, { id, if: condition, run = "" }] of steps.entries()) {
        if (!CHANGES.test(run)) continue;
        expect(index, location).to.be.above(guard);
        if (id?.endsWith("back") !== true)
          expect(condition, id).to.equal("steps.guard.outputs.state == ''");
      }
    }
  });

  it("tests and builds what it deploys, once, and takes those bytes everywhere", () => {
    expect(jobAt("deploy/check").steps.at(-1)?.run).to.equal("npm run lint\nnpm test\n");
    const builds = JOBS.filter(([location, { steps }]) =>
      steps.some(({ run = "" }) => location.startsWith("deploy/") && /\bbuild -- /.test(run)),
    );
    expect(builds.map(([location]) => location)).to.deep.equal(["deploy/build"]);
    for (const location of [...DEPLOYS, "deploy/production-plan"]) {
      const job = jobAt(location);
      expect(job.env, location).to.include({
        PREBUILT_ARTIFACTS: "artifact",
        MANIFEST_SHA256: "${{ needs.build.outputs.manifest-sha256 }}",
      });
      const checked = indexOf(job, "Check that it is what this run has built");
      expect(checked, location).to.be.above(indexOf(job, "Fetch what was built"));
      const used = job.steps.findIndex(({ run = "" }) => /\bpulumi (preview|up)\b/.test(run));
      expect(used, location).to.be.above(checked);
    }
  });

  it("lets a push deploy production only after an approval that bootstrap has read back", () => {
    const condition = jobAt("deploy/production").if?.replaceAll(/\s+/g, " ");
    expect(condition).to.equal(
      "needs.production-plan.outputs.state == '' && (github.event_name == 'workflow_dispatch' || (needs.production-plan.outputs.changes == 'true' && vars.DEPLOY_PRODUCTION == 'after-approval'))",
    );
  });

  it("keeps the order: an older commit cannot reach staging after a newer one", () => {
    // The newer run's tests cancel the older's, and who has passed its tests waits in staging's queue before it.
    expect(jobAt("deploy/check").concurrency).to.deep.equal({
      group: "deploy-check",
      "cancel-in-progress": true,
    });
    expect(jobAt("deploy/staging").needs).to.include("check");
  });

  it("asks GitHub of jobs by the names that they have", () => {
    for (const id of JOB_IDS) expect(jobAt(`deploy/${id}`).name).to.equal(JOB_NAMES[id]);
    expect(jobAt("deploy/outcome").needs).to.deep.equal([...JOB_IDS]);
  });

  it("rolls back without Pulumi, its state and its key", () => {
    const job = JSON.stringify(jobAt("rollback/rollback"));
    expect(job).not.to.match(/pulumi|PULUMI/);
    expect(job).to.include("STACK_OUTPUTS_FILE");
  });

  it("admits one deploy per environment, in a group that no other job is in", () => {
    const groups = JOBS.flatMap(([location, { concurrency }]) => {
      const workflow = WORKFLOWS.get(location.split("/")[0] ?? "")?.concurrency;
      return [concurrency, workflow].flatMap((one) => (one ? [{ location, ...one }] : []));
    });
    for (const environment of ["staging", "production"]) {
      const inGroup = groups.filter(({ group }) => group === `deploy-${environment}`);
      expect(inGroup).to.have.length(1);
      expect(inGroup[0]).to.include({
        location: `deploy/${environment}`,
        "cancel-in-progress": false,
      });
    }
    // A group of the whole run would make staging wait for production's approval.
    expect(WORKFLOWS.get("deploy")?.concurrency).to.equal(undefined);
    expect(WORKFLOWS.get("rollback")?.concurrency?.group).to.equal("rollback-${{ inputs.stack }}");
  });

  it("removes locks only where its own update was cancelled", () => {
    const unlocks = JOBS.flatMap(([location, job]) =>
      job.steps
        .filter(({ run = "" }) => run.includes("pulumi cancel"))
        .map((step) => [location, step.if]),
    );
    expect(unlocks).to.deep.equal(
      DEPLOYS.map((location) => [
        location,
        "${{ cancelled() && steps.up.outcome == 'cancelled' }}",
      ]),
    );
  });

  for (const location of DEPLOYS) {
    describe(location, () => {
      const job = jobAt(location);
      const ids = job.steps.flatMap(({ id }) => id ?? []);

      it("updates, releases, calls, and rolls back when one of the last two did not succeed", () => {
        expect(ids.filter((id) => !["set-up", "node", "plan", "guard"].includes(id))).to.deep.equal(
          ["up", "release", "smoke", "rollback", "functions", "functions-back", "done", "report"],
        );
        const condition = stepAt(location, "Roll back").if ?? "";
        expect(condition).to.match(/^\(failure\(\) \|\| cancelled\(\)\) && \(/);
        for (const id of ["release", "smoke"]) {
          expect(condition).to.include(
            `contains(fromJSON('["failure", "cancelled"]'), steps.${id}.outcome)`,
          );
        }
        const ofFunctions = stepAt(location, "Roll back an unfinished function").if ?? "";
        expect(ofFunctions).to.match(/^\(failure\(\) \|\| cancelled\(\)\) && /);
        expect(ofFunctions).to.include("steps.functions.outcome");
        // A failed update has moved no traffic.
        expect(condition).not.to.include("steps.up");
      });

      it("says what became of it even when it failed", () => {
        expect(job.steps.at(-1)?.name).to.equal("Write the summary");
        expect(job.steps.at(-1)?.if).to.include("always()");
      });

      it("takes credentials again before each release, for longer than what follows can take", () => {
        const taken = job.steps.flatMap(({ uses = "" }, index) =>
          uses.startsWith("aws-actions/configure-aws-credentials@") ? [index] : [],
        );
        const before = (id: string) => job.steps.findIndex((step) => step.id === id) - 1;
        expect(taken.slice(-2)).to.deep.equal([before("release"), before("functions")]);
        for (const [from, to] of [taken.slice(-2), taken.slice(-1)]) {
          const after = job.steps.slice(from, to).map((step) => step["timeout-minutes"] ?? 0);
          expect(sum(after)).to.be.at.most(60);
        }
      });

      it("gives its steps less time than itself, so that a late one fails instead of being killed", () => {
        const limits = job.steps.map((step) => step["timeout-minutes"] ?? 0);
        // The steps without a limit of their own install and sign in: minutes.
        expect(sum(limits) + 20).to.be.below(job["timeout-minutes"] ?? 0);
      });
    });
  }

  it("reports failures: the jobs that write issues run after failed ones too", () => {
    expect(jobAt("deploy/outcome").if).to.include("always()");
    for (const channel of ["issue", "slack", "sns"]) {
      expect(jobAt(`deploy/${channel}`).needs).to.equal("outcome");
      expect(jobAt(`deploy/${channel}`).if, channel).to.include("!cancelled()");
    }
    expect(jobAt("drift/report").if).to.include("!cancelled()");
  });

  it("limits the time of every job", () => {
    for (const [location, job] of JOBS) {
      expect(job["timeout-minutes"], location).to.be.within(1, 210);
    }
  });
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
