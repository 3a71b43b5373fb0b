/** Plans a stack with the real engine, without an account: `npm run preview`. */
import "./offline/compile-cache.ts";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Option } from "commander";
import { resolveEngine } from "./engine/resolve.ts";
import { type Baseline, bringUp } from "./offline/baseline.ts";
import { checkConfig } from "./offline/check-config.ts";
import { interruptible } from "./offline/interrupt.ts";
import { type Outcome, runOperation } from "./offline/operation.ts";
import { renderDiff, renderSummary, renderTree } from "./offline/render.ts";
import { type StackConfig, withoutPlaceholder } from "./offline/stack-config.ts";
import { isolateEnvironment } from "./offline/isolation.ts";
import { inWorkspace } from "./offline/workspace.ts";
import { command, type CommonOptions, run } from "./support/command.ts";
import { openTerminal, type Terminal } from "./support/terminal.ts";

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

interface PreviewOptions extends CommonOptions {
  readonly diff?: true;
  readonly against?: string;
}

const preview = command(
  "preview",
  "Plan a stack with the real Pulumi engine, offline: no account and no credentials are needed.",
  "npm run preview -- --stack production --against main",
)
  .option("--diff", "show every property, not only the changed ones")
  .addOption(
    new Option(
      "--against <revision>",
      "plan on the state that this git revision would have left: what this tree changes",
    ),
  )
  .action((options: PreviewOptions) =>
    interruptible(async (signal) => {
      const terminal = openTerminal();
      try {
        await plan(options, terminal, signal);
      } finally {
        terminal.quiet();
      }
    }),
  );

async function plan(
  options: PreviewOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  isolateEnvironment();
  const config = checkConfig(ROOT, options.stack);
  const engine = await resolveEngine(terminal, { signal });
  await inWorkspace(ROOT, async (workspace) => {
    const colours = process.stdout.isTTY && !process.env["NO_COLOR"];
    const run = { kind: "preview", engine, workspace, program: ROOT, signal, colours } as const;
    const show = (outcome: Outcome, baseline?: Baseline) => {
      terminal.quiet();
      if (options.json) printJson(outcome, config, baseline);
      else printText(outcome, config, baseline, options.diff === true);
    };
    const { against } = options;
    if (against === undefined) {
      terminal.live(`planning ${config.stack}`, "planning");
      show(await runOperation({ ...run, config }));
      return;
    }
    terminal.live(`bringing up ${against} offline`, "baseline");
    const { stack } = config;
    const baseline = await bringUp({ root: ROOT, revision: against, stack, workspace, signal });
    if (!baseline.samePackages) {
      terminal.say(
        `note: ${against} locks other packages; its program ran with those of this tree`,
      );
    }
    terminal.live(`planning ${stack} on the state of ${against}`, "planning on it");
    show(await runOperation({ ...run, config: withoutPlaceholder(config) }), baseline);
  });
}

function printText(
  { plan, diffText }: Outcome,
  { stack }: StackConfig,
  baseline: Baseline | undefined,
  diff: boolean,
): void {
  const on =
    baseline === undefined ? "" : ` compared with ${baseline.revision} (${baseline.commit})`;
  console.log(`Plan of ${plan.project}, stack ${stack}${on}:\n`);
  console.log(diff ? renderDiff(diffText) : renderTree(plan));
  for (const warning of plan.warnings) console.log(`\nwarning: ${warning}`);
  console.log(`\n${renderSummary(plan)}`);
  console.log(
    `Offline plan: the engine is real, AWS is a stand-in that checks no permission, quota or value of its own. Against an account: pulumi preview --stack ${stack}`,
  );
}

function printJson(
  { plan }: Outcome,
  { stack, values }: StackConfig,
  baseline: Baseline | undefined,
): void {
  const { project, summary, resources, outputs, warnings } = plan;
  const document = {
    project,
    stack,
    region: values["aws:region"],
    offline: true,
    ...(baseline && { against: { revision: baseline.revision, commit: baseline.commit } }),
    summary,
    resources,
    outputs,
    warnings,
  };
  console.log(JSON.stringify(document, undefined, 2));
}

await run(preview);
