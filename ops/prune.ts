/** `npm run prune`: deletes versions and artifacts that nothing can go back to. */
import { pathToFileURL } from "node:url";
import { InvalidArgumentError } from "commander";
import { applyPrune } from "./prune/apply.ts";
import { planPrune, type PrunePlan, type StoredObject } from "./prune/plan.ts";
import { readSnapshot } from "./prune/snapshot.ts";
import { explaining } from "./support/aws.ts";
import { command, type ConfirmedOptions, run, withConfirmation } from "./support/command.ts";
import { type FunctionOptions, outputsOfAll, withFunction } from "./support/function-outputs.ts";
import { openSession } from "./support/session.ts";
import { confirmed } from "./support/terminal.ts";

interface PruneOptions extends ConfirmedOptions, FunctionOptions {
  readonly keep: number;
  readonly apply?: true;
}

/** Enough to go back over a bad week; Lambda's storage quota of 75 GB an account is far away. */
const DEFAULT_KEEP = 10;

async function prune(options: PruneOptions): Promise<void> {
  const { clients, outputs, service, terminal } = await openSession(options.stack, {
    deaf: true,
    function: options.function,
  });
  const others = outputsOfAll(service).filter(
    ({ functionName }) => functionName !== outputs.functionName,
  );
  const plan = planPrune(await readSnapshot(clients, outputs, others), options.keep);
  if (!options.json) for (const line of planLines(plan)) terminal.say(line);
  const empty = plan.versions.length + plan.objects.length === 0;
  const said = { stack: outputs.environment, ...plan };
  if (empty || !options.apply) {
    if (options.json) print({ ...said, applied: false });
    else console.log(empty ? "nothing to prune" : "nothing was deleted; add --apply to do it");
    return;
  }
  const what = amounts(plan.versions, plan.objects);
  await confirmed(`delete ${what} of ${outputs.functionName}?`, options.yes);
  const all = plan.versions.length + plan.objects.length;
  const done = await applyPrune(clients, outputs, plan, (count) =>
    terminal.live(`${count} of ${all} deleted`, ""),
  );
  terminal.quiet();
  for (const { what: thing, reason } of done.stayed) terminal.say(`stayed: ${thing}: ${reason}`);
  if (options.json) print({ ...said, applied: true, done });
  else console.log(`deleted ${amounts(done.versions, done.objects)}; ${done.stayed.length} stayed`);
  if (done.stayed.length > 0) process.exitCode = 1;
}

function planLines(plan: PrunePlan): string[] {
  const kept = plan.keep.map(
    ({ version, reasons }) => `  keep version ${version}: ${reasons.join(", ")}`,
  );
  const gone = plan.versions.length === 0 ? [] : [`  delete versions ${plan.versions.join(", ")}`];
  const objects = plan.objects.map(
    ({ key, sizeBytes }) => `  delete ${key} (${kilobytes(sizeBytes)})`,
  );
  return [...kept, ...gone, ...objects];
}

const amounts = (versions: readonly string[], objects: readonly StoredObject[]): string => {
  const bytes = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return `${counted(versions.length, "version")} and ${counted(objects.length, "artifact")} (${kilobytes(bytes)})`;
};

const counted = (count: number, thing: string) => `${count} ${thing}${count === 1 ? "" : "s"}`;

const kilobytes = (bytes: number) => `${Math.ceil(bytes / 1000)} kB`;

const print = (value: object) => console.log(JSON.stringify(value, undefined, 2));

function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new InvalidArgumentError("must be a whole number above 0");
  return Number(text);
}

const program = () =>
  withFunction(
    withConfirmation(
      command(
        "prune",
        "Lists versions and artifacts that nothing can go back to, and with --apply deletes them. Kept are the versions of an alias, of the stack's state, of a rollback, those not released yet, and the newest ones.",
        "npm run prune -- --stack staging --keep 5 --apply",
      ),
    ),
  )
    .option("--keep <count>", "newest versions to keep in any case", count, DEFAULT_KEEP)
    .option("--apply", "delete; without it only the list is shown")
    .action(explaining(prune));

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await run(program());
