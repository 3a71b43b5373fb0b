import { IAMClient } from "@aws-sdk/client-iam";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { judgeAdmissions } from "../../../ops/doctor/admissions.ts";
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
  /** An alias without a policy of its own. */
  const nobody = {
    send: () =>
      Promise.reject(Object.assign(new Error("no policy"), { name: "ResourceNotFoundException" })),
  } as unknown as LambdaClient;
  const check = (
    settings: Parameters<typeof testSettings>[0],
    { client = iam, lambda = nobody } = {},
  ) =>
    checkApi(
      { stack: "staging", settings: testSettings(settings), location },
      account.client,
      client,
      lambda,
    );

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
    expect(await check(settings, { client: found })).to.deep.equal([]);
  });

  describe("at whom the alias lets in", () => {
    const admitted = (Principal: unknown, sourceArn?: string) => ({
      Sid: "one",
      Effect: "Allow",
      Principal,
      Action: "lambda:InvokeFunction",
      ...(sourceArn !== undefined && { Condition: { ArnLike: { "AWS:SourceArn": sourceArn } } }),
    });
    const GATEWAY = { Service: "apigateway.amazonaws.com" };
    const judge = (...Statement: readonly object[]) =>
      judgeAdmissions(location, "ledger-function-staging", JSON.stringify({ Statement }));
    const own = "arn:aws:execute-api:eu-central-1:400000000001:0a1b2c3d4e/live/*/*";

    it("is content with the stack's own, and with what is no API", () => {
      expect(judge(admitted(GATEWAY, own))).to.deep.equal([]);
      expect(judge(admitted({ Service: "sns.amazonaws.com" }))).to.deep.equal([]);
      expect(judgeAdmissions(location, "ledger-function-staging", undefined)).to.deep.equal([]);
    });

    for (const [what, statement, whose] of [
      ["any API", admitted(GATEWAY), /for any API of any account/],
      [
        "another account's API",
        admitted(GATEWAY, own.replace("400000000001", "999999999999")),
        /for arn:aws:execute-api:eu-central-1:999999999999:/,
      ],
      [
        "an account whose number begins alike",
        admitted(GATEWAY, "arn:aws:execute-api:eu-central-1:*:abc/*"),
        /for arn:aws:execute-api:eu-central-1:\*/,
      ],
    ] as const) {
      it(`says so of ${what}, and how to shut it out`, () => {
        const [finding, ...more] = judge(admitted(GATEWAY, own), statement);
        expect(more).to.deep.equal([]);
        expect(finding?.severity).to.equal("error");
        expect(finding?.problem).to.match(whose);
        expect(finding?.remedy).to.match(
          /remove-permission --function-name ledger-function-staging --qualifier live --statement-id one/,
        );
      });
    }

    it("reads the policy of the alias", async () => {
      const asked: object[] = [];
      const lambda = {
        send: (command: { readonly input: object }) => {
          asked.push(command.input);
          return Promise.resolve({ Policy: JSON.stringify({ Statement: [admitted(GATEWAY)] }) });
        },
      } as unknown as LambdaClient;
      expect(await check({ api: "http" }, { lambda })).to.have.length(1);
      expect(asked).to.deep.equal([{ FunctionName: "ledger-function-staging", Qualifier: "live" }]);
    });
  });
});
