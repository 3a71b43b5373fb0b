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
    const permissions = JOBS.map(([place, job]) => [place, job.permissions]);
    expect(Object.fromEntries(permissions)).to.deep.equal(PERMISSIONS);
  });

  it("never joins a token that may write with code, packages or a role", () => {
    const writers = JOBS.filter(([, job]) => mayWrite(job));
    expect(writers).not.to.be.empty;
    for (const [place, job] of writers) {
      expect(takesRole(job), place).to.equal(false);
      for (const { uses = "", run = "" } of job.steps) {
        expect(uses, place).to.match(/^$|^actions\/download-artifact@/);
        expect(run, place).not.to.match(/\b(npm|npx|node|git|pulumi|aws)\b/);
      }
    }
  });

  it("puts no expression into a script, where its value would be code", () => {
    for (const [place, { steps }] of JOBS) {
      for (const { name, run = "" } of steps) {
        expect(run, `${place}: ${name}`).not.to.include("${{");
      }
    }
  });

  it("passes nothing on through the runner's environment files", () => {
    for (const [place, { steps }] of JOBS) {
      for (const { name, run = "" } of steps) {
        expect(run, `${place}: ${name}`).not.to.match(/GITHUB_(ENV|PATH)\b/);
      }
    }
  });

  it("leaves no token in the checked-out repository", () => {
    const checkouts = JOBS.flatMap(([place, { steps }]) =>
      steps
        .filter(({ uses }) => uses?.startsWith("actions/checkout@"))
        .map((step) => ({ place, with: step.with })),
    );
    expect(checkouts).not.to.be.empty;
    for (const { place, with: inputs } of checkouts) {
      expect(inputs?.["persist-credentials"], place).to.equal(false);
      expect(inputs, place).not.to.have.any.keys("ref", "repository", "token");
    }
  });

  it("installs packages by the lockfile, without scripts, and before any credentials", () => {
    for (const [place, { steps }] of JOBS) {
      const installs = steps.flatMap(({ run = "" }, index) =>
        /\bnpm (ci|install|i|exec)\b|\bnpx\b/.test(run) ? [{ run, index }] : [],
      );
      for (const { run } of installs) expect(run, place).to.equal("npm ci --ignore-scripts");
      const credentials = steps.findIndex(({ uses = "" }) => isCredentials(uses));
      if (credentials === -1) continue;
      for (const { index } of installs) expect(index, place).to.be.below(credentials);
    }
  });

  it("restores no cache where one could carry code into a deploy", () => {
    for (const [place, { steps }] of JOBS) {
      for (const { uses = "", with: inputs = {} } of steps) {
        expect(uses, place).not.to.match(/^actions\/cache/);
        if (!uses.startsWith("actions/setup-node@")) continue;
        expect(inputs, place).not.to.have.property("cache");
        expect(inputs["package-manager-cache"], place).to.equal(false);
      }
    }
  });

  it("takes AWS credentials by OIDC only, in the stated account, with its number masked", () => {
    const places = new Set<string>();
    for (const [place, { steps }] of JOBS) {
      for (const { uses = "", with: inputs = {} } of steps) {
        if (!uses.startsWith("aws-actions/configure-aws-credentials@")) continue;
        places.add(place);
        expect(inputs, place).to.include.keys("role-to-assume", "allowed-account-ids");
        expect(inputs["mask-aws-account-id"], place).to.equal(true);
        expect(inputs, place).not.to.have.any.keys(
          "aws-access-key-id",
          "aws-secret-access-key",
          "output-credentials",
        );
        expect(Number(inputs["role-duration-seconds"] ?? 3600), place).to.be.at.most(3600);
      }
    }
    const holders = JOBS.filter(([, job]) => takesRole(job)).map(([place]) => place);
    expect([...places].toSorted()).to.deep.equal(holders.toSorted());
  });

  it("gives forks and Dependabot neither a role nor a token that may write", () => {
    for (const place of ["pull-request/preview", "pull-request/comment"]) {
      const clauses = jobAt(place)
        .if?.split("&&")
        .map((clause) => clause.trim());
      expect(clauses, place).to.include.members([
        "github.event.pull_request.head.repo.full_name == github.repository",
        "github.event.pull_request.user.login != 'dependabot[bot]'",
      ]);
      // One alternative would undo every clause.
      expect(jobAt(place).if, place).not.to.include("||");
    }
    const pullRequestJobs = JOBS.filter(([place]) => place.startsWith("pull-request/"));
    for (const [place, job] of pullRequestJobs) {
      if (job.if === undefined) expect(takesRole(job) || mayWrite(job), place).to.equal(false);
    }
  });

  it("lets only main deploy, roll back and compare", () => {
    for (const place of ["deploy/staging", "rollback/rollback", "drift/drift"]) {
      expect(jobAt(place).if?.split("&&")[0]?.trim(), place).to.equal(
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
