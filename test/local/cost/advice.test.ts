/** What settings would save or add: each amount is that of the whole program under the changed config. */
import { expect } from "chai";
import { parseSettings, SettingsError } from "../../../infra/settings/parse.ts";
import { type Advice, advise, type Turn } from "../../../local/cost/advice.ts";
import { estimate } from "../../../local/cost/estimate.ts";
import type { PricedResource } from "../../../local/cost/pricing.ts";
import { renderAdvice } from "../../../local/cost/render.ts";
import { DEFAULT_USAGE, type Usage } from "../../../local/cost/usage.ts";
import { rawSettings } from "../../../ops/support/stack-config.ts";
import { type OfflineStack, useEngine, withStack } from "../../support/engine.ts";
import { runProgram } from "../../support/mocks.ts";
import { testConfig } from "../../support/settings.ts";

type Config = Readonly<Record<string, string | number>>;

const USAGE: Usage = { ...DEFAULT_USAGE, requests: 20e6, durationMs: 300 };

/** Where instances kept ready are paid for and mostly wait. */
const QUIET: Usage = { ...DEFAULT_USAGE, requests: 100_000 };

const settingsOf = (config: Config) => parseSettings(rawSettings(testConfig("staging", config)));

const acceptedIn =
  (config: Config) =>
  (key: string, value: string): boolean => {
    try {
      settingsOf({ ...config, [key]: value });
      return true;
    } catch (error) {
      if (error instanceof SettingsError) return false;
      throw error;
    }
  };

const mainOf = (config: Config): string => {
  const { serviceName, environment } = settingsOf(config);
  return `${serviceName}-function-${environment}`;
};

const runs = new Map<string, Promise<readonly PricedResource[]>>();

/** The program's resources under a config, once each: a run takes a second. */
function underMocks(config: Config): Promise<readonly PricedResource[]> {
  const key = JSON.stringify(Object.entries(config));
  const run = runs.get(key) ?? runProgram({ config }).then(({ resources }) => resources);
  runs.set(key, run);
  return run;
}

const turnsOf = ({ save, add }: Advice): readonly Turn[] => [...save, ...add];
const keysOf = (turns: readonly Turn[]) => turns.map(({ key, value }) => `${key}=${value}`);

describe("what a setting would save or add", () => {
  const adviceFor = async (config: Config, usage = USAGE) =>
    advise(
      { resources: await underMocks(config), main: mainOf(config) },
      usage,
      acceptedIn(config),
    );

  for (const [config, usage, expected] of [
    [
      { memoryMb: 384, logLevel: "trace", architecture: "x86_64" },
      USAGE,
      ["memoryMb=192", "logLevel=info", "architecture=arm64", "tracing=passThrough"],
    ],
    [
      { memoryMb: 512, logLevel: "debug", architecture: "arm64" },
      { ...USAGE, logKb: 9 },
      ["logLevel=info"],
    ],
    [
      { provisionedConcurrency: 2, logLevel: "info", architecture: "arm64" },
      QUIET,
      ["provisionedConcurrency=0", "createKey=true"],
    ],
    [
      { provisionedConcurrency: 0, logLevel: "info", architecture: "arm64" },
      QUIET,
      ["provisionedConcurrency=1"],
    ],
    [
      { api: "rest", logLevel: "info", architecture: "arm64" },
      USAGE,
      ["api=http", "tracing=passThrough"],
    ],
    [
      { logRetentionDays: 3653, logLevel: "info", architecture: "arm64" },
      USAGE,
      ["logRetentionDays=14", "logLevel=debug"],
    ],
  ] as const) {
    it(`is what the program costs then, with ${JSON.stringify(config)}`, async () => {
      const advice = await adviceFor(config, usage);
      const now = estimate(await underMocks(config), usage, mainOf(config)).totalUsd;
      const turns = turnsOf(advice).filter(({ key }) => key !== "network");

      expect(keysOf(turns)).to.include.members([...expected]);
      for (const { key, value, usd } of turns) {
        const changed = { ...config, [key]: value };
        // How many KB a level writes more or less is known; of somebody's own figure it takes the share.
        if (key === "logLevel" && usage.logKb !== undefined) continue;
        const then = estimate(await underMocks(changed), usage, mainOf(changed)).totalUsd;
        expect(usd, key).to.be.closeTo(then - now, 1e-6);
      }
    });
  }

  it("takes its share of the KB that somebody has named", async () => {
    const { save } = await adviceFor({ logLevel: "debug" }, { ...USAGE, logKb: 10 });
    const { save: less } = await adviceFor({ logLevel: "debug" }, { ...USAGE, logKb: 5 });
    const of = (turns: readonly Turn[]) => turns.find(({ key }) => key === "logLevel")?.usd ?? 0;

    expect(of(save)).to.be.below(0);
    expect(of(save)).to.be.closeTo(2 * of(less), 1e-9);
  });

  it("is no advice where it saves neither ten cents nor one percent", async () => {
    const { save } = await adviceFor({ logLevel: "debug" }, { ...USAGE, requests: 1000 });
    expect(save).to.deep.equal([]);
  });

  it("never breaks a rule of the settings", async () => {
    const smallest = await adviceFor({ memoryMb: 128 });
    expect(keysOf(smallest.save)).not.to.include("memoryMb=64");
    const none = advise({ resources: await underMocks({}), main: mainOf({}) }, USAGE, () => false);
    expect(turnsOf(none)).to.deep.equal([]);
  });

  it("names what is as cheap as it can be, and proposes it no more", async () => {
    const advice = await adviceFor({ architecture: "arm64", logLevel: "info" });
    expect(advice.already).to.deep.equal(["architecture: arm64", "logLevel: info"]);
    expect(keysOf(advice.save)).not.to.include("architecture=arm64");
    expect(renderAdvice(advice).join("\n")).to.include(
      "as cheap as it can be: architecture: arm64",
    );
  });

  it("says nothing of a stack without a function", () => {
    expect(advise({ resources: [] }, USAGE, () => true)).to.deep.equal({
      save: [],
      add: [],
      already: [],
    });
  });

  describe("with a network of its own", function () {
    this.timeout(120_000);
    useEngine();

    // awsx makes the resources of a network; mocks do not have them.
    const broughtUp = async (stack: OfflineStack, config: Config) => {
      const { state } = await stack.run("up", { config });
      return (await state())
        .filter(({ external }) => external !== true)
        .map(({ type, urn, inputs = {} }) => ({
          type,
          name: urn.split("::").at(-1) ?? "",
          inputs,
        }));
    };

    it("is what the program costs with it, and with fewer gateways", () =>
      withStack(async (stack) => {
        const [none, single, many] = [
          { network: "none" },
          { network: "create" },
          { network: "create", natGateways: "onePerZone" },
        ] as const;
        const plain = await broughtUp(stack, none);
        const inside = await broughtUp(stack, single);
        const perZone = await broughtUp(stack, many);
        const cost = (resources: readonly PricedResource[]) =>
          estimate(resources, USAGE, mainOf({})).totalUsd;
        const turn = (key: string, resources: readonly PricedResource[], config: Config) =>
          turnsOf(advise({ resources, main: mainOf({}) }, USAGE, acceptedIn(config))).find(
            (one) => one.key === key,
          );

        expect(cost(inside) - cost(plain)).to.be.greaterThan(30);
        expect(turn("network", plain, none)?.usd).to.be.closeTo(cost(inside) - cost(plain), 1e-6);
        expect(turn("network", inside, single)).to.equal(undefined);
        expect(turn("natGateways", inside, single)).to.equal(undefined);
        expect(turn("natGateways", perZone, many)?.usd).to.be.closeTo(
          cost(inside) - cost(perZone),
          1e-6,
        );
      }));
  });
});
