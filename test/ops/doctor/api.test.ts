import { IAMClient } from "@aws-sdk/client-iam";
import { expect } from "chai";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { checkApi } from "../../../ops/doctor/api.ts";
import { ApiAccount } from "../../support/api-account.ts";
import { testSettings } from "../../support/settings.ts";

const DOMAIN = {
  apiDomainName: "api.example.com",
  apiCertificateArn:
    "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f",
};

describe("the doctor's look at the API", () => {
  const emulator = useEmulator();
  const location = { partition: "aws", region: "eu-central-1", accountId: "400000000001" };
  let account = new ApiAccount();
  let iam: IAMClient;
  beforeEach(() => {
    account = new ApiAccount();
    const { client } = emulator();
    const credentials = { ...client.credentials, accessKeyId: location.accountId };
    iam = new IAMClient({ ...client, credentials });
  });
  const check = (settings: Parameters<typeof testSettings>[0]) =>
    checkApi({ stack: "staging", settings: testSettings(settings), location }, account.client, iam);

  it("asks nothing where nothing is needed", async () => {
    for (const settings of [{}, { api: "http" }, { api: "rest", apiAccessLogs: false }] as const) {
      expect(await check(settings)).to.deep.equal([]);
    }
    expect(account.calls).to.deep.equal([]);
  });

  it("is content with an account that has a role to log by", async () => {
    account.role = "arn:aws:iam::1:role/theirs";
    expect(await check({ api: "rest" })).to.deep.equal([]);
  });

  it("misses the role to log by, and says who sets it", async () => {
    const [finding, ...more] = await check({ api: "rest" });
    expect(more).to.deep.equal([]);
    expect(finding?.severity).to.equal("error");
    expect(finding?.problem).to.match(/no role to log by in account 400000000001, eu-central-1/);
    expect(finding?.remedy).to.match(/npm run identity -- --stack staging/);
  });

  it("misses AWS's role for domains until an administrator has made it", async () => {
    const settings = { api: "http", ...DOMAIN } as const;
    const [finding, ...more] = await check(settings);
    expect(more).to.deep.equal([]);
    expect(finding?.problem).to.match(/has no role AWSServiceRoleForAPIGateway/);
    const [, service = ""] =
      /create-service-linked-role --aws-service-name (\S+)$/.exec(finding?.remedy ?? "") ?? [];
    expect(service).to.equal("ops.apigateway.amazonaws.com");
    const found = { send: async () => ({}) } as unknown as IAMClient;
    expect(
      await checkApi(
        { stack: "staging", settings: testSettings(settings), location },
        account.client,
        found,
      ),
    ).to.deep.equal([]);
  });
});
