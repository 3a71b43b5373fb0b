/** The identity check against the AWS emulator. */
import {
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  IAMClient,
} from "@aws-sdk/client-iam";
import { expect } from "chai";
import {
  deployTrust,
  planTrust,
  previewTrust,
  rollbackTrust,
} from "../../../infra/identity/trust.ts";
import { checkIdentity } from "../../../ops/doctor/identity.ts";
import { testSettings } from "../../support/settings.ts";
import { FakeGitHub } from "../github/fake-github.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";

const settings = testSettings({
  githubRepository: "Acme/orders",
  githubSubjectPrefix: "repo:Acme@11/orders@22",
  githubRepositoryId: "22",
  githubDefaultBranch: "main",
});
const ROLE = "GitHubActions-Ledger-Staging";

describe("npm run doctor: identity", () => {
  const emulator = useEmulator();
  let github = new FakeGitHub();

  beforeEach(() => {
    github = new FakeGitHub();
  });

  const location = () => ({
    partition: "aws",
    region: settings.region,
    accountId: emulator().accountId,
  });
  const problems = async () => {
    const context = { root: ".", stack: "staging", settings, location: location() };
    const iam = new IAMClient(emulator().client);
    const findings = await checkIdentity(context, { iam, gh: github.gh });
    return findings.map(({ problem }) => problem);
  };

  it("finds what is missing, and nothing once all is there", async () => {
    const nothing = (await problems()).join("\n");
    expect(nothing).to.include("has no OIDC provider");
    expect(nothing).to.include(`has no role ${ROLE}\n`);
    expect(nothing).to.include(`has no role ${ROLE}-Preview`);
    expect(nothing).to.include("Acme/orders has no environment staging");

    const iam = new IAMClient(emulator().client);
    await iam.send(
      new CreateOpenIDConnectProviderCommand({
        Url: "https://token.actions.githubusercontent.com",
        ClientIDList: ["sts.amazonaws.com"],
      }),
    );
    const roles = {
      [ROLE]: deployTrust,
      [`${ROLE}-Rollback`]: rollbackTrust,
      [`${ROLE}-Preview`]: previewTrust,
      [`${ROLE}-Plan`]: planTrust,
    };
    for (const [RoleName, trust] of Object.entries(roles)) {
      const AssumeRolePolicyDocument = JSON.stringify(trust(settings, location()));
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    }
    const arn = `arn:aws:iam::${location().accountId}:role/${ROLE}`;
    github.environment("staging", { variables: { AWS_ROLE_ARN: arn } });
    expect(await problems()).to.deep.equal([]);

    // The repository was made again under its old name.
    github.subject = { use_default: true, sub_claim_prefix: "repo:Acme@11/orders@23" };
    expect((await problems()).join("\n")).to.match(/made again or moved/);
    github.subject = { use_default: true };
    expect((await problems()).join("\n")).to.match(/githubSubjectPrefix must be empty/);
  });

  it("says when an environment differs in case, or names another role", async () => {
    github.environment("Staging");
    expect((await problems())[0]).to.match(/called Staging on GitHub and staging here/);
    github.environment("staging", { variables: { AWS_ROLE_ARN: "arn:aws:iam::1:role/other" } });
    expect((await problems())[0]).to.match(/AWS_ROLE_ARN of environment staging is arn:aws:iam::1/);
  });

  it("says when GitHub could not be asked", async () => {
    github.signedIn = false;
    expect((await problems())[0]).to.match(/gh is not signed in/);
  });
});
