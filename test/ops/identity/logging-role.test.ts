/** The account's role by which API Gateway logs: made where there is none, and never taken over. */
import { GetRoleCommand, IAMClient, ListAttachedRolePoliciesCommand } from "@aws-sdk/client-iam";
import { expect } from "chai";
import { useEmulator } from "local-aws/testing/emulator.ts";
import {
  adoptLoggingRole,
  loggingRoleText,
  needsLoggingRole,
} from "../../../ops/identity/logging-role.ts";
import { isRefusal } from "../../../ops/support/refused.ts";
import { ApiAccount } from "../../support/api-account.ts";

let accounts = 0;

describe("the role by which API Gateway logs", () => {
  const emulator = useEmulator();
  let account = new ApiAccount();
  let iam: IAMClient;
  let location = { partition: "aws", region: "eu-central-1", accountId: "" };

  beforeEach(() => {
    account = new ApiAccount();
    location = { ...location, accountId: String(300_000_000_001 + (accounts += 1)) };
    const { client } = emulator();
    const credentials = { ...client.credentials, accessKeyId: location.accountId };
    iam = new IAMClient({ ...client, credentials });
  });
  const adopt = (more = {}) =>
    adoptLoggingRole({ apiGateway: account.client, iam }, location, { minuteMs: 12, ...more });
  const own = () => `arn:aws:iam::${location.accountId}:role/api-gateway-logs`;

  it("is left as it is where somebody has set it", async () => {
    account.role = "arn:aws:iam::1:role/theirs";
    const adopted = await adopt();
    expect(adopted).to.deep.equal({ roleArn: "arn:aws:iam::1:role/theirs", made: false });
    expect(account.calls).to.deep.equal(["GetAccountCommand"]);
    expect(account.role).to.equal("arn:aws:iam::1:role/theirs");
    const made = await iam.send(new GetRoleCommand({ RoleName: "api-gateway-logs" })).then(
      () => true,
      () => false,
    );
    expect(made).to.equal(false);
    expect(loggingRoleText(location, adopted)).to.match(/theirs.*set before, and is left as it is/);
  });

  it("is made with AWS's own policy for it, and for API Gateway alone", async () => {
    const adopted = await adopt();
    expect(adopted).to.deep.equal({ roleArn: own(), made: true });
    expect(account.role).to.equal(own());
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: "api-gateway-logs" }));
    const trust = JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")) as {
      readonly Statement: readonly { readonly Principal: unknown }[];
    };
    expect(trust.Statement.map(({ Principal }) => Principal)).to.deep.equal([
      { Service: "apigateway.amazonaws.com" },
    ]);
    const { AttachedPolicies = [] } = await iam.send(
      new ListAttachedRolePoliciesCommand({ RoleName: "api-gateway-logs" }),
    );
    expect(AttachedPolicies.map(({ PolicyArn }) => PolicyArn)).to.deep.equal([
      "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
    ]);
  });

  it("serves a second region, where only the setting is missing", async () => {
    await adopt();
    const elsewhere = new ApiAccount();
    const second = await adoptLoggingRole(
      { apiGateway: elsewhere.client, iam },
      { ...location, region: "eu-west-1" },
      { minuteMs: 12 },
    );
    expect(second).to.deep.equal({ roleArn: own(), made: true });
    expect(elsewhere.role).to.equal(own());
  });

  it("is offered again until API Gateway can use it", async () => {
    account.refusals = 3;
    expect(await adopt()).to.deep.equal({ roleArn: own(), made: true });
    expect(account.calls.filter((call) => call === "UpdateAccountCommand")).to.have.length(4);
  });

  it("is given up with a remedy when API Gateway never takes it", async () => {
    account.refusals = Number.POSITIVE_INFINITY;
    const error: unknown = await adopt().catch((caught: unknown) => caught);
    expect(isRefusal(error)).to.equal(true);
    expect(String(error)).to.match(/does not take the role api-gateway-logs: The role ARN/);
    expect(account.role).to.equal(undefined);
  });

  it("waits no longer than somebody wants to", async () => {
    account.refusals = Number.POSITIVE_INFINITY;
    const error: unknown = await adopt({ signal: AbortSignal.abort() }).catch(
      (caught: unknown) => caught,
    );
    expect(String(error)).to.match(/interrupted; the role is made and not set/);
  });

  it("is needed by a REST API with access logs, and by nothing else", () => {
    for (const [api, apiAccessLogs, needed] of [
      ["rest", true, true],
      ["rest", false, false],
      ["http", true, false],
      ["none", true, false],
    ] as const) {
      expect(needsLoggingRole({ api, apiAccessLogs }), `${api} ${apiAccessLogs}`).to.equal(needed);
    }
  });
});
