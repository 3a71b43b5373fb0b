/**
 * What became of a run of the workflow deploy, for people: one state, one sentence, and what to do. GitHub itself
 * knows only success, failure, cancelled and skipped. Pure, and without packages: it must still work where a deploy
 * failed because they could not be installed.
 */

import { knownFault } from "./known-faults.ts";

/** The jobs of the workflow, in their order. */
export const JOBS = [
  "begin",
  "check",
  "build",
  "attest",
  "staging",
  "production-plan",
  "production",
] as const;
export type JobId = (typeof JOBS)[number];

/** A job as GitHub's `needs` context has it. */
export interface JobResult {
  readonly result: "success" | "failure" | "cancelled" | "skipped";
  readonly outputs: Readonly<Record<string, string>>;
}

/** A job as GitHub's API has it, as far as it is read. */
export interface ApiJob {
  readonly id: number;
  readonly name: string;
  readonly conclusion: string | null;
  readonly html_url: string;
  readonly steps?: readonly { readonly name: string; readonly conclusion: string | null }[];
}

/** A person's answer to a deployment that waited, as GitHub's API has it. */
export interface Approval {
  readonly state: string;
  readonly comment: string;
  readonly user: { readonly login: string };
}

export interface Run {
  /** `owner/name`. */
  readonly repository: string;
  readonly id: string;
  readonly url: string;
  readonly commit: string;
  readonly actor: string;
}

export interface Facts {
  readonly run: Run;
  readonly needs: Readonly<Record<JobId, JobResult>>;
  /** The jobs of this attempt; empty where GitHub did not tell. */
  readonly jobs: readonly ApiJob[];
  readonly approvals: readonly Approval[];
  /** Head of the default branch now; undefined where GitHub did not tell. */
  readonly head: string | undefined;
  /** The log of the job that failed, as GitHub keeps it; empty where there is none. */
  readonly log: string;
  /** How production is deployed; see `DEPLOY_PRODUCTION` in docs/workflows.md. */
  readonly deployMode: string;
}

/**
 * - `deployed`: all that this run had to do is done;
 * - `failed`: something is broken, and somebody has to look;
 * - `needs an administrator`: it changes what gives CI its rights;
 * - `out of date`: the branch, or production, has moved since; nothing was touched;
 * - `superseded`: a newer run took its turn;
 * - `rejected`: somebody did not approve it;
 * - `cancelled`: somebody stopped it;
 * - `not set up`, `other branch`: it had nothing to do.
 */
export type State =
  | "deployed"
  | "failed"
  | "needs an administrator"
  | "out of date"
  | "superseded"
  | "rejected"
  | "cancelled"
  | "not set up"
  | "other branch";

export interface Outcome {
  readonly state: State;
  /** One sentence: what is true now. */
  readonly sentence: string;
  /** What to do next, as a command; absent where there is nothing to do. */
  readonly command?: string;
  /** The last lines of the step that failed; empty otherwise. */
  readonly lines: readonly string[];
}

/** Names of the jobs as GitHub's API shows them. */
export const JOB_NAMES: Readonly<Record<JobId, string>> = {
  begin: "Begin",
  check: "Lint and test",
  build: "Build once",
  attest: "Attest",
  staging: "Deploy staging",
  "production-plan": "Plan the deployment",
  production: "Deploy production",
};

export function outcomeOf(facts: Facts): Outcome {
  const { needs } = facts;
  const said = JOBS.map((job) => needs[job].outputs).find(({ state }) => isSaid(state));
  const failed = JOBS.find((job) => needs[job].result === "failure");
  if (failed !== undefined) return rejection(facts) ?? failure(facts, failed);
  const cancelled = JOBS.find((job) => needs[job].result === "cancelled");
  if (cancelled !== undefined) return interruption(facts, cancelled);
  if (said)
    return {
      state: said["state"] as State,
      sentence: said["sentence"] ?? "",
      ...nextOf(facts, said["state"] as State),
      lines: [],
    };
  return { state: "deployed", sentence: deployedSentence(facts), lines: [] };
}

/** States that a job says itself; what it does not say follows from the results. */
const SAID: readonly string[] = [
  "not set up",
  "other branch",
  "out of date",
  "needs an administrator",
] satisfies readonly State[];
const isSaid = (state: string | undefined): boolean => state !== undefined && SAID.includes(state);

/** A deployment that nobody approved never started, and says so in no job; GitHub calls it a failure. */
function rejection({ needs, approvals }: Facts): Outcome | undefined {
  const { production } = needs;
  if (production.result !== "failure" || production.outputs["started"] === "true") return undefined;
  const no = approvals.find(({ state }) => state === "rejected");
  if (!no) return undefined;
  const why = no.comment.trim() === "" ? "" : `: ${oneLine(no.comment)}`;
  return {
    state: "rejected",
    sentence: `${no.user.login} rejected the deployment of production${why}. Production is as it was; staging has this commit.`,
    lines: [],
  };
}

function failure({ needs, jobs, log, run }: Facts, job: JobId): Outcome {
  const inApi = jobs.find(({ name }) => name === JOB_NAMES[job]);
  const step = inApi?.steps?.find(({ conclusion }) => conclusion === "failure")?.name;
  const lines = lastLines(log);
  // Only what changes AWS gets such answers; a log of tests may hold any text.
  const known =
    job === "staging" || job === "production" ? knownFault(lines.join("\n"), job) : undefined;
  const unstarted = inApi !== undefined && (inApi.steps ?? []).length === 0;
  const reason =
    known?.meaning ||
    needs[job].outputs["reason"] ||
    reasonIn(log) ||
    (unstarted
      ? "GitHub did not start it; look at the rules of its environment"
      : "its log says why");
  const at = step === undefined ? JOB_NAMES[job] : `${JOB_NAMES[job]}, step "${step}"`;
  const command =
    known?.command ??
    (job === "check" ? "npm test" : `gh run view ${run.id} --repo ${run.repository} --log-failed`);
  return { state: "failed", sentence: `${at}: ${oneLine(reason)}`, command, lines };
}

function interruption({ head, run, needs }: Facts, job: JobId): Outcome {
  const untouched = !["success", "failure", "cancelled"].includes(needs[job].outputs["up"] ?? "");
  if (untouched && head !== undefined && head !== run.commit) {
    return {
      state: "superseded",
      sentence: `A newer run took the turn of ${JOB_NAMES[job]}: the branch is at ${short(head)}. This run touched nothing there.`,
      lines: [],
    };
  }
  return {
    state: "cancelled",
    sentence: untouched
      ? `${JOB_NAMES[job]} was cancelled before it touched anything.`
      : `${JOB_NAMES[job]} was cancelled while it ran; what was under way was finished or taken back.`,
    lines: [],
    ...(!untouched && { command: `npm run doctor -- --stack ${job}` }),
  };
}

function nextOf({ run, jobs, needs }: Facts, state: State): { command?: string } {
  const stack = isSaid(needs["production-plan"].outputs["state"]) ? "production" : "staging";
  if (state === "not set up") return { command: "npm run bootstrap -- --stack staging" };
  if (state === "needs an administrator")
    return { command: `npm run identity -- --stack ${stack}` };
  const plan = jobs.find(({ name }) => name === JOB_NAMES["production-plan"]);
  // An old commit's run has nothing more to do; production's plan can be made again.
  if (!plan || !isSaid(needs.production.outputs["state"])) return {};
  return { command: `gh run rerun --repo ${run.repository} --job ${plan.id}` };
}

function deployedSentence({ needs, deployMode }: Facts): string {
  const { production } = needs;
  const plan = needs["production-plan"];
  if (production.result === "success") return "Staging and production have this commit.";
  if (plan.result === "skipped") {
    return "Staging has this commit. Production is not set up: npm run bootstrap -- --stack production";
  }
  if (plan.outputs["changes"] === "false") {
    return "Staging has this commit. It changes nothing in production, so nobody was asked.";
  }
  return deployMode === "after-approval"
    ? "Staging has this commit."
    : "Staging has this commit. Production is deployed by hand: start the workflow deploy.";
}

/** Lines of a log that are shown. */
const SHOWN_LINES = 20;

/** The last lines before the first error of a log, without times, colours and the runner's own marks. */
export function lastLines(log: string): readonly string[] {
  const lines = linesOf(log);
  const error = lines.findIndex((line) => line.startsWith("##[error]"));
  return (error === -1 ? lines : lines.slice(0, error + 1))
    .map((line) => line.replace(/^##\[error\]/, ""))
    .filter((line) => line.trim() !== "" && !line.startsWith("##["))
    .slice(-SHOWN_LINES);
}

/** The reason that a log states: an error of a command or an annotation, else its last line. */
export function reasonIn(log: string): string {
  const lines = lastLines(log).filter(
    (line) => !line.startsWith("Process completed with exit code"),
  );
  return lines.findLast((line) => /\berror\b:?/i.test(line)) ?? lines.at(-1) ?? "";
}

const linesOf = (log: string): string[] =>
  log.split(/\r?\n/).map((line) =>
    line
      .replace(/^\uFEFF?\d{4}-\d{2}-\d{2}T[\d:.]+Z ?/, "")
      // oxlint-disable-next-line no-control-regex -- colours begin with the escape character
      .replaceAll(/\u001B\[[\d;]*m/g, ""),
  );

const oneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, " ");
const short = (commit: string): string => commit.slice(0, 7);

/** Whether somebody should hear of it although nobody asked. */
export const isNews = ({ state }: Outcome): boolean =>
  !["not set up", "other branch", "superseded", "cancelled"].includes(state);

/** The message as Markdown, for the summary and the issue. */
export function markdownOf({ state, sentence, command, lines }: Outcome, run: Run): string {
  return [
    `**${capital(state)}**: ${escaped(sentence)}`,
    "",
    `Commit ${short(run.commit)} by ${escaped(run.actor)}, [run ${run.id}](${run.url}).`,
    ...(lines.length === 0 ? [] : ["", "~~~~~~", ...lines.map(unfenced), "~~~~~~"]),
    ...(command === undefined ? [] : ["", `Next: \`${command}\``]),
    "",
  ].join("\n");
}

/** The message as plain text, for channels. */
export function textOf({ state, sentence, command, lines }: Outcome, run: Run): string {
  return [
    `${run.repository}: ${state}. ${sentence}`,
    `Commit ${short(run.commit)} by ${run.actor}: ${run.url}`,
    ...lines.slice(-5),
    ...(command === undefined ? [] : [`Next: ${command}`]),
  ].join("\n");
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const unfenced = (line: string): string => line.replaceAll("~~~", "~ ~ ~");
/** Names and words of others become neither markup nor a mention. */
const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("@", "&#64;")
    .replaceAll(/[`*_[\]]/g, String.raw`\$&`);
