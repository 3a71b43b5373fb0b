/** GitHub's gates as bootstrap makes and reads them back, on a GitHub that refuses what the plan does not have. */
import { expect } from "chai";
import { type Gates, gateGaps, gateSteps } from "../../../ops/bootstrap/gates.ts";
import { makeAll } from "../../../ops/bootstrap/steps.ts";
import { readEnvironment } from "../../../ops/github/environment.ts";
import { RULESET_NAME } from "../../../ops/github/ruleset.ts";
import { resolveReviewers } from "../../../ops/github/reviewers.ts";
import { FakeGitHub, type Plan } from "../github/fake-github.ts";

const OCTOCAT = { type: "User", id: 1 } as const;
const HUBOT = { type: "User", id: 2 } as const;

describe("GitHub's gates", () => {
  let github = new FakeGitHub();
  let said: string[] = [];

  beforeEach(() => {
    github = new FakeGitHub();
    said = [];
  });

  const gatesOf = (changes: Partial<Gates> = {}): Gates => ({
    repository: github.repository,
    stack: "production",
    branch: github.defaultBranch,
    reviewers: [OCTOCAT],
    owners: ["octocat"],
    approvals: 1,
    unprotected: false,
    ...changes,
  });

  /** Makes the gates; the refusal comes back, empty where there was none. */
  async function make(changes: Partial<Gates> = {}): Promise<string> {
    const terminal = {
      say: (line: string) => said.push(line),
      live: () => {},
      quiet: () => {},
      progress: () => {},
    };
    try {
      await makeAll(gateSteps(gatesOf(changes), terminal, github.gh), terminal, () => {});
      return "";
    } catch (error) {
      if (error instanceof Error && error.name === "Refused") return error.message;
      throw error;
    }
  }

  const gaps = (changes: Partial<Gates> = {}) => gateGaps(gatesOf(changes), github.gh);
  const privateOn = (plan: Plan) => Object.assign(github, { isPrivate: true, plan });

  it("hold after they were made, and made again change nothing", async () => {
    expect(await make()).to.equal("");
    expect(await gaps()).to.deep.equal([]);
    expect(github.environments.get("production")).to.deep.include({
      reviewers: [OCTOCAT],
      branches: ["main"],
      adminsBypass: false,
      // Alone, the person who deploys approves.
      preventSelfReview: false,
    });
    expect(github.environments.get("production-rollback")).to.deep.include({
      reviewers: [],
      branches: ["main"],
    });
    expect(github.variables).to.deep.equal({ DEPLOY_PRODUCTION: "after-approval" });
    github.changes.length = 0;
    expect(await make()).to.equal("");
    expect(github.changes).to.deep.equal([]);
  });

  it("let the branch through that is the default one", async () => {
    github.defaultBranch = "trunk";
    expect(await make()).to.equal("");
    expect(github.environments.get("production")?.branches).to.deep.equal(["trunk"]);
    expect(await gaps()).to.deep.equal([]);
  });

  it("ask for somebody else's approval where several may give it", async () => {
    expect(await make({ reviewers: [OCTOCAT, HUBOT] })).to.equal("");
    expect(github.environments.get("production")?.preventSelfReview).to.equal(true);
  });

  it("ask nobody before staging", async () => {
    expect(await make({ stack: "staging" })).to.equal("");
    expect(github.environments.get("staging")?.reviewers).to.deep.equal([]);
    expect(github.variables).to.deep.equal({});
  });

  it("keep what people have set besides", async () => {
    github.environment("production", { waitTimer: 15, reviewers: [HUBOT] });
    expect(await make({ reviewers: [HUBOT] })).to.equal("");
    const { waitTimer, reviewers } = github.environment("production");
    expect({ waitTimer, reviewers }).to.deep.equal({ waitTimer: 15, reviewers: [HUBOT] });
  });

  it("close an environment that a workflow has made by naming it", async () => {
    github.environment("production");
    expect((await gaps()).join()).to.match(/takes jobs of every branch.*nobody's approval/);
    expect(await make()).to.equal("");
    expect(await gaps()).to.deep.equal([]);
  });

  for (const [what, open, gap] of [
    [
      "an environment for every branch",
      () => github.environment("production", { branchPolicy: null }),
      /takes jobs of every branch/,
    ],
    [
      "one more branch",
      () => github.environment("production", { branches: ["main", "hotfix/*"] }),
      /takes jobs of hotfix\/\* too/,
    ],
    [
      "every protected branch",
      () =>
        github.environment("production", {
          branchPolicy: { protected_branches: true, custom_branch_policies: false },
        }),
      /takes jobs of every protected branch too/,
    ],
    [
      "no reviewer",
      () => github.environment("production", { reviewers: [] }),
      /asks for nobody's approval/,
    ],
    [
      "an open way back",
      () => github.environment("production-rollback", { branchPolicy: null }),
      /production-rollback takes jobs of every branch/,
    ],
    ["a ruleset that only watches", () => rules({ enforcement: "evaluate" }), /is evaluate/],
    ["a ruleset that somebody passes", () => rules({ bypass_actors: [{}] }), /bypass/],
    [
      "a ruleset of another branch",
      () => rules({ conditions: { ref_name: { include: ["refs/heads/release"], exclude: [] } } }),
      /does not cover the default branch/,
    ],
    [
      "a ruleset without rules",
      () => rules({ rules: [] }),
      /forced pushes.*deleted.*without a pull request.*Check and test/,
    ],
  ] as const) {
    it(`find ${what}`, async () => {
      expect(await make()).to.equal("");
      open();
      expect((await gaps()).join()).to.match(gap);
    });
  }

  const rules = (changes: object) => Object.assign(github.rulesets[0] ?? {}, changes);

  it("refuse a weaker review than is asked for, and take a stronger one", async () => {
    expect(await make({ approvals: 1 })).to.equal("");
    expect((await gaps({ approvals: 2 })).join()).to.match(/need 1 of 2 approvals/);
    expect(await gaps({ approvals: 0 })).to.deep.equal([]);
  });

  for (const plan of ["free", "team"] as const) {
    it(`refuse production in a private repository on the plan ${plan}, with GitHub's reason`, async () => {
      privateOn(plan);
      const refusal = await make();
      expect(refusal).to.match(/^production is not protected: .*nobody's approval/);
      expect(refusal).to.include("billing plan supports the required reviewers");
      expect(refusal).to.include("--unprotected");
      // Nothing says yet that a push may deploy it.
      expect(github.variables).to.deep.equal({});
    });

    it(`go on without them on the plan ${plan} when asked to, and then deploy by hand only`, async () => {
      privateOn(plan);
      expect(await make({ unprotected: true })).to.equal("");
      expect(said.join()).to.match(/warning: production is not protected.*by hand/);
      expect(github.variables).to.deep.equal({ DEPLOY_PRODUCTION: "by-hand" });
    });
  }

  it("keep the branch rule on a plan that has no reviewers", async () => {
    privateOn("team");
    await make({ unprotected: true });
    const found = await readEnvironment(github.repository, "production", github.gh);
    expect(found?.branches).to.deep.equal(["main"]);
    expect(github.rulesets[0]?.name).to.equal(RULESET_NAME);
  });

  it("let staging go on without gates, and say what follows", async () => {
    privateOn("free");
    expect(await make({ stack: "staging" })).to.equal("");
    expect(said.join()).to.match(/warning: staging is not protected.*whoever may push/);
  });

  it("are all there for a private repository of an enterprise", async () => {
    privateOn("enterprise");
    expect(await make()).to.equal("");
    expect(await gaps()).to.deep.equal([]);
  });

  it("pass on what has nothing to do with a plan", async () => {
    const broken: typeof github.gh = async (args) => {
      if (args.includes("PUT")) throw new Error("connection lost");
      return github.gh(args);
    };
    const [first] = gateSteps(
      gatesOf(),
      { say() {}, live() {}, quiet() {}, progress() {} },
      broken,
    );
    let message = "";
    await first?.make().catch((error: Error) => (message = error.message));
    expect(message).to.equal("connection lost");
  });

  describe("reviewers", () => {
    const resolved = async (...names: string[]) =>
      resolveReviewers(names, github.gh).catch((error: Error) => error.message);

    it("are people and teams, and without any the person who is signed in", async () => {
      expect(await resolved()).to.deep.equal([{ ...OCTOCAT, name: "octocat" }]);
      expect(await resolved("hubot", "acme/operators")).to.deep.equal([
        { ...HUBOT, name: "hubot" },
        { type: "Team", id: 50, name: "acme/operators" },
      ]);
    });

    it("are refused where GitHub does not know them, and above six", async () => {
      expect(await resolved("nobody")).to.match(/^--reviewer nobody: GitHub knows no such person/);
      expect(await resolved("acme/nobody")).to.match(/no such team/);
      expect(await resolved("a", "b", "c", "d", "e", "f", "g")).to.match(
        /7 are named, and GitHub takes 6/,
      );
    });
  });
});
