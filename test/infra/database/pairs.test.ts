/** The table beside other options: what each brings the other, and no more. */
import { expect } from "chai";
import { runProgram } from "../../support/mocks.ts";
import { isAllowed } from "../identity/support/evaluator.ts";
import { recordProgram } from "../identity/support/program.ts";

const ON = { database: "dynamodb" };
const KEY = "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f";

describe("the table in a VPC without internet", () => {
  const WITHIN = { ...ON, network: "create", natGateways: "none" };
  const services = async (config: Parameters<typeof runProgram>[0]) =>
    (await runProgram(config))
      .all("aws:ec2/vpcEndpoint:VpcEndpoint")
      .map(({ inputs }) => [inputs["serviceName"], inputs["vpcEndpointType"]]);

  it("is reached by a gateway, which is free, and the bus by an endpoint", async () => {
    expect(await services({ config: WITHIN })).to.deep.include.members([
      ["com.amazonaws.eu-central-1.events", "Interface"],
    ]);
    const { inputs } = (await runProgram({ config: WITHIN })).find("awsx:ec2:Vpc");
    const gateways = inputs["vpcEndpointSpecs"] as readonly { readonly serviceName: string }[];
    expect(gateways.map(({ serviceName }) => serviceName)).to.include(
      "com.amazonaws.eu-central-1.dynamodb",
    );
  });

  it("needs no endpoint where nothing is published", async () => {
    const config = { ...WITHIN, databaseChangesBus: "none" };
    expect((await services({ config })).map(([name]) => name)).to.not.include(
      "com.amazonaws.eu-central-1.events",
    );
  });
});

describe("the table with a key of one's own", () => {
  const context = {
    "kms:ViaService": "dynamodb.eu-central-1.amazonaws.com",
    "kms:EncryptionContext:aws:dynamodb:tableName": "ledger-table-staging",
  };
  const open = { action: "kms:Decrypt", resource: KEY, context };

  it("is opened by the function, and by people who read its stream again", async () => {
    const { roles, location } = await recordProgram({
      stack: "staging",
      config: { ...ON, kmsKeyArn: KEY },
    });
    for (const [role, may] of [
      [roles.execution, true],
      [roles.operator, true],
      [roles.hook, false],
      [roles.preview, false],
    ] as const) {
      expect(await isAllowed(role, open, location), role.name).to.equal(may);
    }
  });

  it("is opened by nobody but the function where nothing is published", async () => {
    const { roles, location } = await recordProgram({
      stack: "staging",
      config: { ...ON, kmsKeyArn: KEY, databaseChangesBus: "none" },
    });
    expect(await isAllowed(roles.execution, open, location)).to.equal(true);
    expect(await isAllowed(roles.operator, open, location)).to.equal(false);
  });

  it("brings no right to the key where there is no table", async () => {
    const { roles, location } = await recordProgram({
      stack: "staging",
      config: { kmsKeyArn: KEY },
    });
    expect(await isAllowed(roles.execution, open, location)).to.equal(false);
    expect(await isAllowed(roles.deploy, open, location)).to.equal(false);
  });
});
