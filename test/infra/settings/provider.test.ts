import { expect } from "chai";
import { openAccount } from "../../../infra/account.ts";
import { parseProvider, providerKeys } from "../../../infra/settings/provider.ts";
import { readSettings } from "../../../infra/settings.ts";
import { failure } from "../../support/failure.ts";
import { withMocks } from "../../support/mocks.ts";

const PROVIDER = "pulumi:providers:aws";

/** Opens the account with keys as a stack file sets them. */
const open = (config: Readonly<Record<string, string>>) =>
  withMocks(async () => (await openAccount(readSettings())).location, { config });

describe("the aws: keys of a stack", () => {
  it("reach the program's own provider", async () => {
    const run = await open({
      "aws:profile": "acme-staging",
      "aws:allowedAccountIds": '["123456789012"]',
      "aws:assumeRoles": '[{"roleArn":"arn:aws:iam::123456789012:role/deployer"}]',
      "aws:defaultTags": '{"tags":{"CostCenter":"4711"}}',
    });
    const { inputs } = run.find(PROVIDER);
    const json = (key: string) => JSON.parse(String(inputs[key])) as unknown;

    expect(inputs["profile"]).to.equal("acme-staging");
    expect(json("allowedAccountIds")).to.deep.equal(["123456789012"]);
    expect(json("assumeRoles")).to.deep.equal([
      { roleArn: "arn:aws:iam::123456789012:role/deployer" },
    ]);
    const { tags } = json("defaultTags") as { tags: Record<string, string> };
    expect(tags).to.include({ CostCenter: "4711", "managed-by": "pulumi" });
    expect(tags).to.include.keys("service", "environment", "repository");
  });

  it("are refused by name where the program cannot keep them", async () => {
    const refused = await failure(
      open({
        "aws:assumeRole": '{"roleArn":"arn:aws:iam::123456789012:role/deployer"}',
        "aws:secretKey": "hidden-value",
        "aws:endpoints": '[{"s3":"http://localhost"}]',
        "aws:allowedAccountID": '["123456789012"]',
      }),
    );

    expect(refused).to.contain("4 faults");
    expect(refused).to.match(/^ {2}aws:assumeRole: .*write aws:assumeRoles, a list$/m);
    expect(refused).to.match(/^ {2}aws:secretKey: is a credential/m);
    expect(refused).to.match(/^ {2}aws:endpoints: would lead pulumi to another AWS/m);
    expect(refused).to.match(/^ {2}aws:allowedAccountID: no key that the program passes on/m);
    expect(refused).to.not.contain("hidden-value");
  });

  const fault = (key: string, value: string) => parseProvider("staging", { [key]: value }).faults;

  it("are judged by their values, so that a guard cannot be void", () => {
    expect(fault("allowedAccountIds", '["123456789012"]')).to.deep.equal([]);
    for (const value of ["[]", '["12345"]', "123456789012", '{"a":1}']) {
      expect(fault("allowedAccountIds", value)[0]).to.match(
        /^aws:allowedAccountIds: .*; must be a list of account ids of 12 digits/,
      );
    }
    expect(fault("useFipsEndpoint", "yes")[0]).to.contain("must be true or false");
    expect(
      parseProvider("staging", {
        allowedAccountIds: '["123456789012"]',
        forbiddenAccountIds: '["210987654321"]',
      }).faults,
    ).to.have.length(1);
  });

  it("leave the tags that the policies compare to the program, whatever their case", () => {
    expect(fault("defaultTags", '{"tags":{"Service":"other"}}')[0]).to.contain(
      "and it has Service",
    );
    expect(fault("defaultTags", '{"CostCenter":"4711"}')[0]).to.contain("must hold tags");
  });

  it("are all of the namespace, and no other's", () => {
    expect(
      providerKeys({ "aws:region": "us-east-1", "aws:x": "1", "awsx:y": "2", "orders:z": "3" }),
    ).to.deep.equal({ x: "1" });
  });
});
