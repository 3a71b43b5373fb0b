import { existsSync, mkdirSync, readdirSync, readFileSync, watch, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { userCache } from "local-aws/make-once.ts";
import { inWorkspace, type Workspace } from "local-aws/provider/workspace.ts";
import { stringify } from "yaml";
import { bringUp } from "../../local/preview/baseline.ts";
import { start, startNode } from "../support/command.ts";
import { copyProject, PROJECT_ROOT, useEngine } from "../support/engine.ts";
import { failure } from "../support/failure.ts";
import { testConfig, testProjectFile } from "../support/settings.ts";

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
  startNode([path.join(project, "local", "preview.ts"), ...args], {
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
  });

const runsOf = (project: string): string[] => {
  const runs = path.join(project, ".cache", "offline");
  return existsSync(runs) ? readdirSync(runs) : [];
};

const writeStack = (project: string, config: Readonly<Record<string, unknown>>): void => {
  writeFileSync(path.join(project, "Pulumi.staging.yaml"), stringify({ config }));
};

/** A copy of this project with the tests' own settings, to change and to look into, and an empty home. */
const withProject = (
  work: (project: string, home: string, workspace: Workspace) => Promise<void>,
): Promise<void> =>
  inWorkspace(PROJECT_ROOT, async (workspace) => {
    const home = path.join(workspace.scratch, "home");
    mkdirSync(home);
    const project = copyProject(workspace);
    writeFileSync(path.join(project, "Pulumi.yaml"), testProjectFile());
    writeStack(project, testConfig("staging").stackValues);
    await work(project, home, workspace);
  });

describe("npm run preview", function () {
  // Whole processes: on a busy machine they are slow, which is no fault.
  this.timeout(90_000);
  useEngine();

  it("plans a stack and leaves nothing behind", () =>
    withProject(async (project, home) => {
      const files = ["Pulumi.yaml", "Pulumi.staging.yaml"];
      const contents = () => files.map((file) => readFileSync(path.join(project, file), "utf8"));
      const before = contents();
      const { exitCode, stdout, stderr } = await preview(
        project,
        home,
        "--json",
        "--set",
        "memoryMb=640",
      );

      expect(exitCode, stderr).to.equal(0);
      const { summary, resources } = JSON.parse(stdout) as Document;
      const lambda = resources.find(
        ({ type, name }) => type === "aws:lambda/function:Function" && name === "function",
      );
      expect(lambda?.inputs["memorySize"]).to.equal(640);
      expect(summary).to.deep.equal({ create: resources.length });
      expect(runsOf(project)).to.deep.equal([]);
      expect(readdirSync(home)).to.deep.equal([]);
      expect(contents()).to.deep.equal(before);
    }));

  it("shows against another revision exactly what was changed since", () =>
    withProject(async (project, home) => {
      const git = (...args: string[]) => start("git", args, { cwd: project });
      const author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
      await git("init", "--quiet");
      await git("add", "--all");
      await git(...author, "commit", "--quiet", "--message", "Before");
      const changed = testConfig("staging", { throttleAlarmThreshold: 7 });
      writeStack(project, changed.stackValues);
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
      const [alarm] = resources.filter(({ op }) => op !== "same");
      expect(alarm?.name).to.equal("throttles-alarm");
      expect(alarm?.changes).to.deep.include({
        path: "threshold",
        kind: "update",
        before: 2,
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

  it("refuses a revision that git does not know", async () => {
    const refused = await inWorkspace(PROJECT_ROOT, (workspace) =>
      failure(
        bringUp({
          root: PROJECT_ROOT,
          revision: "no-such-branch",
          stack: "staging",
          workspace,
          signal: new AbortController().signal,
        }),
      ),
    );

    expect(refused).to.match(/^--against no-such-branch: git knows no such revision/);
  });

  it("ends with status 1 for what it cannot plan, and 2 for wrong usage, in one line", async () => {
    const [stack, option] = await Promise.all([
      preview(PROJECT_ROOT, PROJECT_ROOT, "--stack", "nowhere"),
      preview(PROJECT_ROOT, PROJECT_ROOT, "--stacks", "staging"),
    ]);

    expect(stack.exitCode).to.equal(1);
    expect(stack.stderr).to.match(
      /^error: stack "nowhere" has no Pulumi\.nowhere\.yaml; the stacks are [^\n]+$/,
    );
    expect(option.exitCode).to.equal(2);
  });
});
