import { expect } from "chai";
import { REQUIRED_CHECKS } from "../../ops/github/ruleset.ts";
import { environmentOf, type Job, JOBS, TEXTS, WORKFLOWS, jobAt } from "./support/workflows.ts";

/** Who may hold which token permission beside reading the code, and why no other job needs one. */
const PERMISSIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "pull-request/check": { contents: "read" },
  "pull-request/plan": { contents: "read" },
  "pull-request/contract": { contents: "read" },
  "pull-request/preview-staging": { contents: "read", "id-token": "write" },
  "pull-request/preview-production": { contents: "read", "id-token": "write" },
  "pull-request/comment": { "pull-requests": "write" },
  "deploy/begin": { contents: "read" },
  "deploy/check": { contents: "read" },
  "deploy/build": { contents: "read" },
  "deploy/attest": { "id-token": "write", attestations: "write" },
  "deploy/staging": { contents: "read", "id-token": "write" },
  "deploy/production-plan": { contents: "read", "id-token": "write" },
  "deploy/production": { contents: "read", "id-token": "write" },
  "deploy/outcome": { contents: "read", actions: "read" },
  "deploy/issue": { issues: "write" },
  "deploy/slack": {},
  "deploy/sns": { "id-token": "write" },
  "rollback/begin": {},
  "rollback/rollback": { contents: "read", "id-token": "write" },
  "drift/begin": {},
  "drift/staging": { contents: "read", "id-token": "write" },
  "drift/production": { contents: "read", "id-token": "write" },
  "drift/report": { issues: "write" },
};

const TRIGGERS: Readonly<Record<string, readonly string[]>> = {
  "pull-request": ["pull_request", "merge_group"],
  deploy: ["push", "workflow_dispatch"],
  rollback: ["workflow_dispatch"],
  drift: ["schedule", "workflow_dispatch"],
};

/** The one job that signs what was built; its identity is taken by Sigstore and not by AWS. */
const SIGNER = "deploy/attest";

const mayWrite = ({ permissions = {} }: Job): boolean =>
  Object.entries(permissions).some(([scope, access]) => access === "write" && scope !== "id-token");
const takesRole = ({ permissions = {} }: Job): boolean => permissions["id-token"] === "write";

describe("workflows: security", () => {
  for (const [name, text] of TEXTS) {
    it(`${name} pins every action by its commit and says which version that is`, () => {
      const uses = text.match(/^\s*(?:- )?uses:.*$/gm) ?? [];
      expect(uses).not.to.be.empty;
      for (const line of uses) {
        expect(line).to.match(/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      }
    });

    it(`${name} names no secret but the webhook of a channel, in an environment of its own`, () => {
      const named = text.match(/\bsecrets(\.\w+|\[|\)|: inherit)/g) ?? [];
      expect(named).to.deep.equal(name === "deploy" ? ["secrets.SLACK_WEBHOOK_URL"] : []);
    });
  }

  it("pins one commit per action, everywhere the same", () => {
    const commits = new Map<string, Set<string>>();
    for (const [, { steps }] of JOBS) {
      for (const { uses } of steps) {
        const [action = "", commit = ""] = uses?.split("@") ?? [];
        if (uses) commits.set(action, (commits.get(action) ?? new Set()).add(commit));
      }
    }
    expect([...commits].filter(([, pins]) => pins.size > 1)).to.be.empty;
  });

  it("starts on nothing that gives a stranger's code a token or a secret", () => {
    const triggers = [...WORKFLOWS].map(([name, { on }]) => [name, Object.keys(on)]);
    expect(Object.fromEntries(triggers)).to.deep.equal(TRIGGERS);
  });

  it("gives a workflow no permission, and each job only its own", () => {
    for (const [name, { permissions }] of WORKFLOWS) {
      expect(permissions, name).to.deep.equal({});
    }
    const permissions = JOBS.map(([location, job]) => [location, job.permissions]);
    expect(Object.fromEntries(permissions)).to.deep.equal(PERMISSIONS);
  });

  it("keeps the webhook from every job that has code, packages or a role", () => {
    const holders = JOBS.filter(([, job]) => JSON.stringify(job).includes("secrets."));
    expect(holders.map(([location]) => location)).to.deep.equal(["deploy/slack"]);
    expect(environmentOf(jobAt("deploy/slack"))).to.equal("notifications");
    const users = JOBS.filter(([, job]) => environmentOf(job) === "notifications");
    for (const [location, { steps }] of users) {
      for (const { run = "" } of steps) {
        expect(run, location).not.to.match(/\b(npm|npx|node|git|pulumi)\b/);
      }
    }
  });

  it("never joins a token that may write with code, packages or a role", () => {
    const writers = JOBS.filter(([, job]) => mayWrite(job));
    expect(writers).not.to.be.empty;
    for (const [location, job] of writers) {
      if (location !== SIGNER) expect(takesRole(job), location).to.equal(false);
      for (const { uses = "", run = "" } of job.steps) {
        expect(uses, location).to.match(/^$|^actions\/(download-artifact|attest)@/);
        expect(run, location).not.to.match(/\b(npm|npx|node|git|pulumi|aws)\b/);
      }
    }
  });

  it("puts no expression into a script, where its value would be code", () => {
    for (const [location, { steps }] of JOBS) {
      for (const { name, run = "" } of steps) {
        expect(run, `${location}: ${name}`).not.to.include("${{");
      }
    }
  });

  it("passes nothing on through the runner's environment files", () => {
    for (const [location, { steps }] of JOBS) {
      for (const { name, run = "" } of steps) {
        // But for the engine's own folder, whose name nobody can choose.
        const others = run.replace('echo "$RUNNER_TEMP/pulumi/bin" >> "$GITHUB_PATH"', "");
        expect(others, `${location}: ${name}`).not.to.match(/GITHUB_(ENV|PATH)\b/);
      }
    }
  });

  it("leaves no token in the checked-out repository", () => {
    const checkouts = JOBS.flatMap(([location, { steps }]) =>
      steps
        .filter(({ uses }) => uses?.startsWith("actions/checkout@"))
        .map((step) => ({ location, with: step.with })),
    );
    expect(checkouts).not.to.be.empty;
    for (const { location, with: inputs } of checkouts) {
      expect(inputs?.["persist-credentials"], location).to.equal(false);
      expect(inputs, location).not.to.have.any.keys("ref", "repository", "token");
    }
  });

  it("installs packages by the lockfile, without scripts, and before any credentials", () => {
    for (const [location, { steps }] of JOBS) {
      const installs = steps.flatMap(({ run = "" }, index) =>
        /\bnpm (ci|install|i|exec)\b|\bnpx\b/.test(run) ? [{ run, index }] : [],
      );
      for (const { run } of installs) {
        expect(run, location).to.equal("npm ci --ignore-scripts");
      }
      const credentials = steps.findIndex(({ uses = "" }) => isCredentials(uses));
      if (credentials === -1) continue;
      for (const { index } of installs) expect(index, location).to.be.below(credentials);
    }
  });

  it("restores no cache where one could carry code into a deploy", () => {
    for (const [location, { steps }] of JOBS) {
      for (const { uses = "", with: inputs = {} } of steps) {
        expect(uses, location).not.to.match(/^actions\/cache/);
        if (!uses.startsWith("actions/setup-node@")) continue;
        expect(inputs, location).not.to.have.property("cache");
        expect(inputs["package-manager-cache"], location).to.equal(false);
      }
    }
  });

  it("takes AWS credentials by OIDC only, in the stated account, with its number masked", () => {
    const locations = new Set<string>();
    for (const [location, { steps }] of JOBS) {
      for (const { uses = "", with: inputs = {} } of steps) {
        if (!uses.startsWith("aws-actions/configure-aws-credentials@")) continue;
        locations.add(location);
        expect(inputs, location).to.include.keys("role-to-assume", "allowed-account-ids");
        expect(inputs["mask-aws-account-id"], location).to.equal(true);
        expect(inputs, location).not.to.have.any.keys(
          "aws-access-key-id",
          "aws-secret-access-key",
          "output-credentials",
        );
        expect(Number(inputs["role-duration-seconds"] ?? 3600), location).to.be.at.most(3600);
      }
    }
    const holders = JOBS.filter(([, job]) => takesRole(job)).map(([location]) => location);
    const ofAws = holders.filter((location) => location !== SIGNER);
    expect([...locations].toSorted()).to.deep.equal(ofAws.toSorted());
  });

  it("gives forks and Dependabot neither a role nor a token that may write", () => {
    for (const job of ["preview-staging", "preview-production", "comment"]) {
      const location = `pull-request/${job}`;
      const clauses = jobAt(location)
        .if?.split("&&")
        .map((clause) => clause.trim());
      expect(clauses, location).to.include.members([
        "github.event_name == 'pull_request'",
        "github.event.pull_request.head.repo.full_name == github.repository",
        "github.event.pull_request.user.login != 'dependabot[bot]'",
      ]);
      // One alternative would undo every clause.
      expect(jobAt(location).if, location).not.to.include("||");
    }
    const pullRequestJobs = JOBS.filter(([location]) => location.startsWith("pull-request/"));
    for (const [location, job] of pullRequestJobs) {
      if (job.if === undefined) expect(takesRole(job) || mayWrite(job), location).to.equal(false);
    }
  });

  it("gives a pull request no token of Pulumi Cloud's and no key: a copy of the state is all it has", () => {
    const text = TEXTS.get("pull-request") ?? "";
    expect(text).not.to.match(
      /pulumi\/auth-actions|PULUMI_ORGANIZATION|PLAN_ROLE|vars\.AWS_ROLE_ARN/,
    );
    // The program runs on the copy's backend.
    for (const job of ["preview-staging", "preview-production"]) {
      expect(jobAt(`pull-request/${job}`).env).not.to.have.property("PULUMI_BACKEND_URL");
    }
  });

  it("deploys, rolls back and compares the default branch alone, whatever its name is", () => {
    const onDefault = "github.ref_name == github.event.repository.default_branch";
    expect(jobAt("rollback/rollback").if).to.equal(onDefault);
    expect(jobAt("rollback/begin").if).to.equal(onDefault.replace("==", "!="));
    for (const stack of ["staging", "production"]) {
      // A schedule has no other branch.
      expect(jobAt(`drift/${stack}`).if?.trim()).to.match(
        new RegExp(`^\\(github.event_name == 'schedule' \\|\\| ${onDefault}\\) &&`),
      );
    }
    expect(jobAt("deploy/begin").if).to.equal(
      `github.event_name == 'workflow_dispatch' || ${onDefault}`,
    );
    for (const [name, text] of TEXTS) {
      expect(text, name).not.to.match(/\b(main|master)\b/);
    }
  });

  it("lets nothing deploy that the first job did not let through", () => {
    expect(jobAt("deploy/check").if).to.equal("needs.begin.outputs.go == 'true'");
    expect(jobAt("deploy/build").if).to.equal("needs.begin.outputs.go == 'true'");
    expect(jobAt("deploy/staging").needs).to.deep.equal(["check", "build"]);
    expect(jobAt("deploy/production-plan").needs).to.include("staging");
    expect(jobAt("deploy/production").needs).to.include("production-plan");
    for (const job of ["check", "build", "staging", "production-plan", "production"]) {
      // Any of these would run a job after one that it needs has failed or was skipped.
      expect(jobAt(`deploy/${job}`).if ?? "", job).not.to.match(/always\(|failure\(|cancelled\(/);
    }
  });

  it("never lets a job of another workflow pass for a check that a pull request needs", () => {
    // GitHub compares names, on the commit; and a job that is skipped counts as passed.
    const names = JOBS.filter(([location]) => !location.startsWith("pull-request/")).map(
      ([, { name }]) => name,
    );
    expect(names).not.to.include.members([...REQUIRED_CHECKS]);
    for (const check of REQUIRED_CHECKS) expect(names).not.to.include(check);
    const own = JOBS.filter(([location]) => location.startsWith("pull-request/")).flatMap(
      ([, { name, strategy }]) =>
        strategy
          ? strategy.matrix.stack.map((stack) => name.replace("${{ matrix.stack }}", stack))
          : name,
    );
    expect(own).to.include.members([...REQUIRED_CHECKS]);
    // A required check that never reports blocks every pull request, and every merge queue.
    for (const id of ["check", "plan", "contract"])
      expect(jobAt(`pull-request/${id}`).if).to.equal(undefined);
    expect(WORKFLOWS.get("pull-request")?.on["pull_request"]).to.equal(null);
  });
});

const isCredentials = (uses: string): boolean =>
  /^(aws-actions\/configure-aws-credentials|pulumi\/auth-actions)@/.test(uses);
