import { expect } from "chai";
import { parseSettings, SettingsError } from "../../../infra/settings/parse.ts";
import { scheduleFault } from "../../../infra/options/schedule.ts";
import { rawSettings } from "../../../ops/support/stack-config.ts";
import { runProgram } from "../../support/mocks.ts";
import { testConfig, type Value } from "../../support/settings.ts";

type Config = Readonly<Record<string, Value>>;

const settingsOf = (config: Config) => parseSettings(rawSettings(testConfig("staging", config)));

function faultsOf(config: Config): readonly string[] {
  try {
    settingsOf(config);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
}

const SCALED = { provisionedConcurrency: 3, provisionedConcurrencyMaximum: 9 };
const day = { name: "day", cron: "0 7 ? * MON-FRI *", minimum: 5, maximum: 20 };
const scheduled = (...schedules: readonly unknown[]): Config => ({
  ...SCALED,
  provisionedConcurrencySchedules: schedules,
});

describe("concurrency settings", () => {
  it("tell no reservation from a function that is switched off", () => {
    expect(settingsOf({}).reservedConcurrency).to.equal("unreserved");
    expect(settingsOf({ reservedConcurrency: "stopped" }).reservedConcurrency).to.equal("stopped");
    expect(settingsOf({ reservedConcurrency: 7 }).reservedConcurrency).to.equal(7);
  });

  it("take schedules with a zone, UTC where none is named", () => {
    const paris = { ...day, name: "paris", cron: " 0  19 ? * SUN *", timeZone: "Europe/Paris" };
    expect(settingsOf(scheduled(day, paris)).provisionedConcurrencySchedules).to.deep.equal([
      { ...day, timeZone: "UTC" },
      { ...paris, cron: "0 19 ? * SUN *" },
    ]);
  });

  const refused: readonly (readonly [string, Config, string, RegExp])[] = [
    [
      "0 as a reservation",
      { reservedConcurrency: 0 },
      "reservedConcurrency",
      /unreserved.*stopped/,
    ],
    ["a reservation of -1", { reservedConcurrency: -1 }, "reservedConcurrency", /from 1 on/],
    ["an empty reservation", { reservedConcurrency: "" }, "reservedConcurrency", /no value/],
    ["half an environment", { provisionedConcurrency: "1.5" }, "provisionedConcurrency", /whole/],
    [
      "a maximum without a minimum",
      { provisionedConcurrencyMaximum: 4 },
      "provisionedConcurrencyMaximum",
      /needs provisionedConcurrency/,
    ],
    [
      "a minimum above the maximum",
      { provisionedConcurrency: 5, provisionedConcurrencyMaximum: 4 },
      "provisionedConcurrency",
      /not be above provisionedConcurrencyMaximum \(4\)/,
    ],
    [
      "a range of one number",
      { provisionedConcurrency: 4, provisionedConcurrencyMaximum: 4 },
      "provisionedConcurrencyMaximum",
      /nothing to scale/,
    ],
    [
      "more warm than reserved",
      { reservedConcurrency: 2, provisionedConcurrency: 3 },
      "provisionedConcurrency",
      /not be above reservedConcurrency \(2\)/,
    ],
    [
      "a maximum above the reservation",
      { ...SCALED, reservedConcurrency: 5 },
      "provisionedConcurrencyMaximum",
      /"9"; must not be above reservedConcurrency \(5\)/,
    ],
    [
      "a schedule above the reservation",
      { ...scheduled(day), reservedConcurrency: 10 },
      "provisionedConcurrencySchedules",
      /schedule "day", maximum: "20"/,
    ],
    [
      "warm environments of a stopped function",
      { reservedConcurrency: "stopped", provisionedConcurrency: 1 },
      "provisionedConcurrency",
      /switched off/,
    ],
    [
      "a target of nothing",
      { provisionedConcurrencyTargetPercent: 0 },
      "provisionedConcurrencyTargetPercent",
      /10 to 90/,
    ],
    [
      "schedules without a range",
      { provisionedConcurrencySchedules: [day] },
      "provisionedConcurrencySchedules",
      /need the range/,
    ],
    [
      "a schedule that never fires",
      scheduled({ ...day, cron: "0 7 31 2 ? *" }),
      "provisionedConcurrencySchedules",
      /schedule "day": cron "0 7 31 2 \? \*" never fires/,
    ],
    [
      "a schedule of one year",
      scheduled({ ...day, cron: "0 7 1 1 ? 2020" }),
      "provisionedConcurrencySchedules",
      /\* as its year/,
    ],
    [
      "a schedule of Unix cron",
      scheduled({ ...day, cron: "0 7 * * 1-5" }),
      "provisionedConcurrencySchedules",
      /has 5 fields; write six/,
    ],
    [
      "a schedule without ?",
      scheduled({ ...day, cron: "0 7 * * MON *" }),
      "provisionedConcurrencySchedules",
      /must have \?/,
    ],
    [
      "a schedule at an hour that no day has",
      scheduled({ ...day, cron: "0 24 ? * MON *" }),
      "provisionedConcurrencySchedules",
      /no cron expression/,
    ],
    [
      "a schedule in a zone that nobody knows",
      scheduled({ ...day, timeZone: "Europe/Atlantis" }),
      "provisionedConcurrencySchedules",
      /timeZone "Europe\/Atlantis"/,
    ],
    [
      "a schedule with min above max",
      scheduled({ ...day, minimum: 30 }),
      "provisionedConcurrencySchedules",
      /minimum 30 must not be above maximum 20/,
    ],
    [
      "a schedule that keeps nothing",
      scheduled({ ...day, minimum: 0 }),
      "provisionedConcurrencySchedules",
      /minimum must be a whole number, 1 or more/,
    ],
    [
      "a misspelt key of a schedule",
      scheduled({ ...day, timezone: "Europe/Paris" }),
      "provisionedConcurrencySchedules",
      /no such key timezone/,
    ],
    [
      "one name for two schedules",
      scheduled(day, { ...day, cron: "0 9 ? * MON *" }),
      "provisionedConcurrencySchedules",
      /"day" is used twice/,
    ],
    [
      "two schedules at one moment",
      scheduled(day, { ...day, name: "again" }),
      "provisionedConcurrencySchedules",
      /two schedules fire at/,
    ],
    [
      "schedules that are no list",
      { ...SCALED, provisionedConcurrencySchedules: "day" },
      "provisionedConcurrencySchedules",
      /must be a list/,
    ],
    [
      "a schedule that is no mapping",
      scheduled("0 7 ? * MON-FRI *"),
      "provisionedConcurrencySchedules",
      /schedule 1 must be/,
    ],
  ];
  for (const [what, config, key, rule] of refused) {
    it(`refuse ${what} in one line`, () => {
      const faults = faultsOf(config);
      expect(faults, faults.join("\n")).to.have.length(1);
      expect(faults[0]).to.match(rule).and.not.include("\n");
      expect(faults[0]?.startsWith(`${key}: `), faults[0]).to.equal(true);
      expect(faults[0]).to.include("Pulumi.staging.yaml");
    });
  }

  it("list every fault of the schedules at once", () => {
    const [fault = ""] = faultsOf(scheduled({ ...day, minimum: 0, cron: "x" }, { name: "Night" }));
    for (const part of [
      'schedule "day": minimum',
      "has 1 fields",
      "schedule 2: name",
      "has no cron",
    ])
      expect(fault).to.include(part);
  });
});

describe("a schedule", () => {
  // Moments by AWS's own counting: Sunday is 1.
  for (const [cron, fires] of [
    ["0 7 ? * 7 *", true],
    ["0 7 ? * 2#1 *", true],
    ["0 7 ? * 6L *", true],
    ["0 7 L * ? *", true],
    ["0 7 15W * ? *", true],
    ["*/5 8-18 ? * MON,WED *", true],
    ["0 7 29 2 ? *", true],
    ["0 7 30 2 ? *", false],
    ["0 7 31 4,6,9,11 ? *", false],
    ["0 7 ? * 8 *", false],
    ["0 7 ? * 0 *", false],
    ["60 7 ? * 2 *", false],
    ["0 7 ? * MON#6 *", false],
    ["rate(5 minutes)", false],
  ] as const) {
    it(`${fires ? "takes" : "refuses"} ${cron}`, () => {
      expect(scheduleFault(cron, "Europe/Berlin") === undefined).to.equal(fires);
    });
  }
});

describe("the program with concurrency", () => {
  it("has not a trace of it by default", async () => {
    const run = await runProgram();
    const types = run.resources.map(({ type }) => type);
    expect(types.filter((type) => /appautoscaling|provisioned/i.test(type))).to.deep.equal([]);
    expect(run.find("aws:lambda/function:Function", "function").inputs).not.to.have.property(
      "reservedConcurrentExecutions",
    );
  });

  it("stops the function by reserving nothing for it", async () => {
    const run = await runProgram({ config: { reservedConcurrency: "stopped" } });
    expect(run.find("aws:lambda/function:Function", "function").inputs).to.include({
      reservedConcurrentExecutions: 0,
    });
    expect(run.find("aws:lambda/function:Function", "hook").inputs).not.to.have.property(
      "reservedConcurrentExecutions",
    );
  });

  it("keeps environments warm for the alias, and lets auto scaling own what is its own", async () => {
    const run = await runProgram({ config: scheduled(day) });
    const resourceId = "function:ledger-function-staging:live";
    const provisioned = run.find(
      "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
    );
    expect(provisioned.inputs).to.deep.equal({
      functionName: "ledger-function-staging",
      qualifier: "live",
      provisionedConcurrentExecutions: 3,
    });
    expect(provisioned.options.ignoreChanges).to.deep.equal(["provisionedConcurrentExecutions"]);
    expect(provisioned.options.dependsOn).to.include("live");

    const target = run.find("aws:appautoscaling/target:Target");
    expect(target.inputs).to.deep.equal({
      serviceNamespace: "lambda",
      scalableDimension: "lambda:function:ProvisionedConcurrency",
      resourceId,
      minCapacity: 3,
      maxCapacity: 9,
    });
    expect(target.options.ignoreChanges).to.have.members(["minCapacity", "maxCapacity"]);
    expect(target.options.dependsOn).to.include("provisioned-concurrency");

    expect(run.find("aws:appautoscaling/policy:Policy").inputs).to.deep.include({
      resourceId,
      policyType: "TargetTrackingScaling",
      targetTrackingScalingPolicyConfiguration: {
        targetValue: 0.6,
        predefinedMetricSpecification: {
          predefinedMetricType: "LambdaProvisionedConcurrencyUtilization",
        },
        scaleInCooldown: 300,
        scaleOutCooldown: 0,
      },
    });
    expect(run.find("aws:appautoscaling/scheduledAction:ScheduledAction").inputs).to.deep.include({
      name: "day",
      resourceId,
      schedule: "cron(0 7 ? * MON-FRI *)",
      timezone: "UTC",
      scalableTargetAction: { minCapacity: 5, maxCapacity: 20 },
    });
  });

  it("writes a fixed number itself, and lets auto scaling have no part in it", async () => {
    const run = await runProgram({ config: { provisionedConcurrency: 2 } });
    const { options } = run.find(
      "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
    );
    expect(options.ignoreChanges).to.deep.equal([]);
    expect(run.all("aws:appautoscaling/target:Target")).to.deep.equal([]);
  });

  it("gives the handler no right of it", async () => {
    const permissions = async (config: Config) =>
      (await runProgram({ config })).find("aws:iam/rolePolicy:RolePolicy", "execution-permissions")
        .inputs["policy"];
    expect(await permissions(scheduled(day))).to.equal(await permissions({}));
  });
});
