import { expect } from "chai";
import type { Plan, PlannedResource } from "local-aws/provider/plan.ts";
import { type RunOptions, useEngine, withStack } from "../support/engine.ts";
import { touched } from "../support/touched.ts";

const nameOnly = (line: string): string => line.slice(line.indexOf(" ") + 1);
const pathsOf = ({ changes }: PlannedResource): string[] => changes.map(({ path }) => path);

type Config = NonNullable<RunOptions["config"]>;

/** The resource of this name that AWS has, not the component of the same name. */
const find = ({ resources }: Plan, name: string): PlannedResource => {
  const found = resources.find(
    (resource) => resource.name === name && resource.type.startsWith("aws:"),
  );
  if (found === undefined) throw new Error(`the plan has no resource ${name}`);
  return found;
};

const FIXED = { provisionedConcurrency: 3 };
const SCALED = { ...FIXED, provisionedConcurrencyMaximum: 9 };
const SCHEDULED = {
  ...SCALED,
  provisionedConcurrencySchedules: [
    { name: "day", cron: "0 7 ? * MON-FRI *", timeZone: "Europe/Lisbon", minimum: 5, maximum: 20 },
    { name: "night", cron: "0 19 ? * MON-FRI *", minimum: 2, maximum: 4 },
  ],
};
const EVERYTHING = { ...SCHEDULED, reservedConcurrency: 60 };

/** What warm environments bring besides themselves: alarms, and the rights to make and read it all. */
const AROUND = [
  "identity-deploy-options",
  "identity-deploy-options-view",
  "identity-options-view",
  "identity-plan-options-view",
  "identity-preview-options-view",
  "provisioned-utilisation-alarm",
  "spill-over-alarm",
];

const of = (op: string, names: readonly string[]): string[] => names.map((name) => `${op} ${name}`);

describe("concurrency and secrets on the real engine", function () {
  this.timeout(180_000);
  useEngine();

  // One stack through all its states: what each step plans from the one before, and nothing else.
  it("plans its own resources only, and never undoes what auto scaling has done", () =>
    withStack(async (stack) => {
      const plan = async (config: Config): Promise<Plan> =>
        (await stack.run("preview", { config })).plan;
      const off = await stack.run("up");

      // Secrets of the service's own names: the handler hears of them and may read them, and that is all.
      const secrets = { bank: "ledger/staging/bank", limit: "/ledger/staging/limit" };
      expect(touched(await plan({ secrets }))).to.deep.equal([
        "update execution-permissions",
        "update function",
      ]);

      // On.
      const on = await stack.run("up", { config: EVERYTHING });
      const made = [
        ...AROUND,
        "provisioned-concurrency",
        "provisioned-day",
        "provisioned-night",
        "provisioned-range",
        "provisioned-scaling",
        "reserved-concurrency-alarm",
      ];
      // The function's reservation, and the board's row of alarms.
      const changed = ["dashboard", "function"];
      expect(touched(on.plan)).to.deep.equal(
        [...of("create", made), ...of("update", changed)].sort(),
      );
      expect(find(on.plan, "function").changes).to.deep.equal([
        { path: "reservedConcurrentExecutions", kind: "add", after: 60 },
      ]);
      // Neither publishes a version.
      expect(on.plan.outputs["functionVersion"]).to.equal(off.plan.outputs["functionVersion"]);
      // Off again.
      expect(touched(await plan({}))).to.deep.equal(
        [...of("delete", made), ...of("update", changed)].sort(),
      );

      // Schedules own the range in AWS; a range that the config changes replaces it, with all that hangs on it.
      const wider = { ...EVERYTHING, provisionedConcurrencyMaximum: 11 };
      expect(touched(await plan(wider))).to.deep.equal([
        "replace provisioned-day",
        "replace provisioned-night",
        "replace provisioned-range",
        "replace provisioned-scaling",
      ]);
      const [day, ...rest] = SCHEDULED.provisionedConcurrencySchedules;
      const later = [{ ...day, maximum: 30 }, ...rest];
      const more = { ...EVERYTHING, provisionedConcurrencySchedules: later };
      expect(touched(await plan(more))).to.deep.equal(["update provisioned-day"]);

      // Without them, whichever range the last one has left there: the config's is set, by the same replacement.
      const scaled = await stack.run("up", { config: SCALED });
      expect(touched(scaled.plan).map(nameOnly).sort()).to.deep.equal(
        [
          "provisioned-day",
          "provisioned-night",
          "provisioned-range",
          "provisioned-scaling",
          ...changed,
          "reserved-concurrency-alarm",
        ].sort(),
      );
      const left = (await scaled.state()).map(({ urn }) => urn.split("::").at(-1));
      expect(left).to.include("provisioned-range").and.not.include("provisioned-day");
      // How many there are is auto scaling's: only the range is written.
      const range = { ...SCALED, provisionedConcurrency: 5, provisionedConcurrencyMaximum: 12 };
      const ranged = await plan(range);
      expect(touched(ranged)).to.deep.equal(["update provisioned-range"]);
      expect(pathsOf(find(ranged, "provisioned-range"))).to.have.members([
        "maxCapacity",
        "minCapacity",
      ]);

      // A fixed number: what auto scaling has left there is not taken for it, although the config's is the same.
      const fixed = await stack.run("up", { config: FIXED });
      expect(touched(fixed.plan)).to.deep.equal([
        "delete provisioned-range",
        "delete provisioned-scaling",
        "replace provisioned-concurrency",
        "update identity-deploy-options",
        "update identity-options-view",
      ]);
      expect(touched(await plan({ provisionedConcurrency: 4 }))).to.deep.equal([
        "update provisioned-concurrency",
      ]);
    }));
});
