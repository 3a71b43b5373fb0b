import { expect } from "chai";
import { parseSettings, SettingsError } from "../../../infra/settings/parse.ts";
import type { PolicyDocument } from "../../../infra/identity/document.ts";
import { rawSettings } from "../../../ops/support/stack-config.ts";
import { runProgram } from "../../support/mocks.ts";
import { testConfig, TEST_REGION, type Value } from "../../support/settings.ts";

type Config = Readonly<Record<string, Value>>;

function faultsOf(config: Config): readonly string[] {
  try {
    parseSettings(rawSettings(testConfig("staging", config)));
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
}

const NAMES = { bank: "ledger/staging/bank", limit: "/ledger/staging/limit" };
const KEY = `arn:aws:kms:${TEST_REGION}:123456789012:key/0a1b2c3d-1111-4222-8333-444455556666`;

describe("secrets settings", () => {
  for (const names of [
    NAMES,
    { a: "x" },
    { a: "prod/MySecret_+=.@-name" },
    { a: "shared/db-password-2" },
    { a: "/one/two/three.four_five-six" },
  ]) {
    it(`take ${JSON.stringify(names)}`, () => {
      expect(faultsOf({ secrets: names })).to.deep.equal([]);
    });
  }

  const refused: readonly (readonly [string, Config, string, RegExp])[] = [
    ["a wildcard", { secrets: { bank: "ledger/*/bank" } }, "secrets", /bank: .*without a wildcard/],
    ["a question mark", { secrets: { bank: "ledger/ban?" } }, "secrets", /wildcard/],
    [
      "a hyphen and six characters at the end",
      { secrets: { bank: "ledger/staging/bank-Ab12Cd" } },
      "secrets",
      /must not end with a hyphen and six characters/,
    ],
    [
      "an ARN, with the name that it is of",
      {
        secrets: {
          bank: "arn:aws:secretsmanager:us-east-1:999999999999:secret:ledger/staging/bank-Ab12Cd",
        },
      },
      "secrets",
      /us-east-1, 999999999999\); write ledger\/staging\/bank;/,
    ],
    [
      "an ARN of a parameter",
      { secrets: { limit: `arn:aws:ssm:${TEST_REGION}:123456789012:parameter/ledger/limit` } },
      "secrets",
      /write \/ledger\/limit;/,
    ],
    [
      "one secret under two keys",
      { secrets: { bank: "ledger/bank", again: "ledger/bank" } },
      "secrets",
      /bank and again are the same secret/,
    ],
    ["signs that no name has", { secrets: { bank: "ledger bank" } }, "secrets", /only letters/],
    ["AWS's own parameters", { secrets: { a: "/aws/reference/x" } }, "secrets", /not below \/aws/],
    ["a parameter without a name", { secrets: { a: "/" } }, "secrets", /a parameter's name/],
    ["a key that is no word", { secrets: { "my bank": "a" } }, "secrets", /a word such as bank/],
    ["a name that is no text", { secrets: { bank: 7 } }, "secrets", /bank: 7 must be a name/],
    ["a list", { secrets: ["ledger/bank"] }, "secrets", /must map keys/],
    [
      "too many",
      { secrets: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, `s${n}`])) },
      "secrets",
      /at most 20/,
    ],
    ["keys of nothing", { secretsKeyArns: [KEY] }, "secretsKeyArns", /secrets is empty/],
    [
      "a key's alias",
      { secrets: NAMES, secretsKeyArns: [`arn:aws:kms:${TEST_REGION}:123456789012:alias/app`] },
      "secretsKeyArns",
      /an alias will not do/,
    ],
    [
      "a key of another region",
      { secrets: NAMES, secretsKeyArns: [KEY.replace(TEST_REGION, "us-east-1")] },
      "secretsKeyArns",
      /a key of us-east-1, and a secret of eu-central-1/,
    ],
    ["a key twice", { secrets: NAMES, secretsKeyArns: [KEY, KEY] }, "secretsKeyArns", /twice/],
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

  it("list every fault at once", () => {
    const [fault = ""] = faultsOf({ secrets: { bank: "*", "a b": "x", limit: "//" } });
    for (const part of ["wildcard", 'key "a b"', "limit:"]) expect(fault).to.include(part);
  });
});

describe("the program with secrets", () => {
  const program = (config: Config = {}) => runProgram({ config });
  const variables = async (config: Config = {}) =>
    (await program(config)).find("aws:lambda/function:Function", "function").inputs["environment"];
  const statements = async (config: Config = {}) => {
    const run = await program(config);
    const { inputs } = run.find("aws:iam/rolePolicy:RolePolicy", "execution-permissions");
    return (JSON.parse(String(inputs["policy"])) as PolicyDocument).Statement;
  };

  it("tells the handler their names, and nothing where there are none", async () => {
    expect(JSON.stringify(await variables())).not.to.contain("SECRETS");
    expect(await variables({ secrets: NAMES })).to.deep.nested.include({
      "variables.SECRETS": JSON.stringify(NAMES),
    });
  });

  it("adds no resource, and changes no policy but the handler's for names of the service's own", async () => {
    const shape = async (config: Config) =>
      (await program(config)).resources
        .filter(({ name }) => !["function", "execution-permissions"].includes(name))
        .map(({ type, name, inputs }) => [type, name, inputs]);
    expect(JSON.stringify(await shape({ secrets: NAMES }))).to.equal(
      JSON.stringify(await shape({})),
    );
  });

  it("lets the handler read exactly these", async () => {
    const own = (await statements({ secrets: NAMES })).filter(({ Sid }) =>
      /^Read|Decrypt/.test(Sid),
    );
    expect(own).to.deep.equal([
      {
        Sid: "ReadSecrets",
        Effect: "Allow",
        Action: ["secretsmanager:GetSecretValue"],
        Resource: [
          `arn:aws:secretsmanager:${TEST_REGION}:123456789012:secret:ledger/staging/bank-??????`,
        ],
      },
      {
        Sid: "ReadParameters",
        Effect: "Allow",
        Action: ["ssm:GetParameter"],
        Resource: [`arn:aws:ssm:${TEST_REGION}:123456789012:parameter/ledger/staging/limit`],
      },
    ]);
  });

  it("reads nothing of a value: no data source of a secret is asked", async () => {
    const run = await program({ secrets: NAMES, secretsKeyArns: [KEY] });
    const secretInputs = run.resources.flatMap((resource) => resource.secretInputs);
    expect(secretInputs).to.deep.equal([]);
  });
});
