import { createHash } from "node:crypto";
import { expect } from "chai";
import { missingTools, type Result, Sandbox } from "./support/run-step.ts";
import { JOBS } from "./support/workflows.ts";

/**
 * Answers a question about the repository with `$FAKE_REPOSITORY`, one about the branch with `$FAKE_HEAD`, and one for
 * a list with `$FAKE_LIST`; keeps the text of a body that a file holds.
 */
const GH = `
for argument in "$@"; do
  case "$argument" in body=@*) cp "\${argument#body=@}" last-body.txt ;; esac
done
if [[ " $* " == *" --method "* ]]; then exit 0; fi
REPOSITORY='{"has_issues": true}'
case "$*" in
  *"git/ref/heads/"*) echo '{"object": {"sha": "'"$FAKE_HEAD"'"}}' | jq --raw-output "\${!#}" ;;
  *"repos/acme/service --jq"*) jq --raw-output "\${!#}" <<< "\${FAKE_REPOSITORY:-$REPOSITORY}" ;;
  *) jq --raw-output "\${!#}" <<< "$FAKE_LIST" ;;
esac`;
const NO_ISSUES = { FAKE_REPOSITORY: '{"has_issues": false}' };
/** The commit of the sandbox's run. */
const COMMIT = "0123456789abcdef";

const BOT = { user: { login: "github-actions[bot]" } };

/** A plan as the engine saves it. */
const SAVED_PLAN = {
  resourcePlans: {
    "urn:pulumi:production::ledger::ledger:infra:Function$aws:lambda/function:Function::function": {
      steps: ["update"],
      goal: { type: "aws:lambda/function:Function", inputDiff: { updates: { memorySize: 256 } } },
    },
  },
};

/** A plan as `npm run preview -- --json` prints it. */
const OFFLINE_PLAN = {
  resources: [
    {
      op: "replace",
      urn: "urn:pulumi:staging::ledger::aws:lambda/function:Function::function",
      changes: [{ path: "memorySize", before: 128, after: 256 }],
    },
  ],
};

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

  describe("Find out whether this run has anything to do", () => {
    const begin = (env: object) =>
      sandbox.tool("gh", GH).run("deploy/begin", "Find out whether this run has anything to do", {
        GITHUB_REF: "refs/heads/trunk",
        DEFAULT_BRANCH: "trunk",
        STAGING_ROLE: "arn:aws:iam::111111111111:role/r",
        FAKE_HEAD: COMMIT,
        ...env,
      });

    it("goes on for the newest commit of the default branch, whatever its name", async () => {
      expect((await begin({})).outputs).to.equal("go=true\n");
    });

    for (const [what, env, state, words] of [
      [
        "another branch",
        { GITHUB_REF: "refs/heads/feature/x" },
        "other branch",
        "started on feature/x",
      ],
      ["a repository that is not set up", { STAGING_ROLE: "" }, "not set up", "npm run bootstrap"],
      [
        "a commit that is no longer the newest",
        { FAKE_HEAD: "fedcba9876" },
        "out of date",
        "trunk is at fedcba9",
      ],
    ] as const) {
      it(`leaves ${what} with one sentence, and is not red`, async () => {
        const { exitCode, outputs, summary, output } = await begin(env);
        expect(exitCode).to.equal(0);
        expect(outputs).to.match(new RegExp(`^go=false\\nstate=${state}\\nsentence=`));
        expect(summary.trim().split("\n")).to.have.length(1);
        expect(summary).to.include(words);
        expect(output).to.include("::notice title=Nothing was deployed::");
      });
    }

    it("fails when GitHub does not say where the branch is", async () => {
      sandbox.tool("gh", "exit 1");
      const env = { GITHUB_REF: "refs/heads/trunk", DEFAULT_BRANCH: "trunk", STAGING_ROLE: "r" };
      const name = "Find out whether this run has anything to do";
      expect((await sandbox.run("deploy/begin", name, env)).exitCode).to.equal(1);
    });
  });

  describe("Check that it is what this run has built", () => {
    const check = (MANIFEST_SHA256: string) =>
      sandbox
        .write("artifact/manifest.json", "{}\n")
        .run("deploy/production", "Check that it is what this run has built", { MANIFEST_SHA256 });

    it("passes the manifest of the build, and nothing else", async () => {
      const sha256 = createHash("sha256").update("{}\n").digest("hex");
      expect((await check(sha256)).exitCode).to.equal(0);
      for (const other of ["0".repeat(64), "", "sha256"]) {
        const { exitCode, output } = await check(other);
        expect(exitCode, other).to.equal(1);
        expect(output).to.include("nothing was touched");
      }
    });
  });

  describe("Make the plan that will be applied", () => {
    const STATE = { version: 3, deployment: { resources: [{ urn: "u", inputs: { a: 1 } }] } };
    const plan = (previewStatus = 0) =>
      sandbox
        .tool(
          "pulumi",
          `case "$1" in
             stack) cat state.json ;;
             preview) cp planned.json plan/plan.json; echo "the plan"; exit ${previewStatus} ;;
           esac`,
        )
        .real("node", "ops/pipeline")
        .write("state.json", JSON.stringify(STATE))
        .write("planned.json", JSON.stringify(SAVED_PLAN))
        .run("deploy/production-plan", "Make the plan that will be applied");

    it("says what changes, to the reviewer and to the jobs that follow", async () => {
      const { exitCode, outputs } = await plan();
      expect(exitCode).to.equal(0);
      expect(outputs).to.equal("changes=true\nidentity=false\n");
      expect(sandbox.read("plan.md")).to.match(/### Plan of production: 1 to update/);
    });

    it("fails when the preview fails, and says nothing about changes", async () => {
      const { exitCode, outputs } = await plan(4);
      expect(exitCode).to.equal(4);
      expect(outputs).to.equal("");
    });

    it("makes a fingerprint that holds until a resource or an input moves", async () => {
      await plan();
      const check = async (state: object, status = 0) => {
        const result = await sandbox
          .tool("pulumi", `cat state.json; exit ${status}`)
          .write("state.json", JSON.stringify(state))
          .write("outputs.txt", "")
          .run("deploy/production", "Check that production has not moved since the plan");
        return result;
      };
      expect((await check(STATE)).outputs).to.equal("");
      // An update without a change writes new times.
      expect((await check({ ...STATE, manifest: { time: "later" } })).outputs).to.equal("");
      const moved = await check({
        version: 3,
        deployment: { resources: [{ urn: "u", inputs: { a: 2 } }] },
      });
      expect(moved.exitCode).to.equal(0);
      expect(moved.outputs).to.match(/^state=out of date\nsentence=.*nothing was touched/);
      expect((await check(STATE, 1)).exitCode).to.equal(1);
    });
  });

  describe("Check that this may be applied (staging)", () => {
    const guard = (env: object) =>
      sandbox
        .tool("gh", GH)
        .write("plan.md", "the table\n")
        .write("outputs.txt", "")
        .run("deploy/staging", "Check that this may be applied", {
          STACK: "staging",
          DEFAULT_BRANCH: "trunk",
          FAKE_HEAD: COMMIT,
          IDENTITY: "false",
          ...env,
        });

    it("passes the newest commit that changes nothing of CI's rights", async () => {
      expect((await guard({})).outputs).to.equal("");
    });

    it("stops a run that was started again for an old commit", async () => {
      const { exitCode, outputs } = await guard({ FAKE_HEAD: "fedcba98" });
      expect(exitCode).to.equal(0);
      expect(outputs).to.match(/^state=out of date\n/);
    });

    it("leaves a change of CI's own rights to an administrator, with the command and the changes", async () => {
      const { exitCode, outputs, summary } = await guard({ IDENTITY: "true" });
      expect(exitCode).to.equal(0);
      expect(outputs).to.match(
        /^state=needs an administrator\n.*npm run identity -- --stack staging/,
      );
      expect(summary).to.include("the table");
    });
  });

  describe("Show it to the reviewer", () => {
    const show = async (env: object) => {
      const result = await sandbox
        .write("plan.md", "the table\n")
        .write("outputs.txt", "")
        .run("deploy/production-plan", "Show it to the reviewer", {
          CHANGES: "true",
          IDENTITY: "false",
          DEPLOY_PRODUCTION: "after-approval",
          GITHUB_EVENT_NAME: "push",
          ...env,
        });
      expect(result.exitCode).to.equal(0);
      expect(result.summary).to.include("the table");
      return result;
    };

    it("says what an approval does, and what happens without one", async () => {
      expect((await show({})).summary).to.include("Approving the deployment applies exactly this");
      expect((await show({ CHANGES: "false" })).summary).to.include("nobody is asked");
      for (const DEPLOY_PRODUCTION of ["by-hand", ""]) {
        expect((await show({ DEPLOY_PRODUCTION })).summary).to.include("deployed by hand");
      }
    });

    it("stops before the approval where an administrator is needed", async () => {
      const { outputs } = await show({ IDENTITY: "true" });
      expect(outputs).to.match(
        /^state=needs an administrator\n.*npm run identity -- --stack production/,
      );
      expect((await show({})).outputs).to.equal("");
    });
  });

  it("Say where it is links to the alias in the console of the region", async () => {
    sandbox.tool("pulumi", "echo ledger-function-production");
    const at = async (AWS_REGION: string) => {
      const { outputs } = await sandbox
        .write("outputs.txt", "")
        .run("deploy/production", "Say where it is", { AWS_REGION });
      return outputs;
    };
    expect(await at("eu-west-1")).to.equal(
      "url=https://eu-west-1.console.aws.amazon.com/lambda/home?region=eu-west-1#/functions/ledger-function-production/aliases/live\nstate=deployed\n",
    );
    expect(await at("cn-north-1")).to.include("console.amazonaws.cn/");
    expect(await at("us-gov-west-1")).to.include("console.amazonaws-us-gov.com/");
  });

  it("Write the summary hands on why a release has failed, in one line", async () => {
    sandbox.write("temp/release.json", JSON.stringify({ summary: "rolled back: it\nfailed" }));
    const env = { UP: "success", RELEASE: "failure", SMOKE: "skipped", ROLLBACK: "skipped" };
    const { outputs } = await sandbox.run("deploy/production", "Write the summary", env);
    expect(outputs.trim()).to.equal("reason=rolled back: it failed");
  });

  it("Write the summary hands on why a function has failed", async () => {
    const fault = "function reports: rolled back: it\nfailed; not reached: exports";
    sandbox.write("temp/functions.json", JSON.stringify({ fault }));
    const env = { UP: "success", RELEASE: "success", SMOKE: "success", FUNCTIONS: "failure" };
    const { outputs } = await sandbox.run("deploy/production", "Write the summary", env);
    expect(outputs.trim()).to.equal(`reason=${fault.replace("\n", " ")}`);
  });

  it("Release passes the words of a person on as one argument each", async () => {
    sandbox.tool("node", "echo '{}'");
    const reason = '$(touch broken); "quoted" `x`';
    const env = { RETRY: "true", REASON: reason };
    const { calls } = await sandbox.run("deploy/production", "Release", env);
    const options = ["--yes", "--json", "--time-limit", "38", "--retry", "--reason", reason];
    expect(calls).to.deep.equal([["node", "ops/release.ts", "--stack", "production", ...options]]);
    expect(sandbox.read("temp/release.json")).to.equal("{}\n");
    const plain = { RETRY: "", REASON: "" };
    const pushed = await sandbox.run("deploy/production", "Release", plain);
    expect(pushed.calls[0]?.slice(2, 6)).to.deep.equal([
      "--stack",
      "production",
      "--yes",
      "--json",
    ]);
    expect(pushed.calls[0]).not.to.include("--retry");
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

  it("Release the other functions passes the words of a person on as one argument each", async () => {
    sandbox.tool("node", "echo '{}'");
    const reason = '$(touch broken); "quoted"';
    const env = { RETRY: "true", REASON: reason };
    const { calls } = await sandbox.run("deploy/production", "Release the other functions", env);
    const options = ["--stack", "production", "--time-limit", "43", "--retry", "--reason", reason];
    expect(calls).to.deep.equal([["node", "ops/pipeline/release-functions.ts", ...options]]);
    expect(sandbox.read("temp/functions.json")).to.equal("{}\n");
  });

  it("Roll back an unfinished function goes back only where there is no report", async () => {
    const name = "Roll back an unfinished function";
    sandbox.tool("node").write("temp/functions.json", "");
    const { calls } = await sandbox.run("deploy/production", name, {});
    expect(calls.map((args) => args.join(" "))).to.deep.equal([
      "node ops/pipeline/release-functions.ts --stack production --unfinished",
    ]);
    sandbox.write("temp/functions.json", '{"fault":"function reports: inconclusive"}');
    expect((await sandbox.run("deploy/production", name, {})).calls).to.deep.equal([]);
  });

  it("Roll back passes the version and the function only when they are given", async () => {
    sandbox.tool("node");
    const roll = async (to: string, ofFunction = "") => {
      const env = { TO: to, FUNCTION: ofFunction, REASON: "bad; news" };
      const { calls } = await sandbox.run("rollback/rollback", "Roll back", env);
      return calls[0]?.slice(2).join("|");
    };
    const common = "--stack|production|--yes|--reason|bad; news (@octocat, run 42)|--json";
    expect(await roll("")).to.equal(common);
    expect(await roll("7 --stack staging")).to.equal(`${common}|--to|7 --stack staging`);
    expect(await roll("", "reports --yes")).to.equal(`${common}|--function|reports --yes`);
  });

  describe("Compare (drift)", () => {
    for (const status of [0, 7, 255]) {
      it(`ends with the engine's exit status ${status} and keeps it for the report`, async () => {
        sandbox.tool("pulumi", `echo "arn:aws:sqs:eu-west-1:111111111111:q"; exit ${status}`);
        const env = { AWS_ACCOUNT_ID: "111111111111" };
        const { exitCode, summary, calls } = await sandbox.run("drift/production", "Compare", env);
        expect(exitCode).to.equal(status);
        expect(sandbox.read("report/production.status")).to.equal(`${status}\n`);
        expect(sandbox.read("report/production.txt")).to.include("eu-west-1:************:q");
        expect(summary).to.include(`Drift of production: exit status ${status}`);
        expect(calls[0]).to.include.members(["refresh", "--preview-only", "--expect-no-changes"]);
      });
    }
  });

  describe("Open, continue or close the issues (drift)", () => {
    const report = (statuses: Record<string, number>, open: object[] = [], more: object = {}) => {
      sandbox.tool("gh", GH);
      for (const [stack, status] of Object.entries(statuses)) {
        sandbox.write(`report/${stack}.status`, `${status}\n`);
        sandbox.write(`report/${stack}.txt`, "what differs\n~~~~~~\n@octocat\n");
      }
      const ran = (stack: string) => (stack in statuses ? "success" : "skipped");
      const env = {
        FAKE_LIST: JSON.stringify(open),
        STAGING: ran("staging"),
        PRODUCTION: ran("production"),
        ...more,
      };
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

    it("says so when it is not known", async () => {
      // A job that ended before it wrote anything is no good news either.
      expect(changes(await report({}, [], { STAGING: "failure" }))).to.have.length(1);
      const result = await report({ staging: 0, production: 255 });
      expect(changes(result)).to.have.length(1);
      expect(sandbox.read("last-body.txt")).to.include("is not known");
    });

    it("reports the one stack that is set up, and nothing of the other", async () => {
      expect(changes(await report({ staging: 0 }))).to.be.empty;
      const [request, ...more] = changes(await report({ staging: 7 }));
      expect(request).to.include("Drift in staging");
      expect(more).to.be.empty;
    });

    it("says where to look in a repository without issues, and is not red", async () => {
      const result = await report({ staging: 7 }, [], NO_ISSUES);
      expect(result.exitCode).to.equal(0);
      expect(changes(result)).to.be.empty;
      expect(result.output).to.include("has no issues");
    });
  });

  describe("Open, continue or close the issue (deploy)", () => {
    const TITLE = "A deploy needs somebody";
    const open = [{ number: 5, title: TITLE, ...BOT }];
    const keep = (STATE: string, list: object[] = [], more: object = {}) =>
      sandbox.tool("gh", GH).run("deploy/issue", "Open, continue or close the issue", {
        STATE,
        TITLE,
        MARKDOWN: "**Failed**: it broke",
        FAKE_LIST: JSON.stringify(list),
        ...more,
      });

    for (const state of ["failed", "needs an administrator"]) {
      it(`opens an issue when a deploy ${state}, once, with the message`, async () => {
        expect(changes(await keep(state))).to.deep.equal([
          `POST repos/acme/service/issues -f title=${TITLE} -F body=@body.md`,
        ]);
        expect(sandbox.read("last-body.txt")).to.equal("**Failed**: it broke");
        expect(changes(await keep(state, open))).to.deep.equal([
          "POST repos/acme/service/issues/5/comments -F body=@body.md",
        ]);
      });
    }

    it("closes it after a success", async () => {
      expect(changes(await keep("deployed", open)).at(-1)).to.equal(
        "PATCH repos/acme/service/issues/5 -f state=closed",
      );
    });

    it("does nothing of what is neither, and nothing when all is well", async () => {
      for (const state of ["rejected", "out of date"]) {
        expect(changes(await keep(state, open)), state).to.be.empty;
      }
      expect(changes(await keep("deployed"))).to.be.empty;
    });

    it("takes no person's issue for its own", async () => {
      const theirs = [{ number: 1, title: TITLE, user: { login: "mallory" } }];
      expect(changes(await keep("deployed", theirs))).to.be.empty;
    });

    it("says so in a repository without issues, and is not red", async () => {
      const result = await keep("failed", [], NO_ISSUES);
      expect(result.exitCode).to.equal(0);
      expect(changes(result)).to.be.empty;
      expect(result.output).to.include("configure a channel");
    });
  });

  describe("Post the message (Slack)", () => {
    const post = (env: object) =>
      sandbox.tool("curl", "cat > posted.json").run("deploy/slack", "Post the message", {
        TEXT: 'failed <!channel> & "more"\nline 2',
        WEBHOOK: "https://hooks.slack.com/services/T/B/secret",
        ...env,
      });

    it("posts the text as text, and shows the webhook to no list of processes", async () => {
      const { exitCode, calls } = await post({});
      expect(exitCode).to.equal(0);
      expect(JSON.parse(sandbox.read("posted.json"))).to.deep.equal({
        text: 'failed &lt;!channel&gt; &amp; "more"\nline 2',
      });
      expect(calls[0]?.join(" ")).not.to.include("hooks.slack.com");
    });

    it("fails where the webhook is missing, and where Slack refuses", async () => {
      const missing = await post({ WEBHOOK: "" });
      expect(missing.exitCode).to.equal(1);
      expect(missing.output).to.include("gh secret set SLACK_WEBHOOK_URL --env notifications");
      sandbox.tool("curl", "exit 22");
      const env = { TEXT: "x", WEBHOOK: "https://hooks.slack.com/x" };
      expect((await sandbox.run("deploy/slack", "Post the message", env)).exitCode).to.equal(22);
    });
  });

  it("Publish the message (SNS) keeps the subject within its limit", async () => {
    sandbox.tool("aws");
    const { calls } = await sandbox.run("deploy/sns", "Publish the message", {
      GITHUB_REPOSITORY: `acme/${"x".repeat(120)}`,
      STATE: "failed",
      TEXT: "what happened",
      TOPIC: "arn:aws:sns:eu-west-1:111111111111:t",
    });
    const [, ...args] = calls[0] ?? [];
    expect(args[args.indexOf("--subject") + 1]).to.have.length(100);
    expect(args[args.indexOf("--message") + 1]).to.equal("what happened");
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
    const reportOf = (kind: string, stack: string) =>
      sandbox
        .write(`report/${kind}-${stack}.row`, `| ${stack} | 0 | 0 | 1 | 2 |\n`)
        .write(`report/${kind}-${stack}.md`, `${kind} of ${stack}\n`);

    it("has one table, and shows the account's preview where there is one", async () => {
      reportOf("plan", "staging");
      reportOf("preview", "staging");
      reportOf("plan", "production");
      const [request] = await comment();
      expect(request).to.match(/^POST repos\/acme\/service\/issues\/9\/comments /);
      const body = sandbox.read("last-body.txt");
      expect(body).to.match(new RegExp(`^${MARKER}\nPlans for abcdef0`));
      expect(body).to.include(
        "| stack | replace | delete | create | update |\n| --- | ---: | ---: | ---: | ---: |\n| staging | 0 | 0 | 1 | 2 |\n| production | 0 | 0 | 1 | 2 |\n",
      );
      expect(body).to.include("preview of staging").and.include("plan of production");
      expect(body).not.to.include("plan of staging");
    });

    it("overwrites its own comment, never a person's that begins alike", async () => {
      const [request] = await comment([
        { id: 1, body: `${MARKER} mine`, user: { login: "mallory" } },
        { id: 2, body: "something else", ...BOT },
        { id: 3, body: `${MARKER} old`, ...BOT },
      ]);
      expect(request).to.match(/^PATCH repos\/acme\/service\/issues\/comments\/3 /);
    });

    it("has the difference in cost of a stack whose cost differs, and nothing of the other", async () => {
      reportOf("plan", "staging");
      reportOf("preview", "production").write("report/cost-production.md", "costs more\n");
      await comment();
      const body = sandbox.read("last-body.txt");
      expect(body).to.match(/preview of production\n\ncosts more\n/);
      expect(body.match(/cost/g)).to.have.length(1);
    });

    it("has first what changed of the contract, where something did", async () => {
      reportOf("plan", "staging").write("report/contract.md", "it breaks\n");
      reportOf("plan", "production");
      await comment();
      expect(sandbox.read("last-body.txt")).to.match(/\n\nit breaks\n[^]*plan of staging/);
    });

    it("keeps below GitHub's limit", async () => {
      sandbox.write("report/contract.md", "x".repeat(100_000));
      for (const stack of ["staging", "production"]) {
        reportOf("plan", stack)
          .write(`report/plan-${stack}.md`, "x".repeat(100_000))
          .write(`report/cost-${stack}.md`, "x".repeat(100_000));
      }
      await comment();
      expect(sandbox.read("last-body.txt").length).to.be.below(65_536);
    });

    it("says so when there is no plan", async () => {
      reportOf("plan", "production");
      await comment();
      expect(sandbox.read("last-body.txt")).to.include("| staging | no plan was made");
    });
  });

  describe("Plan without an account (pull request)", () => {
    const plan = (script: string) =>
      sandbox
        .tool("npm", script)
        .real("node", "ops/pipeline")
        .write("offline.json", JSON.stringify(OFFLINE_PLAN))
        .run("pull-request/plan", "Plan without an account", { STACK: "staging" });

    it("compares with the base branch as it was merged, and keeps row and details", async () => {
      const { calls, summary } = await plan("cat offline.json");
      expect(calls[0]?.slice(-5)).to.deep.equal([
        "--stack",
        "staging",
        "--against",
        "HEAD^1",
        "--json",
      ]);
      expect(summary).to.include("### Plan of staging: 1 to replace");
      expect(sandbox.read("report/plan-staging.row")).to.equal("| staging | **1** | 0 | 0 | 0 |\n");
      expect(sandbox.read("report/plan-staging.md")).to.include("memorySize: 128 → 256");
    });

    it("fails when the plan fails", async () => {
      expect((await plan("exit 1")).exitCode).to.equal(1);
    });
  });

  describe("Estimate the difference in cost (pull request)", () => {
    const REPORT = {
      usage: { requests: 1000, durationMs: 10 },
      difference: {
        lines: [{ resource: "key", what: "key", beforeUsd: 0, afterUsd: 1, usd: 1 }],
        beforeUsd: 2,
        afterUsd: 3,
        usd: 1,
        notPriced: {},
      },
    };
    const cost = (script: string) =>
      sandbox
        .tool("npm", script)
        .real("node", "ops/pipeline")
        .write("printed.json", JSON.stringify(REPORT))
        .write("report/plan-staging.md", "")
        .run("pull-request/plan", "Estimate the difference in cost", { STACK: "staging" });

    it("compares with the base branch as it was merged, without an account", async () => {
      const { calls, summary, exitCode } = await cost("cat printed.json");
      expect(exitCode).to.equal(0);
      expect(calls[0]?.slice(-5)).to.deep.equal([
        "--stack",
        "staging",
        "--against",
        "HEAD^1",
        "--json",
      ]);
      expect(summary).to.include("staging, cost: +$1.00 a month ($2.00 → $3.00)");
      expect(sandbox.read("report/cost-staging.md")).to.include("| +$1.00 | key |");
    });

    it("fails when the estimate fails", async () => {
      expect((await cost("exit 1")).exitCode).to.equal(1);
    });
  });

  describe("Compare with the base branch (pull request)", () => {
    const BROKEN = {
      before: "1.0.0",
      after: "1.0.1",
      outcome: "broken",
      allowedFrom: "2.0.0",
      breaking: [{ operation: "GET /a", what: "is gone" }],
      other: [],
    };
    const compare = (script: string) =>
      sandbox
        .tool("npm", script)
        .real("node", "ops/pipeline")
        .write("printed.json", JSON.stringify(BROKEN))
        .write("same.json", JSON.stringify({ ...BROKEN, outcome: "same", breaking: [] }))
        .run("pull-request/contract", "Compare with the base branch", {});

    it("compares with the base branch as it was merged", async () => {
      const { calls, summary, exitCode } = await compare("cat same.json");
      expect(exitCode).to.equal(0);
      expect(calls[0]?.slice(-4)).to.deep.equal(["--", "--against", "HEAD^1", "--json"]);
      expect(summary).to.include("Contract of the API: no change.");
      expect(sandbox.read("report/contract.md")).to.equal("");
    });

    it("says what breaks, and fails", async () => {
      const { summary, exitCode } = await compare("cat printed.json; exit 1");
      expect(exitCode).to.equal(1);
      for (const text of [summary, sandbox.read("report/contract.md")]) {
        expect(text).to.include("| **breaking** | GET /a | is gone |").and.include("to 2.0.0");
      }
    });

    it("fails where the comparison itself fails", async () => {
      expect((await compare("exit 1")).exitCode).to.equal(1);
    });
  });

  describe("Preview (pull request)", () => {
    it("copies the state without its secrets, in an order that never needs the key", async () => {
      const { exitCode, calls } = await sandbox
        .tool(
          "pulumi",
          `if [[ "$1 $2" == "stack export" ]]; then touch "$RUNNER_TEMP/export.json"; fi; echo "$1 $2 $PULUMI_BACKEND_URL" >> backends.txt`,
        )
        .tool("node")
        .run("pull-request/preview-production", "Copy the state without its secrets", {
          BACKEND_URL: "s3://account",
        });
      expect(exitCode).to.equal(0);
      expect(calls.map((call) => call.slice(0, 3).join(" "))).to.deep.equal([
        "pulumi stack export",
        "node ops/pipeline/redact.ts --stack",
        "pulumi stack init",
        "node ops/pipeline/redact.ts --stack",
        "pulumi stack import",
      ]);
      const [exported, ...others] = sandbox.read("backends.txt").trim().split("\n");
      expect(exported).to.equal("stack export s3://account");
      for (const other of others) expect(other).to.match(/ file:\/\/.*\/temp\/state$/);
      // The one with ciphertext in it is gone.
      expect(sandbox.exists("temp/export.json")).to.equal(false);
    });

    it("masks the account in the text for the comment, and fails as the engine does", async () => {
      const preview = (status: number) =>
        sandbox
          .tool(
            "pulumi",
            `cp planned.json plan.json; echo "arn:aws:sqs:eu-west-1:111111111111:q"; exit ${status}`,
          )
          .real("node", "ops/pipeline")
          .write("planned.json", JSON.stringify(SAVED_PLAN))
          .run("pull-request/preview-production", "Preview", { AWS_ACCOUNT_ID: "111111111111" });
      const { exitCode } = await preview(0);
      expect(exitCode).to.equal(0);
      expect(sandbox.read("report/preview-production.md")).to.include(":************:q");
      sandbox.remove();
      sandbox = new Sandbox();
      expect((await preview(4)).exitCode).to.equal(4);
    });
  });

  it("Say that nothing was rolled back is red: whoever started it waits for it", async () => {
    const { exitCode, output } = await sandbox.run(
      "rollback/begin",
      "Say that nothing was rolled back",
      { GITHUB_REF: "refs/heads/feature", DEFAULT_BRANCH: "trunk" },
    );
    expect(exitCode).to.equal(1);
    expect(output).to.include("started on feature").and.include("Start it again on trunk");
  });
});
