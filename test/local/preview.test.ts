import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, watch } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { execa } from "execa";
import { userCache } from "local-aws/make-once.ts";
import { inWorkspace, type Workspace } from "local-aws/provider/workspace.ts";
import { copyProject, PROJECT_ROOT, useEngine } from "../support/engine.ts";

interface Document {
  readonly summary: Readonly<Record<string, number>>;
  readonly resources: readonly {
    readonly op: string;
    readonly type: string;
    readonly name: string;
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly changes: readonly unknown[];
  }[];
}

/** Runs the command as a user would, with a home of its own but the engine that is there already. */
const preview = (project: string, home: string, ...args: string[]) =>
  execa(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", path.join(project, "local", "preview.ts"), ...args],
    {
      cwd: project,
      env: {
        HOME: home,
        XDG_CACHE_HOME: userCache(),
        NODE_COMPILE_CACHE: path.join(PROJECT_ROOT, ".cache", "compiled"),
        NO_COLOR: "1",
        // What a user may be signed in to or experiment with; each would lead the engine astray.
        AWS_PROFILE: "no-such-profile",
        PULUMI_BACKEND_URL: "https://backend.invalid",
        PULUMI_HOME: path.join(home, "pulumi"),
        PULUMI_DEBUG_PROVIDERS: "aws:1",
      },
      reject: false,
    },
  );

/** Inputs by path, `resource input.path`, policies and the like taken apart. */
function leaves(value: unknown, path: string, found = new Map<string, unknown>()) {
  const document = typeof value === "string" && value.startsWith("{") ? JSON.parse(value) : value;
  if (typeof document !== "object" || document === null) return found.set(path, document);
  for (const [key, item] of Object.entries(document as Record<string, unknown>)) {
    leaves(item, path.includes(" ") ? `${path}.${key}` : `${path} ${key}`, found);
  }
  return found;
}

/** Where the plans of two stacks differ, but for the name of the environment. */
function differences(staging: string, production: string): string[] {
  const [one, other] = [staging, production].map((text) => {
    const { resources } = JSON.parse(
      text.replaceAll("production", "staging").replaceAll("Production", "Staging"),
    ) as Document;
    const found = new Map<string, unknown>();
    for (const { name, inputs } of resources) leaves(inputs, name, found);
    return found;
  });
  const paths = new Set([...(one?.keys() ?? []), ...(other?.keys() ?? [])]);
  return [...paths].filter((path) => one?.get(path) !== other?.get(path));
}

const runsOf = (project: string): string[] => {
  const runs = path.join(project, ".cache", "offline");
  return existsSync(runs) ? readdirSync(runs) : [];
};

/** A copy of this project to change and to look into, and an empty home. */
const withProject = (
  work: (project: string, home: string, workspace: Workspace) => Promise<void>,
): Promise<void> =>
  inWorkspace(PROJECT_ROOT, async (workspace) => {
    const home = path.join(workspace.scratch, "home");
    mkdirSync(home);
    await work(copyProject(workspace), home, workspace);
  });

describe("npm run preview", function () {
  // Whole processes, two at once: on a busy machine they are slow, which is no fault.
  this.timeout(90_000);
  useEngine();

  it("plans both stacks at once, different only in what their files set, and leaves nothing behind", () =>
    withProject(async (project, home) => {
      const files = ["Pulumi.yaml", "Pulumi.staging.yaml", "Pulumi.production.yaml"];
      const contents = () => files.map((file) => readFileSync(path.join(project, file), "utf8"));
      const before = contents();
      const [staging, production] = await Promise.all([
        preview(project, home, "--json"),
        preview(project, home, "--stack", "production", "--json"),
      ]);
      expect(staging.exitCode, staging.stderr).to.equal(0);
      expect(production.exitCode, production.stderr).to.equal(0);
      const plans = [staging, production].map(({ stdout }) => JSON.parse(stdout) as Document);
      for (const { summary, resources } of plans) {
        expect(summary).to.deep.equal({ create: resources.length });
      }
      expect(differences(staging.stdout, production.stdout)).to.have.members([
        "function memorySize",
        "function environment.variables.LOG_LEVEL",
        "function environment.variables.POWERTOOLS_LOG_LEVEL",
        "function loggingConfig.applicationLogLevel",
        "errors-alarm threshold",
        "errors-alarm alarmDescription",
        "failed-events-alarm threshold",
        "failed-events-alarm alarmDescription",
        "duration-alarm threshold",
        "duration-alarm alarmDescription",
        "canary-duration-alarm threshold",
        "canary-duration-alarm alarmDescription",
        // The smoke calls are held to the duration that the alarm allows.
        "hook environment.variables.SLOWEST_CALL_MS",
        "group deploymentConfigName",
      ]);
      expect(runsOf(project)).to.deep.equal([]);
      expect(readdirSync(home)).to.deep.equal([]);
      expect(contents()).to.deep.equal(before);
    }));

  it("shows against another revision exactly what was changed since", () =>
    withProject(async (project, home) => {
      const git = (...args: string[]) => execa("git", args, { cwd: project });
      const author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
      await git("init", "--quiet");
      await git("add", "--all");
      await git(...author, "commit", "--quiet", "--message", "Before");
      appendFileSync(path.join(project, "Pulumi.staging.yaml"), "  throttleAlarmThreshold: 7\n");
      const { exitCode, stdout, stderr } = await preview(
        project,
        home,
        "--against",
        "HEAD",
        "--json",
      );

      expect(exitCode, stderr).to.equal(0);
      const { resources, summary } = JSON.parse(stdout) as Document;
      expect(summary).to.deep.equal({ update: 1, same: resources.length - 1 });
      const [changed] = resources.filter(({ op }) => op !== "same");
      expect(changed?.name).to.equal("throttles-alarm");
      expect(changed?.changes).to.deep.include({
        path: "threshold",
        kind: "update",
        before: 1,
        after: 7,
      });
    }));

  it("clears everything away when it is interrupted", () =>
    withProject(async (project, home) => {
      const runs = path.join(project, ".cache", "offline");
      mkdirSync(runs, { recursive: true });
      const begun = new Promise<void>((resolve) => {
        const watcher = watch(runs, () => {
          watcher.close();
          resolve();
        });
      });
      const running = preview(project, home);
      await begun;
      running.kill("SIGINT");
      const { exitCode, stdout } = await running;

      expect(exitCode).to.equal(130);
      expect(stdout).to.equal("");
      expect(runsOf(project)).to.deep.equal([]);
    }));

  it("refuses in one line what it cannot plan", async () => {
    const [stack, revision, option] = await Promise.all([
      preview(PROJECT_ROOT, PROJECT_ROOT, "--stack", "qa"),
      preview(PROJECT_ROOT, PROJECT_ROOT, "--against", "no-such-branch"),
      preview(PROJECT_ROOT, PROJECT_ROOT, "--stacks", "staging"),
    ]);

    expect(stack.exitCode).to.equal(1);
    expect(stack.stderr).to.equal(
      'error: stack "qa" has no Pulumi.qa.yaml; the stacks are production, staging',
    );
    expect(revision.exitCode).to.equal(1);
    expect(revision.stderr).to.match(/^error: --against no-such-branch: git knows no such/m);
    expect(option.exitCode).to.equal(2);
  });
});
