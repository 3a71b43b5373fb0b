import { expect } from "chai";
import {
  type Facts,
  isNews,
  JOB_NAMES,
  JOBS,
  type JobId,
  type JobResult,
  lastLines,
  markdownOf,
  outcomeOf,
  reasonIn,
  textOf,
} from "../../../ops/pipeline/outcome.ts";

const run = {
  repository: "acme/orders",
  id: "42",
  url: "https://github.com/acme/orders/actions/runs/42",
  commit: "0123456789abcdef",
  actor: "octocat",
};

type Changes = Partial<Record<JobId, Partial<JobResult>>>;

/** A run in which all went well but for the changes. */
function facts(changes: Changes, more: Partial<Facts> = {}): Facts {
  const needs = Object.fromEntries(
    JOBS.map((job) => [
      job,
      { result: "success", outputs: {}, ...changes[job] } satisfies JobResult,
    ]),
  ) as Record<JobId, JobResult>;
  return {
    run,
    needs,
    jobs: JOBS.map((job, index) => ({
      id: 100 + index,
      name: JOB_NAMES[job],
      conclusion: needs[job].result,
      html_url: "",
      steps: [{ name: "Release", conclusion: needs[job].result }],
    })),
    approvals: [],
    head: run.commit,
    log: "",
    deployMode: "after-approval",
    ...more,
  };
}

const SKIPPED = { result: "skipped" } as const;
const after = (job: JobId): Changes =>
  Object.fromEntries(JOBS.slice(JOBS.indexOf(job) + 1).map((one) => [one, SKIPPED]));
const state = (changes: Changes, more?: Partial<Facts>) => outcomeOf(facts(changes, more)).state;
const sentence = (changes: Changes, more?: Partial<Facts>) =>
  outcomeOf(facts(changes, more)).sentence;

describe("what became of a deploy", () => {
  // AWS's messages, as public records of real deployments have them.
  for (const [message, meaning, command] of [
    [
      "error: updating Lambda Function (orders) concurrency: InvalidParameterValueException: Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
      "reservedConcurrency is more than the account has left: AWS keeps 100 calls",
      "service-quotas",
    ],
    [
      "error: InvalidParameterValueException: Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [10].",
      "provisionedConcurrency is more than the account has left: AWS keeps 10 calls",
      "service-quotas",
    ],
    [
      "error: InvalidParameterValueException: Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
      "more environments were to be kept warm than reservedConcurrency lets run",
      "npm run doctor -- --stack staging",
    ],
    [
      "error: InvalidParameterValueException: Alias with weights can not be used with Provisioned Concurrency",
      "a release is shifting traffic",
      "npm run release -- --stack staging --follow",
    ],
    [
      "error: creating Application AutoScaling Target: ValidationException: Unable to assume IAM role: arn:aws:iam::123456789012:role/aws-service-role/lambda.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency",
      "the account has no role yet by which AWS scales",
      "aws iam create-service-linked-role --aws-service-name lambda.application-autoscaling.amazonaws.com",
    ],
  ] as const) {
    it(`explains ${message.slice(0, 60)}…`, () => {
      const log = `2026-11-25T10:00:00.0Z ${message}\n2026-11-25T10:00:01.0Z ##[error]Process completed with exit code 255.`;
      const found = outcomeOf(facts({ staging: { result: "failure" } }, { log }));
      expect(found.sentence).to.contain(meaning).and.not.contain("\n");
      expect(found.command).to.contain(command);
      // What AWS said stays below it.
      expect(found.lines.join("\n")).to.contain(message);
    });
  }

  it("is deployed, and says how far", () => {
    expect(sentence({})).to.equal("Staging and production have this commit.");
    expect(sentence({ production: SKIPPED, "production-plan": SKIPPED })).to.match(/not set up/);
    const planned = (changes: string) => ({
      production: SKIPPED,
      "production-plan": { outputs: { changes } },
    });
    expect(sentence(planned("false"))).to.match(/nobody was asked/);
    expect(sentence(planned("true"), { deployMode: "by-hand" })).to.match(/deployed by hand/);
    expect(state(planned("true"), { deployMode: "" })).to.equal("deployed");
  });

  const rejected = { state: "rejected", comment: "not\ntoday", user: { login: "hubot" } };

  it("tells a rejection, with its name and comment, from a failure", () => {
    const failed = { production: { result: "failure" } } as const;
    const outcome = outcomeOf(facts(failed, { approvals: [rejected] }));
    expect(outcome.state).to.equal("rejected");
    expect(outcome.sentence).to.match(/^hubot rejected the deployment of production: not today\./);
    // Rejected once, approved when it was started again, and then failed.
    const started = { production: { result: "failure", outputs: { started: "true" } } } as const;
    expect(state(started, { approvals: [rejected] })).to.equal("failed");
    // An environment that refuses the branch.
    const jobs = [{ id: 1, name: JOB_NAMES.production, conclusion: "failure", html_url: "" }];
    expect(sentence(failed, { jobs })).to.match(/rules of its environment/);
  });

  it("names the job, the step, the reason and the command of a failure", () => {
    const changes: Changes = {
      staging: { result: "failure", outputs: { reason: "rolled back: alarms are red" } },
      ...after("staging"),
    };
    const outcome = outcomeOf(
      facts(changes, { log: "one\n##[error]Process completed with exit code 1." }),
    );
    expect(outcome.sentence).to.equal(
      'Deploy staging, step "Release": rolled back: alarms are red',
    );
    expect(outcome.command).to.equal("gh run view 42 --repo acme/orders --log-failed");
    expect(outcome.lines).to.deep.equal(["one", "Process completed with exit code 1."]);
    const tests = outcomeOf(facts({ check: { result: "failure" }, ...after("build") }));
    expect(tests.command).to.equal("npm test");
  });

  it("says something also where GitHub tells nothing", () => {
    const outcome = outcomeOf(
      facts({ staging: { result: "failure" }, ...after("staging") }, { jobs: [], head: undefined }),
    );
    expect(outcome.sentence).to.equal("Deploy staging: its log says why");
  });

  it("tells a run whose turn a newer one took from one that a person stopped", () => {
    const cancelled: Changes = { check: { result: "cancelled" }, ...after("build") };
    expect(state(cancelled, { head: "fedcba98" })).to.equal("superseded");
    expect(sentence(cancelled, { head: "fedcba98" })).to.include("the branch is at fedcba9");
    expect(state(cancelled)).to.equal("cancelled");
    const touched: Changes = {
      production: { result: "cancelled", outputs: { up: "cancelled" } },
    };
    expect(state(touched, { head: "fedcba98" })).to.equal("cancelled");
    expect(sentence(touched)).to.include("while it ran");
    // Production's turn goes to the newest; the one that waited was never asked.
    expect(state({ production: { result: "cancelled" } }, { head: "fedcba98" })).to.equal(
      "superseded",
    );
  });

  it("passes on what a job says of itself, with the next command", () => {
    const says = (said: string) => ({ outputs: { state: said, sentence: `It is ${said}.` } });
    const begun = { begin: says("not set up"), ...after("begin") };
    expect(outcomeOf(facts(begun))).to.deep.include({
      state: "not set up",
      sentence: "It is not set up.",
      command: "npm run bootstrap -- --stack staging",
    });
    const production = facts({ production: says("out of date") });
    expect(outcomeOf(production)).to.deep.include({
      state: "out of date",
      command: `gh run rerun --repo acme/orders --job ${100 + JOBS.indexOf("production-plan")}`,
    });
    const old = outcomeOf(facts({ staging: says("out of date"), ...after("staging") }));
    expect(old).not.to.have.property("command");
    for (const [job, stack] of [
      ["staging", "staging"],
      ["production-plan", "production"],
    ] as const) {
      const outcome = outcomeOf(facts({ [job]: says("needs an administrator"), ...after(job) }));
      expect(outcome.command).to.equal(`npm run identity -- --stack ${stack}`);
    }
  });

  it("troubles nobody with what is normal", () => {
    const news = (outcome: string) => isNews({ state: outcome as never, sentence: "", lines: [] });
    for (const one of ["not set up", "other branch", "superseded", "cancelled"]) {
      expect(news(one), one).to.equal(false);
    }
    for (const one of ["deployed", "failed", "needs an administrator", "rejected", "out of date"]) {
      expect(news(one), one).to.equal(true);
    }
  });

  describe("its message", () => {
    const outcome = {
      state: "failed",
      sentence: "it <b>broke</b> @everyone",
      command: "npm test",
      lines: ["~~~~~~", "last"],
    } as const;

    it("has state, reason, commit, last lines and the next command", () => {
      const text = markdownOf(outcome, run);
      expect(text).to.match(/^\*\*Failed\*\*: it &lt;b>broke&lt;\/b> &#64;everyone\n/);
      expect(text).to.include("Commit 0123456 by octocat, [run 42](https://github.com/");
      expect(text).to.include("~ ~ ~~ ~ ~\nlast\n~~~~~~\n").and.include("Next: `npm test`");
      expect(text.match(/^~~~~~~$/gm)).to.have.length(2);
    });

    it("is short for a channel", () => {
      const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
      expect(textOf({ ...outcome, lines }, run).split("\n")).to.have.length(8);
    });
  });

  describe("the log of a job", () => {
    const log = [
      "\uFEFF2026-11-25T10:00:00.0000000Z ##[group]Run npm test",
      "2026-11-25T10:00:00.1000000Z ##[endgroup]",
      "2026-11-25T10:00:01.0000000Z \u001B[31merror:\u001B[0m alarms are red; wait",
      "2026-11-25T10:00:01.1000000Z ",
      "2026-11-25T10:00:02.0000000Z ##[error]Process completed with exit code 1.",
      "2026-11-25T10:00:03.0000000Z Post job cleanup.",
    ].join("\r\n");

    it("is read without times, colours and marks, up to the first error", () => {
      expect(lastLines(log)).to.deep.equal([
        "error: alarms are red; wait",
        "Process completed with exit code 1.",
      ]);
      expect(reasonIn(log)).to.equal("error: alarms are red; wait");
    });

    it("may be empty", () => {
      expect([lastLines(""), reasonIn("")]).to.deep.equal([[], ""]);
    });
  });
});
