/** `npm run cost`: what a stack costs in a month, from its own plan. Needs no account. */
import "./compile-cache.ts";
import { InvalidArgumentError, Option } from "commander";
import { isolateEnvironment } from "local-aws/provider/isolation.ts";
import { checkConfig } from "../ops/support/check-config.ts";
import { command, type CommonOptions, run } from "../ops/support/command.ts";
import { interruptible } from "../ops/support/interrupt.ts";
import { PROJECT_ROOT } from "../ops/support/project.ts";
import { openTerminal, type Terminal } from "../ops/support/terminal.ts";
import { difference } from "./cost/difference.ts";
import { estimate } from "./cost/estimate.ts";
import { planOffline } from "./cost/planned.ts";
import { renderDifference } from "./cost/render-difference.ts";
import { renderEstimate } from "./cost/render.ts";
import { DEFAULT_USAGE, type Usage } from "./cost/usage.ts";

type CostOptions = CommonOptions & Usage & { readonly against?: string };

async function cost(options: CostOptions, terminal: Terminal, signal: AbortSignal): Promise<void> {
  isolateEnvironment();
  const { stack, json, against, requests, durationMs, logKb, networkGb, storedGb, incidents } =
    options;
  const usage: Usage = { requests, durationMs, logKb, networkGb, storedGb, incidents };
  const config = checkConfig(PROJECT_ROOT, stack);
  const region = config.values["aws:region"] ?? "";
  for (const note of config.notes) terminal.say(`note: ${note}`);
  const planning = await planOffline({ root: PROJECT_ROOT, config, against, terminal, signal });
  const { after, before } = planning;
  const estimated = estimate(after.resources, usage, after.main);
  terminal.quiet();
  if (before === undefined) {
    console.log(
      json
        ? JSON.stringify({ stack, region, usage, ...estimated }, undefined, 2)
        : renderEstimate(estimated, usage, `Estimate of stack ${stack}`, region),
    );
    return;
  }
  const { revision, commit } = before;
  const compared = difference(estimate(before.resources, usage, before.main), estimated);
  const document = {
    stack,
    region,
    usage,
    against: { revision, commit },
    ...estimated,
    difference: compared,
  };
  const title = `Estimate of stack ${stack} compared with ${revision} (${commit})`;
  console.log(
    json
      ? JSON.stringify(document, undefined, 2)
      : renderDifference(compared, usage, title, region),
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
    .addOption(
      new Option("--log-kb <KB>", "log lines a call")
        .argParser(amount)
        .default(undefined, "what the handler writes at its log level"),
    )
    .option(
      "--network-gb <GB>",
      "traffic through NAT gateways or interface endpoints a month",
      amount,
      DEFAULT_USAGE.networkGb,
    )
    .option("--stored-gb <GB>", "what each table holds", amount, DEFAULT_USAGE.storedGb)
    .option("--incidents <count>", "alarms that ring a month", amount, DEFAULT_USAGE.incidents)
    .option(
      "--against <revision>",
      "only what this tree adds to, or takes off, the estimate of this git revision",
    )
    .action((options: CostOptions) =>
      interruptible(async (signal) => {
        const terminal = openTerminal();
        try {
          await cost(options, terminal, signal);
        } finally {
          terminal.quiet();
        }
      }),
    ),
);
