/** `npm run cost`: what a stack costs in a month, from its own resources. Needs no account. */
import "./compile-cache.ts";
import { InvalidArgumentError, Option } from "commander";
import { isolateEnvironment } from "local-aws/provider/isolation.ts";
import { checkConfig, checked, type CheckedConfig } from "../ops/support/check-config.ts";
import { command, type CommonOptions, run } from "../ops/support/command.ts";
import { interruptible } from "../ops/support/interrupt.ts";
import { PROJECT_ROOT } from "../ops/support/project.ts";
import { isRefusal } from "../ops/support/refused.ts";
import { withValues } from "../ops/support/stack-config.ts";
import { openTerminal, type Terminal } from "../ops/support/terminal.ts";
import { advise } from "./cost/advice.ts";
import { difference } from "./cost/difference.ts";
import { estimate } from "./cost/estimate.ts";
import { planOffline } from "./cost/planned.ts";
import { renderDifference } from "./cost/render-difference.ts";
import { renderAdvice, renderEstimate } from "./cost/render.ts";
import { DEFAULT_USAGE, type Usage } from "./cost/usage.ts";

interface CostOptions extends CommonOptions, Usage {
  readonly against?: string;
  readonly set?: Readonly<Record<string, string>>;
}

async function cost(options: CostOptions, terminal: Terminal, signal: AbortSignal): Promise<void> {
  isolateEnvironment();
  const { stack, json, against, set, requests, durationMs, logKb, networkGb, storedGb, incidents } =
    options;
  const usage: Usage = { requests, durationMs, logKb, networkGb, storedGb, incidents };
  const own = checkConfig(PROJECT_ROOT, stack);
  const config = set === undefined ? own : checked(withValues(own, set));
  const region = config.values["aws:region"] ?? "";
  for (const note of config.notes) terminal.say(`note: ${note}`);
  const { after, before, baseline } = await planOffline({
    root: PROJECT_ROOT,
    config,
    against: set === undefined ? against : own,
    terminal,
    signal,
  });
  terminal.quiet();
  const estimated = estimate(after.resources, usage, after.main);
  const common = { stack, region, usage, ...(set && { set }), ...estimated };
  if (before === undefined) {
    const advice = advise(after, usage, accepting(config));
    const text = [
      renderEstimate(estimated, usage, `Estimate of stack ${stack}`, region),
      ...renderAdvice(advice),
    ];
    print(json, { ...common, advice }, text.join("\n"));
    return;
  }
  const compared = difference(estimate(before.resources, usage, before.main), estimated);
  const document = {
    ...common,
    ...(baseline && { against: { revision: baseline.revision, commit: baseline.commit } }),
    difference: compared,
  };
  const other = baseline ? `${baseline.revision} (${baseline.commit})` : "its config";
  const with_ = set
    ? ` with ${Object.entries(set)
        .map(([key, value]) => `${key}=${value}`)
        .join(", ")}`
    : "";
  const title = `Estimate of stack ${stack}${with_} compared with ${other}`;
  print(json, document, renderDifference(compared, usage, title, region));
}

const print = (json: true | undefined, document: object, text: string): void => {
  console.log(json ? JSON.stringify(document, undefined, 2) : text);
};

/** Whether the settings would take another value for a key. */
const accepting =
  (config: CheckedConfig) =>
  (key: string, value: string): boolean => {
    try {
      checked(withValues(config, { [key]: value }));
      return true;
    } catch (error) {
      if (isRefusal(error)) return false;
      throw error;
    }
  };

/** A number that is not negative; `1e6` is one million. */
function amount(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0) || !Number.isFinite(value)) {
    throw new InvalidArgumentError("must be a number, 0 or more");
  }
  return value;
}

/** `key=value`, added to those before. */
function setting(
  text: string,
  others: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, key, value] = /^([A-Za-z]\w*)=([^]*)$/.exec(text) ?? [];
  if (key === undefined || value === undefined) {
    throw new InvalidArgumentError("must be key=value, such as memoryMb=1024");
  }
  return { ...others, [key]: value };
}

await run(
  command(
    "cost",
    "Estimate what a stack costs in a month, line by line, from its own resources and dated list prices.",
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
    .addOption(
      new Option(
        "--set <key=value>",
        "only what another value of a config key adds or takes off; may be given several times",
      )
        .argParser(setting)
        .conflicts("against"),
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
