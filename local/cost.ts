/** `npm run cost`: what a stack costs in a month, from its own resources. Needs no account. */
import "./compile-cache.ts";
import { type Command, InvalidArgumentError, Option } from "commander";
import { isolateEnvironment } from "local-aws/provider/isolation.ts";
import { PRICES } from "../infra/observability/prices.ts";
import { askAccount, LOOKED_BACK_DAYS } from "../ops/cost/ask.ts";
import { day, DAY_MS, type MeasuredUsage } from "../ops/cost/measure.ts";
import { explaining } from "../ops/support/aws.ts";
import { checkConfig } from "../ops/support/check-config.ts";
import { command, type ConfirmedOptions, run } from "../ops/support/command.ts";
import { interruptible } from "../ops/support/interrupt.ts";
import { PROJECT_ROOT } from "../ops/support/project.ts";
import { openTerminal, type Terminal } from "../ops/support/terminal.ts";
import { compareActual } from "./cost/actual.ts";
import { advise } from "./cost/advice.ts";
import { difference } from "./cost/difference.ts";
import { estimate } from "./cost/estimate.ts";
import { planOffline } from "./cost/planned.ts";
import { renderActual } from "./cost/render-actual.ts";
import { renderDifference } from "./cost/render-difference.ts";
import { otherRegion, renderAdvice, renderEstimate, usageText } from "./cost/render.ts";
import { DEFAULT_USAGE, HOURS_A_MONTH, type Usage } from "./cost/usage.ts";
import { accepts, setOption, withSettings } from "./with-settings.ts";

interface CostOptions extends ConfirmedOptions, Usage {
  readonly against?: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly usage?: "measured";
  readonly actual?: true;
}

async function cost(
  options: CostOptions,
  given: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { stack, json, against, set, actual = false } = options;
  // The account is asked under the user's credentials, the rest runs without any.
  const asked =
    actual || options.usage === "measured"
      ? await askAccount(stack, { actual, yes: options.yes })
      : undefined;
  isolateEnvironment();
  const usage = usageOf(options, given, asked?.measured);
  const own = checkConfig(PROJECT_ROOT, stack);
  const config = set === undefined ? own : withSettings(PROJECT_ROOT, own, set);
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
  const measured = asked && { measured: asked.measured };
  const common = { stack, region, usage, ...measured, ...(set && { set }), ...estimated };
  const span = asked && spanOf(asked.measured);
  if (asked?.spent) {
    const { days } = asked.measured;
    const compared = compareActual(estimated.lines, days, asked.spent);
    const costUsd = asked.spent.requests * PRICES.costExplorerRequest.usd;
    const text = [
      `Stack ${stack}, ${usageText(usage)}, ${renderActual(compared, span ?? "", costUsd)}`,
      ...otherRegion(region),
    ];
    print(json, { ...common, actual: { ...compared, askingCostUsd: costUsd } }, text.join("\n"));
    return;
  }
  if (before === undefined) {
    const advice = advise(after, usage, (key, value) =>
      accepts(PROJECT_ROOT, config, { [key]: value }),
    );
    const from = span === undefined ? "" : `, usage measured ${span}`;
    const text = [
      renderEstimate(estimated, usage, `Estimate of stack ${stack}${from}`, region),
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

/** Figures that were measured, but for those that the user gave. */
function usageOf(
  { requests, durationMs, logKb, networkGb, storedGb, incidents }: Usage,
  given: readonly string[],
  measured: MeasuredUsage | undefined,
): Usage {
  const usage: Usage = { requests, durationMs, logKb, networkGb, storedGb, incidents };
  if (!measured) return usage;
  const counted: Partial<Usage> = {
    requests: (measured.requests / measured.days / 24) * HOURS_A_MONTH,
    durationMs: measured.durationMs,
    logKb: measured.logBytes / measured.requests / 1000,
  };
  const taken = Object.entries(counted).filter(([key]) => !given.includes(key));
  return { ...usage, ...Object.fromEntries(taken) };
}

const spanOf = ({ days, untilMs }: MeasuredUsage): string =>
  `from ${day(untilMs - days * DAY_MS)} to ${day(untilMs - DAY_MS)} (${days} days)`;

const print = (json: true | undefined, document: object, text: string): void => {
  console.log(json ? JSON.stringify(document, undefined, 2) : text);
};

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
      setOption("only what another value of a config key adds or takes off").conflicts("against"),
    )
    .addOption(
      new Option(
        "--usage <source>",
        `measured: calls, duration and log lines of the last ${LOOKED_BACK_DAYS} days, from CloudWatch; needs credentials`,
      ).choices(["measured"]),
    )
    .addOption(
      new Option(
        "--actual",
        `what was paid in these days, by Cost Explorer, beside the estimate; needs credentials, and costs $${PRICES.costExplorerRequest.usd} a request`,
      ).conflicts(["against", "set"]),
    )
    .option("--yes", "do not ask before Cost Explorer is asked")
    .action(
      explaining(async (options: CostOptions, cost_: Command) => {
        const given = Object.keys(options).filter(
          (key) => cost_.getOptionValueSource(key) === "cli",
        );
        await interruptible(async (signal) => {
          const terminal = openTerminal();
          try {
            await cost(options, given, terminal, signal);
          } finally {
            terminal.quiet();
          }
        });
      }),
    ),
);
