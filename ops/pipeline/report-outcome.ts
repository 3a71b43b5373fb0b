/**
 * For the workflow deploy: asks GitHub what it does not put into a job's context, and says what became of the run.
 * Writes the step's summary, and the outputs `state`, `news`, `markdown` and `text`.
 */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import {
  type ApiJob,
  type Approval,
  isNews,
  JOB_NAMES,
  type JobId,
  type JobResult,
  JOBS,
  markdownOf,
  outcomeOf,
  textOf,
} from "./outcome.ts";

const env = (name: string): string => process.env[name] ?? "";
const repository = env("GITHUB_REPOSITORY");
const runId = env("GITHUB_RUN_ID");

/** Asks GitHub's API. What it does not tell is left out of the message, which must come all the same. */
function ask<T>(path: string, otherwise: T, parse: (text: string) => T): T {
  try {
    const limits = { timeout: 60_000, maxBuffer: 256 * 1024 * 1024 };
    return parse(execFileSync("gh", ["api", `repos/${repository}/${path}`], limits).toString());
  } catch (error) {
    console.error(`not known: ${path}: ${error instanceof Error ? error.message : String(error)}`);
    return otherwise;
  }
}

const needs = JSON.parse(env("NEEDS")) as Record<JobId, JobResult>;
const attempt = `actions/runs/${runId}/attempts/${env("GITHUB_RUN_ATTEMPT")}`;
const jobs = ask<readonly ApiJob[]>(
  `${attempt}/jobs?per_page=100`,
  [],
  (text) => (JSON.parse(text) as { jobs: ApiJob[] }).jobs,
);
const failed = JOBS.find((job) => needs[job].result === "failure");
const failedJob = jobs.find(({ name }) => failed !== undefined && name === JOB_NAMES[failed]);
const run = {
  repository,
  id: runId,
  url: `${env("GITHUB_SERVER_URL")}/${repository}/actions/runs/${runId}`,
  commit: env("GITHUB_SHA"),
  actor: env("GITHUB_ACTOR"),
};
const outcome = outcomeOf({
  run,
  needs,
  jobs,
  approvals: ask<readonly Approval[]>(
    `actions/runs/${runId}/approvals`,
    [],
    (text) => JSON.parse(text) as Approval[],
  ),
  head: ask<string | undefined>(
    `git/ref/heads/${env("DEFAULT_BRANCH")}`,
    undefined,
    (text) => (JSON.parse(text) as { object: { sha: string } }).object.sha,
  ),
  log: failedJob ? ask(`actions/jobs/${failedJob.id}/logs`, "", (text) => text) : "",
  deployMode: env("DEPLOY_PRODUCTION"),
});

const markdown = markdownOf(outcome, run);
appendFileSync(env("GITHUB_STEP_SUMMARY"), markdown);
const outputs = {
  state: outcome.state,
  news: String(isNews(outcome)),
  markdown,
  text: textOf(outcome, run),
};
for (const [name, value] of Object.entries(outputs)) {
  // A line of the value must not be able to end it.
  const end = randomUUID();
  appendFileSync(env("GITHUB_OUTPUT"), `${name}<<${end}\n${value}\n${end}\n`);
}
console.log(textOf(outcome, run));
