/** The identity command on the real engine, offline: targets and plan files are the engine's own business. */
import { symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { expect } from "chai";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { resolveEngine } from "local-aws/engine/resolve.ts";
import { attachable, openStack } from "local-aws/provider/operation.ts";
import { writeProject } from "local-aws/provider/workspace.ts";
import { applyIdentity, type PulumiCli } from "../../ops/identity/apply.ts";
import { type OfflineStack, PROJECT_ROOT, useEngine, withStack } from "../support/engine.ts";
import { copyProjectTo } from "../support/project.ts";
import { testConfig } from "../support/settings.ts";

/** Two changes: who may take GitHub's roles, and a setting of the function. */
const CHANGED = { githubRepositoryId: "42", memoryMb: 512 };

const option = (args: readonly string[], name: string): string | undefined =>
  args.includes(name) ? args[args.indexOf(name) + 1] : undefined;

const targetsOf = (args: readonly string[]): string[] =>
  args.flatMap((word, index) => (word === "--target" ? [args[index + 1] ?? ""] : []));

/** A copy of the project whose list has the tests' own function. */
function projectWithFunction(scratch: string): string {
  const folder = path.join(scratch, "with-function");
  copyProjectTo(folder);
  symlinkSync(path.join(PROJECT_ROOT, "node_modules"), path.join(folder, "node_modules"));
  const list = path.join(folder, "infra/own/functions.ts");
  writeFileSync(list, 'export { ownFunctions } from "../../test/support/second-function.ts";\n');
  return folder;
}

/** The CLI's arguments as calls of the engine, which runs the program in this process. */
async function engineCli(
  { workspace }: OfflineStack,
  seen: string[],
  changed: Parameters<typeof testConfig>[1] = CHANGED,
  program = PROJECT_ROOT,
): Promise<PulumiCli> {
  const config = testConfig("staging", changed);
  const engine = await resolveEngine();
  const call = async (args: readonly string[]): Promise<string> => {
    const provider = await attachable();
    const stack = await openStack({
      command: engine.command,
      state: workspace.state,
      env: { ...workspace.env, ...provider.env },
      folder: writeProject(workspace, program, config),
      program,
      config,
    });
    const plan = option(args, "--save-plan") ?? option(args, "--plan");
    const target = targetsOf(args);
    const options = {
      ...(plan !== undefined && { plan }),
      ...(target.length > 0 && { target }),
      onEvent: ({ resourcePreEvent: event }: EngineEvent) => {
        if (event?.metadata && event.metadata.op !== "same") {
          seen.push(`${args[0]} ${event.metadata.op} ${event.metadata.urn.split("::").at(-1)}`);
        }
      },
    };
    try {
      const { stdout } = args[0] === "up" ? await stack.up(options) : await stack.preview(options);
      return stdout;
    } finally {
      provider.close();
    }
  };
  return {
    read: async (args) => ({ failed: false, stdout: await call(args), stderr: "" }),
    show: async (args) => {
      await call(args);
      return { failed: false };
    },
  };
}

describe("the identity command on the real engine", function () {
  this.timeout(300_000);
  useEngine();

  it("applies who may take the roles, and leaves the function to the deployment", async () => {
    await withStack(async (stack) => {
      await stack.run("up");
      const seen: string[] = [];
      const result = await applyIdentity({
        stack: "staging",
        pulumi: await engineCli(stack, seen),
        scratch: await mkdtemp(path.join(stack.workspace.scratch, "plan-")),
        confirm: () => Promise.resolve(),
        signal: new AbortController().signal,
        terminal: { say: () => {}, live: () => {}, quiet: () => {}, progress: () => {} },
      });
      const roles = ["identity-deploy", "identity-plan", "identity-preview", "identity-rollback"];
      expect(
        result.changes.map(({ urn }) => urn.split("::").at(-1) ?? "").toSorted(),
      ).to.deep.equal(roles);
      expect(seen.filter((line) => line.startsWith("up ")).toSorted()).to.deep.equal(
        roles.map((role) => `up update ${role}`),
      );
      const { plan } = await stack.run("preview", { config: CHANGED });
      const rest = plan.resources.filter(({ op }) => op !== "same").map(({ name }) => name);
      expect(rest).to.include("function");
      expect(rest.filter((name) => roles.includes(name))).to.deep.equal([]);
    });
  });

  it("makes the queues and roles of a new event source, with the component that they belong to", async () => {
    const sources = [{ name: "nightly", kind: "schedule", expression: "rate(1 day)", event: {} }];
    await withStack(async (stack) => {
      await stack.run("up");
      const seen: string[] = [];
      await applyIdentity({
        stack: "staging",
        pulumi: await engineCli(stack, seen, { sources }),
        scratch: await mkdtemp(path.join(stack.workspace.scratch, "plan-")),
        confirm: () => Promise.resolve(),
        signal: new AbortController().signal,
        terminal: { say: () => {}, live: () => {}, quiet: () => {}, progress: () => {} },
      });
      expect(seen.filter((line) => line.startsWith("up create ")).toSorted()).to.deep.equal(
        [
          "identity-deploy-options",
          "identity-deploy-options-view",
          "identity-options-view",
          "identity-plan-options-view",
          "identity-preview-options-view",
          "nightly-dead-letters",
          "nightly-dead-letters-policy",
          "scheduler-role",
          "sources",
        ].map((name) => `up create ${name}`),
      );
      const { plan } = await stack.run("preview", { config: { sources } });
      const rest = plan.resources.filter(({ op }) => op !== "same").map(({ name }) => name);
      expect(rest).to.include.members(["nightly-schedule", "schedules", "scheduler-permissions"]);
      expect(rest).to.not.include("nightly-dead-letters");
    });
  });

  it("makes the roles and the queue of a new function, with the components that they belong to", async () => {
    // With a key, the queue waits for rights of the function's role.
    const config = { createKey: true };
    await withStack(async (stack) => {
      await stack.run("up", { config });
      const program = projectWithFunction(stack.workspace.scratch);
      const seen: string[] = [];
      const result = await applyIdentity({
        stack: "staging",
        pulumi: await engineCli(stack, seen, config, program),
        scratch: await mkdtemp(path.join(stack.workspace.scratch, "plan-")),
        confirm: () => Promise.resolve(),
        signal: new AbortController().signal,
        terminal: { say: () => {}, live: () => {}, quiet: () => {}, progress: () => {} },
      });
      const made = seen.flatMap((line) => /^up create (.+)$/.exec(line)?.[1] ?? []);
      expect(made.filter((name) => !name.startsWith("statements-query-")).toSorted()).to.deep.equal(
        [
          "statements",
          "statements-dead-letters",
          "statements-dead-letters-policy",
          "statements-execution-permissions",
          "statements-execution-role",
          "statements-observability",
          "statements-release",
          "statements-release-codedeploy-role",
          "statements-release-hook-role",
        ],
      );
      expect(result.summary).to.match(/\d+ other changes of the plan can be deployed now/);
    });
  });

  it("takes only options that the engine has", async () => {
    const { command } = (await resolveEngine()).command;
    for (const [verb, ...flags] of [
      [
        "preview",
        "--stack",
        "--save-plan",
        "--diff",
        "--target",
        "--non-interactive",
        "--suppress-progress",
      ],
      [
        "up",
        "--stack",
        "--yes",
        "--skip-preview",
        "--target",
        "--non-interactive",
        "--suppress-progress",
      ],
    ] as const) {
      const { stdout } = await execa(command, [verb, "--help"], {
        env: { PULUMI_EXPERIMENTAL: "" },
      });
      for (const flag of flags) expect(`${verb} ${stdout}`, `${verb} ${flag}`).to.contain(flag);
    }
  });
});
