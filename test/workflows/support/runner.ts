/**
 * Runs a workflow as GitHub does: the jobs' own conditions and needs, the environments' rules, and every script of
 * every step for real. Only the tools that a script calls are stood in for, and what an action does is left out.
 */
import { randomUUID } from "node:crypto";
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import type { FakeGitHub } from "../../ops/github/fake-github.ts";
import { type Contexts, filledIn, holds, type Status } from "./expressions.ts";
import { Sandbox } from "./run-step.ts";
import { environmentOf, type Job, WORKFLOWS } from "./workflows.ts";

type Result = "success" | "failure" | "cancelled" | "skipped";

export interface JobRun {
  readonly result: Result;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface Trigger {
  readonly event: "push" | "workflow_dispatch" | "schedule";
  readonly branch: string;
  readonly commit: string;
  readonly inputs?: Readonly<Record<string, string>>;
}

/** What outlives a run: the repository, and the state of each stack, which `pulumi` of the sandbox reads and writes. */
export class World {
  readonly folder: string;
  head = "";
  hasIssues = true;
  readonly github: FakeGitHub;

  constructor(github: FakeGitHub, folder: string) {
    this.github = github;
    this.folder = folder;
    for (const stack of ["staging", "production"]) this.setState(stack, "none");
  }

  /** The commit that a stack has. */
  state(stack: string): string {
    return readFileSync(path.join(this.folder, `${stack}.state`), "utf8").trim();
  }
  setState(stack: string, commit: string): void {
    writeFileSync(path.join(this.folder, `${stack}.state`), commit);
  }
}

/** Pulumi, as far as the scripts call it: a state is the commit that was deployed last. */
const PULUMI = `
arguments=" $* "
stack="\${arguments#* --stack }"; stack="\${stack%% *}"
state() { cat "$WORLD/$stack.state"; }
case "$1 $2" in
  "stack export") printf '{"version":3,"deployment":{"resources":[{"urn":"u","inputs":{"commit":"%s"}}]}}' "$(state)" ;;
  "stack output") echo "ledger-function-$stack" ;;
  "preview "*)
    step=update; if [[ "$(state)" == "$GITHUB_SHA" ]]; then step=same; fi
    component=Function; if [[ "$(< "$WORLD/identity" )" == true ]]; then component=Identity; fi
    mkdir -p plan
    printf '{"resourcePlans":{"urn:pulumi:s::p::lambda-service:infra:%s$aws:x/y:Z::n":{"steps":["%s"]}}}' "$component" "$step" > plan/plan.json
    echo "the plan" ;;
  "up "*) printf '%s' "$GITHUB_SHA" > "$WORLD/$stack.state" ;;
esac`;

/** `node` for the commands against AWS, and the real one for what the pipeline itself runs. */
const node = (real: string): string => `
case "$1" in
  ops/pipeline/write-outputs.ts) echo '{}' ;;
  ops/pipeline/release-functions.ts) echo '{"fault":null,"outcomes":[]}' ;;
  ops/pipeline/*) exec "${real}" "$@" ;;
  ops/release.ts) if [[ -e "$WORLD/release-fails" ]]; then echo '{"verdict":"rolled back","summary":"rolled back: it did not pass","from":"1"}'; exit 1; fi; echo '{"verdict":"released","from":"1"}' ;;
  ops/rollback.ts) echo '{}' ;;
esac`;

const GH = `
for argument in "$@"; do case "$argument" in body=@*) cp "\${argument#body=@}" last-body.txt ;; esac; done
if [[ " $* " == *" --method "* ]]; then echo "$*" >> "$WORLD/requests"; exit 0; fi
answer() { if [[ " $* " == *" --jq "* ]]; then jq --raw-output "\${!#}"; else cat; fi; }
case "$2" in
  */git/ref/heads/*) printf '{"object":{"sha":"%s"}}' "$(< "$WORLD/head")" | answer "$@" ;;
  */jobs\\?*) cat "$WORLD/jobs" ;;
  */approvals) cat "$WORLD/approvals" ;;
  */logs) echo "##[error]it broke" ;;
  */issues\\?*) echo '[]' ;;
  --paginate) : ;;
  *) printf '{"has_issues":%s}' "$(< "$WORLD/has-issues")" | answer "$@" ;;
esac`;

/** One run. Jobs that wait for an approval wait until `finish`. */
export class WorkflowRun {
  readonly jobs = new Map<string, JobRun>();
  readonly #world: World;
  readonly #trigger: Trigger;
  readonly #workflow: string;
  readonly #sandbox = new Sandbox();
  readonly #id = randomUUID();
  #approvals: object[] = [];
  summary = "";

  constructor(world: World, workflow: string, trigger: Trigger) {
    this.#world = world;
    this.#workflow = workflow;
    this.#trigger = trigger;
    const { folder } = this.#sandbox;
    symlinkSync(path.resolve("ops"), path.join(folder, "ops"));
    writeFileSync(path.join(folder, "package.json"), readFileSync("package.json"));
    this.#sandbox
      .tool("pulumi", PULUMI)
      .tool("gh", GH)
      .tool("node", node(process.execPath))
      .tool(
        "npm",
        `if [[ " $* " == *" build "* ]]; then mkdir artifact; echo '{}' > artifact/manifest.json; echo "manifest-sha256=$(sha256sum artifact/manifest.json | cut -d' ' -f1)" >> "$GITHUB_OUTPUT"; fi`,
      );
  }

  /** Goes on until nothing can without an approval. */
  async start(): Promise<this> {
    return this.#go(undefined);
  }

  /** Answers what waits, and goes on to the end. */
  async finish(approve: "approve" | "reject" = "approve", comment = ""): Promise<this> {
    return this.#go({ approve: approve === "approve", comment });
  }

  /** Starts one job and everything after it again, as a person does in GitHub. */
  async again(job: string): Promise<this> {
    const jobs = [...this.#definitions().keys()];
    for (const one of jobs.slice(jobs.indexOf(job))) this.jobs.delete(one);
    return this.start();
  }

  result(job: string): Result | "waiting" {
    return this.jobs.get(job)?.result ?? "waiting";
  }

  /** Requests that changed something on GitHub, in all runs so far. */
  requests(): string[] {
    try {
      return readFileSync(path.join(this.#world.folder, "requests"), "utf8").trim().split("\n");
    } catch {
      return [];
    }
  }

  remove(): void {
    this.#sandbox.remove();
  }

  #definitions(): ReadonlyMap<string, Job> {
    return new Map(Object.entries(WORKFLOWS.get(this.#workflow)?.jobs ?? {}));
  }

  async #go(answer: { approve: boolean; comment: string } | undefined): Promise<this> {
    for (const [id, job] of this.#definitions()) {
      if (this.jobs.has(id)) continue;
      const needs = [job.needs ?? []].flat();
      if (needs.some((one) => !this.jobs.has(one))) continue;
      const run = await this.#job(job, needs, answer);
      if (run === "waiting") continue;
      this.jobs.set(id, run);
    }
    return this;
  }

  async #job(
    job: Job,
    needs: readonly string[],
    answer: { approve: boolean; comment: string } | undefined,
  ): Promise<JobRun | "waiting"> {
    const results = needs.map((one) => this.jobs.get(one)?.result);
    const status: Status = {
      // A skipped need is no success either.
      failed: results.some((result) => result === "failure" || result === "skipped"),
      cancelled: results.includes("cancelled"),
    };
    const environment = environmentOf(job);
    const before = this.#contexts(needs, {}, undefined);
    if (!holds(job.if, before, status)) return { result: "skipped", outputs: {} };
    const name = environment && filledIn(environment, before, status);
    const rules = name === undefined ? undefined : this.#world.github.environments.get(name);
    if (rules?.branchPolicy && !rules.branches.includes(this.#trigger.branch)) {
      return { result: "failure", outputs: {} };
    }
    if (rules && rules.reviewers.length > 0) {
      if (!answer) return "waiting";
      const { approve, comment } = answer;
      const state = approve ? "approved" : "rejected";
      this.#approvals.push({ state, comment, user: { login: "hubot" } });
      if (!approve) return { result: "failure", outputs: {} };
    }
    return this.#steps(job, needs, name);
  }

  #contexts(needs: readonly string[], steps: object, environment: string | undefined): Contexts {
    const { event, branch, commit, inputs = {} } = this.#trigger;
    const { github } = this.#world;
    return {
      github: {
        event_name: event,
        ref: `refs/heads/${branch}`,
        ref_name: branch,
        sha: commit,
        run_id: this.#id,
        event: { repository: { default_branch: github.defaultBranch, visibility: "public" } },
      },
      vars: {
        ...github.variables,
        ...(environment === undefined ? {} : github.environments.get(environment)?.variables),
      },
      inputs,
      needs: Object.fromEntries(needs.map((one) => [one, this.jobs.get(one) ?? {}])),
      steps,
      env: {},
    };
  }

  async #steps(
    job: Job,
    needs: readonly string[],
    environment: string | undefined,
  ): Promise<JobRun> {
    const steps: Record<string, { outcome: Result; outputs: Record<string, string> }> = {};
    let failed = false;
    const contexts = () => this.#contexts(needs, steps, environment);
    const fill = (env: Readonly<Record<string, string>> = {}) =>
      Object.fromEntries(
        Object.entries(env).map(([key, value]) => [
          key,
          filledIn(value, contexts(), { failed, cancelled: false }),
        ]),
      );
    this.#tellWorld();
    // Each job begins with the repository alone.
    for (const made of ["artifact", "plan", "report"]) {
      rmSync(path.join(this.#sandbox.folder, made), { recursive: true, force: true });
    }
    for (const step of job.steps) {
      const status = { failed, cancelled: false };
      let outcome: Result = "skipped";
      let outputs: Record<string, string> = {};
      if (holds(step.if, contexts(), status)) {
        outcome = "success";
        if (step.uses !== undefined) this.#artifact(step.uses, fill(textsOf(step.with)));
        if (step.run !== undefined) {
          this.#sandbox.write("outputs.txt", "").write("path.txt", "");
          const result = await this.#sandbox.script(step.run, {
            ...fill(job.env),
            ...fill(step.env),
            WORLD: this.#world.folder,
            GITHUB_REF: `refs/heads/${this.#trigger.branch}`,
            GITHUB_SHA: this.#trigger.commit,
            GITHUB_EVENT_NAME: this.#trigger.event,
            GITHUB_RUN_ID: this.#id,
            GITHUB_RUN_ATTEMPT: "1",
            GITHUB_PATH: path.join(this.#sandbox.folder, "path.txt"),
          });
          this.summary += result.summary;
          outputs = parseOutputs(result.outputs);
          if (result.exitCode !== 0) {
            outcome = "failure";
            failed = true;
          }
        }
      }
      if (step.id !== undefined) steps[step.id] = { outcome, outputs };
    }
    const outputs = fill(job.outputs);
    return { result: failed ? "failure" : "success", outputs };
  }

  /** Keeps a folder of this job for others, or brings one of theirs. */
  #artifact(uses: string, inputs: Readonly<Record<string, string>>): void {
    const { folder } = this.#sandbox;
    const { name = "", path: location = "" } = inputs;
    const kept = path.join(folder, "artifacts", name);
    const here = path.join(folder, location);
    if (uses.startsWith("actions/upload-artifact@")) {
      if (existsSync(here)) cpSync(here, kept, { recursive: true });
    } else if (uses.startsWith("actions/download-artifact@")) {
      // Without a name, what is in all of them.
      const all = name === "" && existsSync(kept) ? readdirSync(kept) : [""];
      for (const one of all) {
        const from = path.join(kept, one);
        if (existsSync(from)) cpSync(from, here, { recursive: true });
      }
    }
  }

  #tellWorld(): void {
    const { folder, head, hasIssues } = this.#world;
    const jobs = [...this.#definitions()].flatMap(([id, { name }], index) => {
      const run = this.jobs.get(id);
      return run ? [{ id: index, name, conclusion: run.result, html_url: "", steps: [] }] : [];
    });
    for (const [file, text] of Object.entries({
      head,
      "has-issues": String(hasIssues),
      jobs: JSON.stringify({ jobs }),
      approvals: JSON.stringify(this.#approvals),
    })) {
      writeFileSync(path.join(folder, file), text);
    }
  }
}

const textsOf = (inputs: Readonly<Record<string, unknown>> = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(inputs).flatMap(([key, value]) =>
      typeof value === "string" ? [[key, value]] : [],
    ),
  );

/** `name=value` lines, and `name<<END` blocks. */
function parseOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const block = /^([\w-]+)<<(.+)$/.exec(line);
    if (block) {
      const end = lines.indexOf(block[2] ?? "", at);
      outputs[block[1] ?? ""] = lines.slice(at + 1, end).join("\n");
      at = end;
      continue;
    }
    const [name = "", ...value] = line.split("=");
    if (name !== "") outputs[name] = value.join("=");
  }
  return outputs;
}
