import { expect } from "chai";
import { type Job, JOBS, TEXTS, WORKFLOWS, jobAt } from "./support/workflows.ts";

/** Who may hold which token permission beside reading the code, and why no other job needs one. */
const PERMISSIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "pull-request/check": { contents: "read" },
  "pull-request/plan": { contents: "read" },
  "pull-request/preview": { contents: "read", "id-token": "write" },
  "pull-request/comment": { "pull-requests": "write" },
  "deploy/staging": { contents: "read", "id-token": "write" },
  "deploy/production-plan": { contents: "read", "id-token": "write" },
  "deploy/production": { contents: "read", "id-token": "write" },
  "deploy/notify": { issues: "write" },
  "rollback/rollback": { contents: "read", "id-token": "write" },
  "drift/drift": { contents: "read", "id-token": "write" },
  "drift/report": { issues: "write" },
};

const TRIGGERS: Readonly<Record<string, readonly string[]>> = {
  "pull-request": ["pull_request"],
  deploy: ["push", "workflow_dispatch"],
  rollback: ["workflow_dispatch"],
  drift: ["schedule", "workflow_dispatch"],
};

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

    it(`${name} names no secret`, () => {
      expect(text).not.to.match(/\bsecrets\b/);
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

  it("never joins a token that may write with code, packages or a role", () => {
    const writers = JOBS.filter(([, job]) => mayWrite(job));
    expect(writers).not.to.be.empty;
    for (const [location, job] of writers) {
      expect(takesRole(job), location).to.equal(false);
      for (const { uses = "", run = "" } of job.steps) {
        expect(uses, location).to.match(/^$|^actions\/download-artifact@/);
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
        expect(run, `${location}: ${name}`).not.to.match(/GITHUB_(ENV|PATH)\b/);
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
      for (const { run } of installs) expect(run, location).to.equal("npm ci --ignore-scripts");
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
    expect([...locations].toSorted()).to.deep.equal(holders.toSorted());
  });

  it("gives forks and Dependabot neither a role nor a token that may write", () => {
    for (const location of ["pull-request/preview", "pull-request/comment"]) {
      const clauses = jobAt(location)
        .if?.split("&&")
        .map((clause) => clause.trim());
      expect(clauses, location).to.include.members([
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

  it("lets only main deploy, roll back and compare", () => {
    for (const location of ["deploy/staging", "rollback/rollback", "drift/drift"]) {
      expect(jobAt(location).if?.split("&&")[0]?.trim(), location).to.equal(
        "github.ref == 'refs/heads/main'",
      );
    }
    // These follow from a job that has the condition.
    expect(jobAt("deploy/production-plan").needs).to.equal("staging");
    expect(jobAt("deploy/production").needs).to.equal("production-plan");
    expect(WORKFLOWS.get("deploy")?.on["push"]).to.have.deep.property("branches", ["main"]);
  });
});

const isCredentials = (uses: string): boolean =>
  /^(aws-actions\/configure-aws-credentials|pulumi\/auth-actions)@/.test(uses);
