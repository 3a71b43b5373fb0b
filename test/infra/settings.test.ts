import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import * as fc from "fast-check";
import { longNames } from "../../infra/names.ts";
import {
  CONFIG_KEYS,
  type ConfigKey,
  parseSettings,
  SettingsError,
  unknownKeys,
} from "../../infra/settings/parse.ts";
import { readSettings } from "../../infra/settings.ts";
import { rawSettings } from "../../ops/support/stack-config.ts";
import { withMocks } from "../support/mocks.ts";
import { DIFFERING_KEYS, testConfig } from "../support/settings.ts";

type Overrides = Partial<Record<ConfigKey, string>>;

/** The settings of a stack of the tests' own project, with some keys set otherwise. */
const settingsOf = (stack: string, overrides: Overrides = {}) =>
  parseSettings(rawSettings(testConfig(stack, overrides)));

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
  it("are what the config says, in types of their own", () => {
    const production = settingsOf("production", { subnetIds: "[]", oidcProviderArn: "" });
    expect(production).to.deep.include({
      environment: "production",
      region: "eu-central-1",
      serviceName: "ledger",
      memoryMb: 640,
      timeoutSeconds: 25,
      logLevel: "warn",
      runtime: "nodejs24.x",
      architecture: "x86_64",
      logRetentionDays: 7,
      artifactRetentionDays: 45,
      deadLetterRetentionDays: 9,
      errorAlarmThreshold: 2,
      durationAlarmMs: 7000,
      throttleAlarmThreshold: 2,
      trafficShift: "Canary10Percent10Minutes",
      canaryMinimumInvocations: 20,
      lowTraffic: "extend",
      githubRepository: "acme/ledger",
      oidcProviderArn: undefined,
      network: "none",
      subnetIds: [],
    });
  });

  it("differ between two stacks in the keys that their files set otherwise", () => {
    const staging = settingsOf("staging");
    const production = settingsOf("production");
    const differing = CONFIG_KEYS.filter(
      (key) => JSON.stringify(staging[key]) !== JSON.stringify(production[key]),
    );
    expect(differing).to.include.members([...DIFFERING_KEYS]);
  });

  it("cannot be changed", () => {
    const settings = settingsOf("staging");
    expect(Object.isFrozen(settings)).to.equal(true);
    expect(Object.isFrozen(settings.subnetIds)).to.equal(true);
  });

  const refused: [ConfigKey, string][] = [
    ["serviceName", "Lambda"],
    ["serviceName", "sthree-orders"],
    ["serviceName", "orders_eu"],
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
    ["githubRepository", "owner/name.git"],
    ["githubRepository", "owner/.."],
    ["githubRepository", "https://github.com/owner/name"],
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

  // Names that AWS and GitHub do give out.
  const accepted: [ConfigKey, string][] = [
    ["serviceName", "3d-print"],
    ["serviceName", "a"],
    ["githubRepository", "octocat_acme/orders"],
    ["githubRepository", "Acme-2/.github"],
    ["githubRepository", "acme/orders_v2.1"],
    ["artifactRetentionDays", "2147483647"],
  ];
  for (const [key, value] of accepted) {
    it(`accept ${key} ${JSON.stringify(value)}`, () => {
      expect(faultsOf({ [key]: value })).to.deep.equal([]);
    });
  }

  it("accept every region that the AWS SDK and the Pulumi provider know", () => {
    const known = [...new Set([...Object.values<string>(aws.Region), "eusc-de-east-1"])];
    expect(known).to.have.length.above(30);
    for (const region of [...known, "us-gov-west-1", "us-isob-east-1", "eu-north-12"]) {
      expect(() => parseSettings({ ...rawSettings(testConfig()), region }), region).not.to.throw();
    }
  });

  it("refuse what is no region", () => {
    for (const region of ["", "us-east", "us_east_1", "US-EAST-1", "Frankfurt", "eu-central-1a"]) {
      expect(() => parseSettings({ ...rawSettings(testConfig()), region }), region).to.throw(
        SettingsError,
        "aws:region: ",
      );
    }
  });

  it("take as many ids as Lambda does", () => {
    const ids = (prefix: string, count: number): string =>
      JSON.stringify(Array.from({ length: count }, (_, index) => `${prefix}-0a${index}`));
    const network = (subnets: number, groups: number): Overrides => ({
      network: "existing",
      subnetIds: ids("subnet", subnets),
      securityGroupIds: ids("sg", groups),
    });
    expect(faultsOf(network(16, 5))).to.deep.equal([]);
    expect(faultsOf(network(17, 6))).to.have.length(2);
  });

  it("know no other keys: misspelt ones, and those of a project that was renamed", () => {
    const faults = (...keys: string[]) =>
      unknownKeys({ project: "orders", environment: "staging" }, keys);
    expect(faults("orders:memoryMb", "aws:region", "datadog:apiKey")).to.deep.equal([]);
    const [misspelt = "", foreign = ""] = faults("orders:memoryMB", "lambda-service:memoryMb");
    expect(misspelt).to.match(/^memoryMB: no such key; .*memoryMb.*Pulumi\.staging\.yaml$/);
    expect(foreign).to.match(/^lambda-service:memoryMb: .*lambda-service.*orders.*staging\.yaml$/);
  });

  it("are refused by the program itself for a key that is not known", async () => {
    const error: unknown = await withMocks(() => readSettings(), {
      config: { memoryMB: 512 },
    }).catch((error) => error);
    expect(pulumi.RunError.isInstance(error), String(error)).to.equal(true);
    expect(String(error)).to.contain("1 fault in").and.contain("memoryMB: no such key");
  });

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
    const ids = { subnetIds: '["subnet-0a","subnet-0b"]', securityGroupIds: '["sg-0a"]' };
    expect(faultsOf({ network: "existing", ...ids })).to.be.empty;
    expect(faultsOf({ network: "create", ...ids })).to.have.length(2);
  });

  it("never accept a service name that makes a name too long for AWS", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z][a-z0-9-]{0,60}$/).filter((name) => !/^(xn--|sthree-)/.test(name)),
        (serviceName) => {
          const tooLong = longNames({ serviceName, environment: "production" }).length > 0;
          expect(faultsOf({ serviceName }, "production").length > 0).to.equal(tooLong);
        },
      ),
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
