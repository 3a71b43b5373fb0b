import { expect } from "chai";
import { missingTools, type Result, Sandbox } from "./support/run-step.ts";
import { JOBS } from "./support/workflows.ts";

/** Answers a request for a list with `$FAKE_LIST`, and keeps the text of a body that a file holds. */
const GH = `
for argument in "$@"; do
  case "$argument" in body=@*) cp "\${argument#body=@}" last-body.txt ;; esac
done
if [[ " $* " != *" --method "* ]]; then jq --raw-output "\${!#}" <<< "$FAKE_LIST"; fi`;

const BOT = { user: { login: "github-actions[bot]" } };

/** The requests that change something: method, path and fields. */
const changes = ({ calls }: Result): string[] =>
  calls.flatMap(([tool, ...args]) => {
    const method = args.indexOf("--method");
    return tool === "gh" && method !== -1 ? [args.slice(method + 1).join(" ")] : [];
  });

describe("workflows: steps", () => {
  let sandbox: Sandbox;

  before(function () {
    const missing = missingTools();
    if (missing.length > 0 && !process.env["CI"]) {
      console.log(`      not run: ${missing.join(", ")} not on the PATH`);
      this.skip();
    }
  });
  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(() => {
    sandbox.remove();
  });

  it("that change something become the command, so that it gets the runner's signals", async () => {
    sandbox.tool("pulumi", `echo "pid=$$"`).tool("node", `echo "pid=$$" >&2`);
    const steps = JOBS.flatMap(([location, job]) =>
      job.steps.filter(({ run = "" }) => /\bexec\b/.test(run)).map(({ name }) => [location, name]),
    );
    expect(steps.length).to.be.at.least(9);
    for (const [location = "", name = ""] of steps) {
      sandbox.write("temp/release.json", '{"verdict": "broken", "from": "6"}');
      const { output, pid } = await sandbox.run(location, name, { CALL: "skipped" });
      expect(output, `${location}: ${name}`).to.include(`pid=${pid}`);
    }
  });

  describe("Check that the environment is set up", () => {
    const complete = {
      AWS_ROLE_ARN: "arn:aws:iam::111111111111:role/r",
      AWS_REGION: "eu-west-1",
      AWS_ACCOUNT_ID: "111111111111",
      PULUMI_BACKEND_URL: "s3://state",
      PULUMI_ORGANIZATION: "",
    };
    const check = (env: object) =>
      sandbox.run("deploy/staging", "Check that the environment is set up", {
        ...complete,
        ...env,
      });

    it("passes with a backend, or with an organization of Pulumi Cloud", async () => {
      expect((await check({})).exitCode).to.equal(0);
      const cloud = { PULUMI_BACKEND_URL: "", PULUMI_ORGANIZATION: "acme" };
      expect((await check(cloud)).exitCode).to.equal(0);
    });

    it("names all that is missing, and the command that sets it up", async () => {
      const { exitCode, output } = await check({
        AWS_ROLE_ARN: "",
        AWS_ACCOUNT_ID: "",
        PULUMI_BACKEND_URL: "",
      });
      expect(exitCode).to.equal(1);
      expect(output).to.include("no value for AWS_ROLE_ARN AWS_ACCOUNT_ID PULUMI_BACKEND_URL;");
      expect(output).to.include("npm run bootstrap -- --stack production");
    });
  });

  describe("Make the plan that will be applied", () => {
    const resource = (steps: string[], type = "aws:lambda/function:Function") => ({
      steps,
      goal: { type, outputDiff: {} },
    });
    const stack = (outputDiff: object) => ({
      steps: ["same"],
      goal: { type: "pulumi:pulumi:Stack", outputDiff },
    });
    const plan = (resources: object[], previewStatus = 0) =>
      sandbox
        .tool(
          "pulumi",
          `case "$1" in
             stack) echo '{"version": 3}' ;;
             preview) cp planned.json plan/plan.json; echo "the plan"; exit ${previewStatus} ;;
           esac`,
        )
        .write("planned.json", JSON.stringify({ resourcePlans: Object.assign({}, resources) }))
        .run("deploy/production-plan", "Make the plan that will be applied");

    it("finds a change in a resource", async () => {
      const { outputs } = await plan([stack({}), resource(["same"]), resource(["update"])]);
      expect(outputs).to.equal("changes=true\n");
    });

    it("finds a change that is in the stack's outputs alone", async () => {
      const { outputs } = await plan([stack({ adds: { new: "value" } }), resource(["same"])]);
      expect(outputs).to.equal("changes=true\n");
    });

    it("finds nothing when all stays the same", async () => {
      const { outputs } = await plan([stack({}), resource(["same"])]);
      expect(outputs).to.equal("changes=false\n");
    });

    it("fails when the preview fails, and says nothing about changes", async () => {
      const { exitCode, outputs } = await plan([stack({})], 4);
      expect(exitCode).to.equal(4);
      expect(outputs).to.equal("");
    });

    it("makes a fingerprint that holds until the state moves", async () => {
      await plan([stack({})]);
      const check = (state: string, status = 0) =>
        sandbox
          .tool("pulumi", `echo '${state}'; exit ${status}`)
          .run("deploy/production", "Check that production has not moved since the plan");
      expect((await check('{"version": 3}')).exitCode).to.equal(0);
      const moved = await check('{"version": 3, "more": true}');
      expect(moved.exitCode).to.equal(1);
      expect(moved.output).to.include("nothing was touched");
      expect((await check('{"version": 3}', 1)).exitCode).to.equal(1);
    });
  });

  it("Release passes the words of a person on as one argument each", async () => {
    sandbox.tool("node", "echo '{}'");
    const reason = '$(touch broken); "quoted" `x`';
    const env = { OVERRIDE_ALARMS: "true", RETRY: "false", REASON: reason };
    const { calls } = await sandbox.run("deploy/production", "Release", env);
    const options = ["--yes", "--json", "--override-alarms", "--reason", reason];
    expect(calls).to.deep.equal([["node", "ops/release.ts", "--stack", "production", ...options]]);
    expect(sandbox.read("temp/release.json")).to.equal("{}\n");
    const plain = { OVERRIDE_ALARMS: "", RETRY: "", REASON: "" };
    const pushed = await sandbox.run("deploy/production", "Release", plain);
    expect(pushed.calls[0]?.slice(2)).to.deep.equal(["--stack", "production", "--yes", "--json"]);
  });

  describe("Roll back (deploy)", () => {
    const released = { verdict: "released", from: "6", to: "7" };
    const rollBack = async (report: object | undefined, call: string) => {
      sandbox.tool("node").write("temp/release.json", report ? JSON.stringify(report) : "");
      const result = await sandbox.run("deploy/production", "Roll back", { CALL: call });
      expect(result.exitCode).to.equal(0);
      return result.calls.map((args) => args.filter((arg) => !arg.includes(" ")).join(" "));
    };
    const BACK = "node ops/rollback.ts --stack production --yes --reason";
    const BACK_TO_6 = [`${BACK} --to 6`];

    it("goes back to the version before the release when the call failed", async () => {
      expect(await rollBack(released, "failure")).to.deep.equal(BACK_TO_6);
      expect(await rollBack(released, "cancelled")).to.deep.equal(BACK_TO_6);
    });

    it("goes back when the release left the alias where it should not be", async () => {
      expect(await rollBack({ ...released, verdict: "broken" }, "skipped")).to.deep.equal(
        BACK_TO_6,
      );
    });

    it("goes back when the release ended without a report, unless it had moved nothing", async () => {
      expect(await rollBack(undefined, "skipped")).to.deep.equal([`${BACK} --if-unfinished`]);
    });

    it("leaves alone what the release put back itself, or a person has to judge", async () => {
      for (const verdict of ["rolled back", "inconclusive"]) {
        expect(await rollBack({ ...released, verdict }, "skipped"), verdict).to.be.empty;
      }
    });

    it("leaves the version that served before this run, whatever the call says", async () => {
      expect(await rollBack({ verdict: "nothing to do" }, "failure")).to.be.empty;
    });
  });

  it("Roll back passes the version only when one is given", async () => {
    sandbox.tool("node");
    const roll = async (to: string) => {
      const env = { TO: to, REASON: "bad; news" };
      const { calls } = await sandbox.run("rollback/rollback", "Roll back", env);
      return calls[0]?.slice(2).join("|");
    };
    const common = "--stack|production|--yes|--reason|bad; news (@octocat, run 42)|--json";
    expect(await roll("")).to.equal(common);
    expect(await roll("7 --stack staging")).to.equal(`${common}|--to|7 --stack staging`);
  });

  describe("Compare (drift)", () => {
    for (const status of [0, 7, 255]) {
      it(`ends with the engine's exit status ${status} and keeps it for the report`, async () => {
        sandbox.tool("pulumi", `echo "arn:aws:sqs:eu-west-1:111111111111:q"; exit ${status}`);
        const env = { ACCOUNT: "111111111111" };
        const { exitCode, summary, calls } = await sandbox.run("drift/drift", "Compare", env);
        expect(exitCode).to.equal(status);
        expect(sandbox.read("report/production.status")).to.equal(`${status}\n`);
        expect(sandbox.read("report/production.txt")).to.include("eu-west-1:************:q");
        expect(summary).to.include(`Drift of production: exit status ${status}`);
        expect(calls[0]).to.include.members(["refresh", "--preview-only", "--expect-no-changes"]);
      });
    }
  });

  describe("Open, continue or close the issues (drift)", () => {
    const report = (statuses: Record<string, number>, open: object[] = []) => {
      sandbox.tool("gh", GH);
      for (const [stack, status] of Object.entries(statuses)) {
        sandbox.write(`report/${stack}.status`, `${status}\n`);
        sandbox.write(`report/${stack}.txt`, "what differs\n~~~~~~\n@octocat\n");
      }
      const env = { FAKE_LIST: JSON.stringify(open) };
      return sandbox.run("drift/report", "Open, continue or close the issues", env);
    };
    const ISSUES = "repos/acme/service/issues";

    it("does nothing when nothing has drifted and no issue is open", async () => {
      expect(changes(await report({ staging: 0, production: 0 }))).to.be.empty;
    });

    it("opens an issue with what differs, and lets nothing out of its fence", async () => {
      const result = await report({ staging: 7, production: 0 });
      expect(changes(result)).to.deep.equal([
        `POST ${ISSUES} -f title=Drift in staging -F body=@body.md`,
      ]);
      const body = sandbox.read("last-body.txt");
      expect(body).to.include("no longer holds").and.include("what differs");
      expect(body.match(/^~~~~~~$/gm)).to.have.length(2);
    });

    it("continues its own open issue, never a person's or a pull request", async () => {
      const title = "Drift in production";
      const result = await report({ staging: 0, production: 7 }, [
        { number: 1, title, user: { login: "mallory" } },
        { number: 2, title, ...BOT, pull_request: {} },
        { number: 3, title, ...BOT },
      ]);
      expect(changes(result)).to.deep.equal([`POST ${ISSUES}/3/comments -F body=@body.md`]);
    });

    it("closes the issue when the drift is gone", async () => {
      const open = [{ number: 3, title: "Drift in staging", ...BOT }];
      const requests = changes(await report({ staging: 0, production: 0 }, open));
      expect(requests).to.have.length(2);
      expect(requests[1]).to.equal(`PATCH ${ISSUES}/3 -f state=closed`);
    });

    it("says so when it could not be told", async () => {
      const result = await report({ staging: 0, production: 255 });
      expect(changes(result)).to.have.length(1);
      expect(sandbox.read("last-body.txt")).to.include("could not be told");
      // A job that ended before it wrote anything is no good news either.
      expect(changes(await report({}))).to.not.be.empty;
    });
  });

  describe("Open, continue or close the issue (deploy)", () => {
    const notify = (states: [string, string, string], open: object[] = []) => {
      const [STAGING, PLAN, PRODUCTION] = states;
      const TITLE = "A deploy has failed";
      return sandbox
        .tool("gh", GH)
        .run("deploy/notify", "Open, continue or close the issue", {
          STAGING,
          PLAN,
          PRODUCTION,
          TITLE,
          FAKE_LIST: JSON.stringify(open),
        })
        .then(changes);
    };
    const open = [{ number: 5, title: "A deploy has failed", ...BOT }];

    it("opens an issue for a failure anywhere, once", async () => {
      const [first] = await notify(["success", "success", "failure"]);
      expect(first).to.match(/^POST repos\/acme\/service\/issues -f title=A deploy has failed/);
      expect(first).to.include("actions/runs/42");
      const [again, ...more] = await notify(["failure", "skipped", "skipped"], open);
      expect(again).to.match(/^POST repos\/acme\/service\/issues\/5\/comments /);
      expect(more).to.be.empty;
    });

    it("closes it after a success, also of a run that had nothing for production", async () => {
      for (const production of ["success", "skipped"]) {
        const requests = await notify(["success", "success", production], open);
        expect(requests.at(-1)).to.equal("PATCH repos/acme/service/issues/5 -f state=closed");
      }
    });

    it("does nothing after a cancelled run, and nothing when all is well", async () => {
      expect(await notify(["success", "success", "cancelled"], open)).to.be.empty;
      expect(await notify(["cancelled", "skipped", "skipped"], open)).to.be.empty;
      expect(await notify(["success", "success", "success"])).to.be.empty;
    });
  });

  describe("Write the comment (pull request)", () => {
    const MARKER = "<!-- plans of the stacks -->";
    const comment = (comments: object[] = []) =>
      sandbox
        .tool("gh", GH)
        .run("pull-request/comment", "Write the comment", {
          MARKER,
          NUMBER: "9",
          COMMIT: "abcdef0123",
          FAKE_LIST: JSON.stringify(comments),
        })
        .then(changes);

    it("shows the account's preview where there is one, else the offline plan", async () => {
      sandbox.write("report/plan-staging.txt", "offline staging");
      sandbox.write("report/preview-staging.txt", "real staging");
      sandbox.write("report/plan-production.txt", "offline production");
      const [request] = await comment();
      expect(request).to.match(/^POST repos\/acme\/service\/issues\/9\/comments /);
      const body = sandbox.read("last-body.txt");
      expect(body).to.match(new RegExp(`^${MARKER}`));
      expect(body).to.include("real staging").and.include("offline production");
      expect(body).not.to.include("offline staging");
    });

    it("overwrites its own comment, never a person's that begins alike", async () => {
      const [request] = await comment([
        { id: 1, body: `${MARKER} mine`, user: { login: "mallory" } },
        { id: 2, body: "something else", ...BOT },
        { id: 3, body: `${MARKER} old`, ...BOT },
      ]);
      expect(request).to.match(/^PATCH repos\/acme\/service\/issues\/comments\/3 /);
    });

    it("keeps below GitHub's limit, and keeps the totals at the end", async () => {
      for (const stack of ["staging", "production"]) {
        sandbox.write(`report/plan-${stack}.txt`, `${"x".repeat(100_000)}\nTOTALS of ${stack}`);
      }
      await comment();
      const body = sandbox.read("last-body.txt");
      expect(body.length).to.be.below(65_536);
      expect(body).to.include("TOTALS of staging").and.include("TOTALS of production");
    });

    it("says so when there is no plan, and lets nothing out of its fence", async () => {
      sandbox.write("report/plan-staging.txt", "~~~~~~\n@octocat\n");
      await comment();
      const body = sandbox.read("last-body.txt");
      expect(body).to.include("No plan was made");
      expect(body.match(/^~~~~~~$/gm)).to.have.length(4);
    });
  });

  describe("Plan without an account (pull request)", () => {
    const env = { REPORT: "plan-staging", STACK: "staging" };

    it("compares with the base branch as it was merged, and keeps the text", async () => {
      sandbox.tool("npm", "echo 'the plan'");
      const { calls } = await sandbox.run("pull-request/plan", "Plan without an account", env);
      expect(calls[0]?.slice(-4)).to.deep.equal(["--stack", "staging", "--against", "HEAD^1"]);
      expect(sandbox.read("report/plan-staging.txt")).to.equal("the plan\n");
    });

    it("fails when the plan fails, and the summary says so", async () => {
      sandbox.tool("npm", "echo 'what is wrong'; exit 1");
      const { exitCode } = await sandbox.run("pull-request/plan", "Plan without an account", env);
      expect(exitCode).to.equal(1);
      const { summary } = await sandbox.run("pull-request/plan", "Write the summary", {
        ...env,
        HEADING: "Plan",
        OUTCOME: "failure",
      });
      expect(summary).to.include("what is wrong").and.include("did not succeed");
    });
  });

  it("Preview (pull request) masks the account in the text for the comment, and fails as the engine does", async () => {
    sandbox.tool("pulumi", `echo "arn:aws:sqs:eu-west-1:111111111111:q"; exit 4`);
    const { exitCode } = await sandbox.run("pull-request/preview", "Preview", {
      REPORT: "preview-production",
      ACCOUNT: "111111111111",
    });
    expect(exitCode).to.equal(4);
    expect(sandbox.read("report/preview-production.txt")).to.include(":************:q");
  });
});
