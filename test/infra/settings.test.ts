import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import * as fc from "fast-check";
import { parse } from "yaml";
import { longNames } from "../../infra/names.ts";
import {
  CONFIG_KEYS,
  type ConfigKey,
  parseSettings,
  SettingsError,
} from "../../infra/settings/parse.ts";
import { rawSettings, readStackConfig } from "../../ops/support/stack-config.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

type Overrides = Partial<Record<ConfigKey, string>>;

/** The settings of a shipped stack, with some keys set otherwise. */
function settingsOf(stack: string, overrides: Overrides = {}) {
  const raw = rawSettings(readStackConfig(ROOT, stack));
  return parseSettings({ ...raw, values: { ...raw.values, ...overrides } });
}

function faultsOf(overrides: Overrides, environment = "staging") {
  try {
    settingsOf(environment, overrides);
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
  return [];
}

describe("settings", () => {
  it("are those of the specification for staging", () => {
    expect(settingsOf("staging")).to.deep.include({
      serviceName: "lambda",
      memoryMb: 256,
      timeoutSeconds: 30,
      logLevel: "debug",
      runtime: "nodejs22.x",
      architecture: "arm64",
      logRetentionDays: 14,
      artifactRetentionDays: 30,
      deadLetterRetentionDays: 14,
      errorAlarmThreshold: 5,
      durationAlarmMs: 10_000,
      throttleAlarmThreshold: 1,
      trafficShift: "AllAtOnce",
      network: "none",
    });
  });

  it("differ in production in exactly the values of the specification", () => {
    const staging = settingsOf("staging");
    const production = settingsOf("production");
    const differing = CONFIG_KEYS.filter(
      (key) => JSON.stringify(staging[key]) !== JSON.stringify(production[key]),
    );
    expect(Object.fromEntries(differing.map((key) => [key, production[key]]))).to.deep.equal({
      memoryMb: 512,
      logLevel: "info",
      errorAlarmThreshold: 3,
      durationAlarmMs: 8000,
      trafficShift: "Canary10Percent5Minutes",
    });
  });

  it("are declared in Pulumi.yaml, every one of them and nothing else", () => {
    const { config } = parse(readFileSync(new URL("../../Pulumi.yaml", import.meta.url), "utf8"));
    const declared = Object.keys(config).filter((key) => !key.includes(":"));
    expect(declared).to.have.members([...CONFIG_KEYS]);
    for (const key of declared) expect(config[key].description, key).to.be.a("string");
  });

  it("cannot be changed", () => {
    const settings = settingsOf("staging");
    expect(Object.isFrozen(settings)).to.equal(true);
    expect(Object.isFrozen(settings.subnetIds)).to.equal(true);
  });

  const refused: [ConfigKey, string][] = [
    ["serviceName", "Lambda"],
    ["serviceName", "1st"],
    ["serviceName", ""],
    ["serviceName", "a".repeat(33)],
    ["memoryMb", "127"],
    ["memoryMb", "10241"],
    ["memoryMb", "256.5"],
    ["memoryMb", "much"],
    ["timeoutSeconds", "0"],
    ["timeoutSeconds", "901"],
    ["logLevel", "verbose"],
    ["runtime", "nodejs20.x"],
    ["architecture", "arm"],
    ["logRetentionDays", "15"],
    ["logRetentionDays", "0"],
    ["artifactRetentionDays", "0"],
    ["deadLetterRetentionDays", "15"],
    ["errorAlarmThreshold", "-1"],
    ["durationAlarmMs", "30000"],
    ["throttleAlarmThreshold", "0"],
    ["trafficShift", "Canary10Percent7Minutes"],
    ["githubRepository", "name-without-owner"],
    ["githubRepository", "a/b/c"],
    ["githubRepository", "owner/*"],
    ["oidcProviderArn", "arn:aws:iam::123456789012:oidc-provider/example.com"],
    ["network", "vpc"],
    ["subnetIds", '["subnet-0a1b2c3d"]'],
    ["securityGroupIds", "sg-1"],
  ];
  for (const [key, value] of refused) {
    it(`refuse ${key} ${JSON.stringify(value.slice(0, 40))} in one line with key, value and remedy`, () => {
      const faults = faultsOf({ [key]: value });
      expect(faults).to.have.length(1);
      expect(faults[0])
        .to.match(new RegExp(`^${key}: `))
        .and.not.include("\n");
    });
  }

  it("list all faults at once", () => {
    const faults = faultsOf({ memoryMb: "1", logLevel: "loud", githubRepository: "nobody" });
    expect(faults.map((fault) => fault.split(":")[0])).to.deep.equal([
      "memoryMb",
      "logLevel",
      "githubRepository",
    ]);
  });

  it("compare the duration alarm with the timeout across both keys", () => {
    expect(faultsOf({ durationAlarmMs: "5000", timeoutSeconds: "5" })).to.have.length(1);
    expect(faultsOf({ durationAlarmMs: "4999", timeoutSeconds: "5" })).to.be.empty;
  });

  it("require ids for an existing network, and take them only there", () => {
    expect(faultsOf({ network: "existing" })).to.have.length(2);
    const ids = { subnetIds: '["subnet-0a"]', securityGroupIds: '["sg-0a"]' };
    expect(faultsOf({ network: "existing", ...ids })).to.be.empty;
    expect(faultsOf({ network: "create", ...ids })).to.have.length(2);
  });

  it("never accept a service name that makes a name too long for AWS", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{0,60}$/), (serviceName) => {
        const tooLong = longNames({ serviceName, environment: "production" }).length > 0;
        expect(faultsOf({ serviceName }, "production").length > 0).to.equal(tooLong);
      }),
    );
  });

  it("parse to a result or a SettingsError, whatever the text", () => {
    const values = fc.dictionary(fc.constantFrom(...CONFIG_KEYS), fc.string());
    fc.assert(
      fc.property(values, (overrides) => {
        expect(() => faultsOf(overrides)).not.to.throw();
      }),
    );
  });
});
