/** Plans a stack with the real engine, without an account: `npm run preview`. */
import "./compile-cache.ts";
import { Option } from "commander";
import { resolveEngine } from "local-aws/engine/resolve.ts";
import { answersOf } from "./answers.ts";
import { type Baseline, bringUp } from "./preview/baseline.ts";
import { checkConfig, type CheckedConfig } from "../ops/support/check-config.ts";
import { interruptible } from "../ops/support/interrupt.ts";
import { type Outcome, runOperation } from "local-aws/provider/operation.ts";
import { renderAssumptions, renderDiff, renderSummary, renderTree } from "./preview/render.ts";
import { withoutPlaceholder } from "../ops/support/stack-config.ts";
import { isolateEnvironment } from "local-aws/provider/isolation.ts";
import { inWorkspace } from "local-aws/provider/workspace.ts";
import { command, type CommonOptions, run } from "../ops/support/command.ts";
import { PROJECT_ROOT } from "../ops/support/project.ts";
import { openTerminal, type Terminal } from "../ops/support/terminal.ts";
import { type Changes, setOption, withSettings } from "./with-settings.ts";

interface PreviewOptions extends CommonOptions {
  readonly diff?: true;
  readonly against?: string;
  readonly set?: Changes;
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
  .addOption(setOption("plan with another value of a config key"))
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
  const own = checkConfig(PROJECT_ROOT, options.stack);
  const config = withSettings(PROJECT_ROOT, own, options.set);
  const engine = await resolveEngine({ signal, progress: terminal.progress });
  await inWorkspace(PROJECT_ROOT, async (workspace) => {
    const colours = process.stdout.isTTY && !process.env["NO_COLOR"];
    const run = {
      kind: "preview",
      engine,
      workspace,
      program: PROJECT_ROOT,
      answers: answersOf(PROJECT_ROOT),
      signal,
      colours,
    } as const;
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
    const baseline = await bringUp({
      root: PROJECT_ROOT,
      revision: against,
      stack,
      workspace,
      signal,
    });
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
  { stack, notes }: CheckedConfig,
  baseline: Baseline | undefined,
  diff: boolean,
): void {
  const on =
    baseline === undefined ? "" : ` compared with ${baseline.revision} (${baseline.commit})`;
  console.log(`Plan of ${plan.project}, stack ${stack}${on}:\n`);
  console.log(diff ? renderDiff(diffText) : renderTree(plan));
  for (const warning of [...notes, ...plan.warnings]) console.log(`\nwarning: ${warning}`);
  console.log(`\n${renderSummary(plan)}`);
  for (const line of renderAssumptions(plan)) console.log(line);
  console.log(
    `Offline plan: the engine is real, AWS is a stand-in that checks no permission, quota or value of its own. Against an account: pulumi preview --stack ${stack}`,
  );
}

function printJson(
  { plan }: Outcome,
  { stack, values, notes }: CheckedConfig,
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
    warnings: [...notes, ...warnings],
    assumptions: { replacementMayShowAsUpdate: plan.unsureTypes, madeUp: plan.madeUp },
  };
  console.log(JSON.stringify(document, undefined, 2));
}

await run(preview);
