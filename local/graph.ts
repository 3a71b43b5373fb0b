/** Draws the resources of a stack into docs/architecture.md: `npm run graph`. */
import "./compile-cache.ts";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { answersOf } from "./answers.ts";
import { resolveEngine } from "local-aws/engine/resolve.ts";
import { checkConfig } from "../ops/support/check-config.ts";
import { renderGraph, withGraph } from "./preview/graph.ts";
import { interruptible } from "../ops/support/interrupt.ts";
import { runOperation } from "local-aws/provider/operation.ts";
import { withoutPlaceholder } from "../ops/support/stack-config.ts";
import { isolateEnvironment } from "local-aws/provider/isolation.ts";
import { inWorkspace } from "local-aws/provider/workspace.ts";
import { command, type CommonOptions, run } from "../ops/support/command.ts";
import { Refused } from "../ops/support/refused.ts";
import { PROJECT_ROOT } from "../ops/support/project.ts";
import { openTerminal } from "../ops/support/terminal.ts";

const DOCUMENT = path.join(PROJECT_ROOT, "docs", "architecture.md");

interface GraphOptions extends CommonOptions {
  readonly check?: true;
}

const graph = command(
  "graph",
  "Draw the resources of a stack, brought up offline, into docs/architecture.md.",
  "npm run graph -- --check",
)
  .option("--check", "write nothing; fail when the picture is not current")
  .action((options: GraphOptions) => interruptible((signal) => draw(options, signal)));

async function draw({ stack, check, json }: GraphOptions, signal: AbortSignal): Promise<void> {
  isolateEnvironment();
  const config = withoutPlaceholder(checkConfig(PROJECT_ROOT, stack));
  const engine = await resolveEngine({ signal, progress: openTerminal().progress });
  const picture = await inWorkspace(PROJECT_ROOT, async (workspace) => {
    const program = PROJECT_ROOT;
    const answers = answersOf(program);
    const run = { kind: "up", engine, workspace, program, config, answers, signal } as const;
    const { state } = await runOperation(run);
    return renderGraph(await state());
  });
  const before = readFileSync(DOCUMENT, "utf8");
  const after = withGraph(before, picture);
  const current = before === after;
  if (check && !current) {
    throw new Refused(
      "docs/architecture.md shows other resources than the program makes",
      "run: npm run graph",
    );
  }
  if (!current) writeFileSync(DOCUMENT, after);
  const said = current ? "docs/architecture.md is current" : "docs/architecture.md is drawn again";
  console.log(json ? JSON.stringify({ stack, changed: !current, mermaid: picture }) : said);
}

await run(graph);
