/** `npm run cost`: what a stack costs in a month, from its own plan. Needs no account. */
import "./compile-cache.ts";
import { InvalidArgumentError } from "commander";
import { resolveEngine } from "local-aws/engine/resolve.ts";
import { isolateEnvironment } from "local-aws/provider/isolation.ts";
import { runOperation } from "local-aws/provider/operation.ts";
import { inWorkspace } from "local-aws/provider/workspace.ts";
import { functionName } from "../infra/names.ts";
import { parseSettings } from "../infra/settings/parse.ts";
import { checkConfig } from "../ops/support/check-config.ts";
import { command, type CommonOptions, run } from "../ops/support/command.ts";
import { interruptible } from "../ops/support/interrupt.ts";
import { PROJECT_ROOT } from "../ops/support/project.ts";
import { rawSettings } from "../ops/support/stack-config.ts";
import { openTerminal } from "../ops/support/terminal.ts";
import { estimate } from "./cost/estimate.ts";
import { renderEstimate } from "./cost/render.ts";
import { DEFAULT_USAGE, type Usage } from "./cost/usage.ts";

type CostOptions = CommonOptions & Usage;

async function cost(options: CostOptions, signal: AbortSignal): Promise<void> {
  isolateEnvironment();
  const terminal = openTerminal();
  const { stack, json, requests, durationMs, logKb, natGb, incidents } = options;
  const usage: Usage = { requests, durationMs, logKb, natGb, incidents };
  const config = checkConfig(PROJECT_ROOT, stack);
  const main = functionName(parseSettings(rawSettings(config)));
  const engine = await resolveEngine({ signal, progress: terminal.progress });
  const resources = await inWorkspace(PROJECT_ROOT, async (workspace) => {
    terminal.live(`planning ${stack}`, "planning");
    const { plan } = await runOperation({
      kind: "preview",
      engine,
      workspace,
      program: PROJECT_ROOT,
      config,
      signal,
    });
    return plan.resources;
  });
  terminal.quiet();
  const estimated = estimate(resources, usage, main);
  console.log(
    json
      ? JSON.stringify({ stack, usage, ...estimated }, undefined, 2)
      : renderEstimate(estimated, usage, `Estimate of stack ${stack}`),
  );
}

/** A number that is not negative; `1e6` is one million. */
function amount(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0) || !Number.isFinite(value)) {
    throw new InvalidArgumentError("must be a number, 0 or more");
  }
  return value;
}

await run(
  command(
    "cost",
    "Estimate what a stack costs in a month, line by line, from its own plan and dated list prices.",
    "npm run cost -- --stack production --requests 10e6 --duration-ms 80",
  )
    .option("--requests <count>", "calls a month", amount, DEFAULT_USAGE.requests)
    .option("--duration-ms <ms>", "average duration of a call", amount, DEFAULT_USAGE.durationMs)
    .option("--log-kb <KB>", "log lines a call", amount, DEFAULT_USAGE.logKb)
    .option("--nat-gb <GB>", "traffic through a NAT gateway a month", amount, DEFAULT_USAGE.natGb)
    .option("--incidents <count>", "alarms that ring a month", amount, DEFAULT_USAGE.incidents)
    .action((options: CostOptions) => interruptible((signal) => cost(options, signal))),
);
