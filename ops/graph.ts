/** Draws the resources of a stack into docs/architecture.md: `npm run graph`. */
import "./offline/compile-cache.ts";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { resolveEngine } from "./engine/resolve.ts";
import { checkConfig } from "./offline/check-config.ts";
import { renderGraph, withGraph } from "./offline/graph.ts";
import { interruptible } from "./offline/interrupt.ts";
import { runOperation } from "./offline/operation.ts";
import { withoutPlaceholder } from "./offline/stack-config.ts";
import { isolateEnvironment } from "./offline/isolation.ts";
import { inWorkspace } from "./offline/workspace.ts";
import { command, type CommonOptions, Refused, run } from "./support/command.ts";
import { openTerminal } from "./support/terminal.ts";

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const DOCUMENT = path.join(ROOT, "docs", "architecture.md");

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
  const config = withoutPlaceholder(checkConfig(ROOT, stack));
  const engine = await resolveEngine(openTerminal(), { signal });
  const picture = await inWorkspace(ROOT, async (workspace) => {
    const run = { kind: "up", engine, workspace, program: ROOT, config, signal } as const;
    const { state } = await runOperation(run);
    return renderGraph(await state());
  });
  const before = readFileSync(DOCUMENT, "utf8");
  const after = withGraph(before, picture);
  const current = before === after;
  if (check && !current) {
    throw new Refused(
      "docs/architecture.md shows other resources than the program makes; run: npm run graph",
    );
  }
  if (!current) writeFileSync(DOCUMENT, after);
  const said = current ? "docs/architecture.md is current" : "docs/architecture.md is drawn anew";
  console.log(json ? JSON.stringify({ stack, changed: !current, mermaid: picture }) : said);
}

await run(graph);
