/** The bootstrap command against the AWS emulator; Pulumi's and GitHub's CLI are stood in for. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { IAMClient } from "@aws-sdk/client-iam";
import { DescribeKeyCommand, KMSClient, paginateListKeys } from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { STSClient } from "@aws-sdk/client-sts";
import { expect } from "chai";
import { bootstrap } from "../../../ops/bootstrap/bootstrap.ts";
import type { AwsClients } from "../../../ops/bootstrap/clients.ts";
import type { BootstrapOptions } from "../../../ops/bootstrap/options.ts";
import { edited } from "../../../ops/bootstrap/stack-file.ts";
import { secretsKeySteps } from "../../../ops/bootstrap/state-backend.ts";
import type { Done } from "../../../ops/bootstrap/steps.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { ApiAccount } from "../../support/api-account.ts";
import { testProjectFile, TEST_PROJECT, TEST_REGION } from "../../support/settings.ts";
import { ask } from "../../support/host.ts";
import { FakeGitHub } from "../github/fake-github.ts";
import { FakePulumi } from "./fakes.ts";

const STACK_FILES = {
  "Pulumi.staging.yaml":
    "config:\n  # Kept as it is.\n  githubRepository: your-organisation/your-repository\n  logLevel: debug\n",
  "Pulumi.production.yaml": "config:\n  githubRepository: your-organisation/your-repository\n",
};

let accounts = 0;

describe("npm run bootstrap", () => {
  const emulator = useEmulator();
  let folder = "";
  let accountId = "";
  let github = new FakeGitHub();
  let pulumi = new FakePulumi();
  let apiAccount = new ApiAccount();

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "bootstrap-"));
    accountId = String(200_000_000_001 + (accounts += 1));
    github = new FakeGitHub();
    pulumi = new FakePulumi();
    apiAccount = new ApiAccount();
    await writeFile(path.join(folder, "Pulumi.yaml"), testProjectFile());
    await cp(".github/CODEOWNERS", path.join(folder, ".github/CODEOWNERS"));
    for (const [name, text] of Object.entries(STACK_FILES)) {
      await writeFile(path.join(folder, name), text);
    }
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const read = (name: string) => readFile(path.join(folder, name), "utf8");

  const clients = (account = accountId): AwsClients => {
    const { client } = emulator();
    const credentials = { ...client.credentials, accessKeyId: account };
    const options = { ...client, region: TEST_REGION, credentials };
    return {
      apiGateway: apiAccount.client,
      iam: new IAMClient(options),
      kms: new KMSClient(options),
      s3: new S3Client(options),
      sts: new STSClient(options),
    };
  };

  /** Runs the command; what it says and prints comes back, its refusal as `error`. */
  async function run(options: Partial<BootstrapOptions> = {}) {
    const said: string[] = [];
    const printed: string[] = [];
    let error = "";
    try {
      await bootstrap(
        folder,
        { stack: "staging", backend: "s3", repository: "acme/orders", yes: true, ...options },
        {
          clients: () => clients(),
          gh: github.gh,
          openPulumi: async ({ root, backendUrl }) => pulumi.open(root, backendUrl, clients().iam),
          terminal: {
            say: (line) => said.push(line),
            live: () => {},
            quiet: () => {},
            progress: () => {},
          },
          print: (text) => printed.push(text),
        },
      );
    } catch (caught) {
      error = caught instanceof Error ? `${caught.name}: ${caught.message}` : String(caught);
    }
    return { said: said.join("\n"), printed: printed.join("\n"), error };
  }

  const stepsOf = (json: string) => (JSON.parse(json) as { steps: Done[] }).steps;

  describe("with a REST API", () => {
    const LOGGING = /role by which API Gateway logs/;
    const loggingSteps = (printed: string) =>
      stepsOf(printed).filter(({ what }) => LOGGING.test(what));
    beforeEach(() =>
      writeFile(
        path.join(folder, "Pulumi.staging.yaml"),
        `${STACK_FILES["Pulumi.staging.yaml"]}  api: rest\n`,
      ),
    );

    it("sets the account's logging role where there is none", async () => {
      const { printed, error } = await run({ json: true });
      expect(error).to.equal("");
      expect(loggingSteps(printed).map(({ outcome }) => outcome)).to.deep.equal(["made"]);
      expect(apiAccount.role).to.equal(`arn:aws:iam::${accountId}:role/api-gateway-logs`);
    });

    it("leaves one that is set, and says which", async () => {
      apiAccount.role = "arn:aws:iam::1:role/theirs";
      const { printed, said, error } = await run({ json: true });
      expect(error).to.equal("");
      expect(loggingSteps(printed).map(({ outcome }) => outcome)).to.deep.equal(["was there"]);
      expect(said).to.match(/API logs {4}by arn:aws:iam::1:role\/theirs/);
      expect(apiAccount.calls).not.to.include("UpdateAccountCommand");
    });

    it("asks nothing of it without one", async () => {
      await writeFile(path.join(folder, "Pulumi.staging.yaml"), STACK_FILES["Pulumi.staging.yaml"]);
      await run();
      expect(apiAccount.calls).to.deep.equal([]);
    });
  });

  it("makes everything, and run again changes nothing", async () => {
    const first = await run({ json: true });
    expect(first.error).to.equal("");
    expect(stepsOf(first.printed).map(({ outcome }) => outcome)).to.include("made");

    const config = await read("Pulumi.staging.yaml");
    expect(config).to.include("# Kept as it is.");
    // In the case that GitHub's tokens have, not in the one that was typed.
    expect(config).to.include("githubRepository: Acme/orders");
    expect(config).to.include("githubSubjectPrefix: repo:Acme@11/orders@22");
    expect(config).to.match(/githubRepositoryId: "22"/);
    expect(config).not.to.include("oidcProviderArn");
    // What the CLI notes of a new stack's secrets is there, its rewriting of the rest is not.
    expect(config).to.include("encryptedkey: ZDAy");
    expect(config).not.to.include(`${TEST_PROJECT}:`);

    const { s3, kms } = clients();
    const bucket = { Bucket: `ledger-state-staging-${accountId}` };
    expect((await s3.send(new GetBucketVersioningCommand(bucket))).Status).to.equal("Enabled");
    const access = await s3.send(new GetPublicAccessBlockCommand(bucket));
    expect(Object.values(access.PublicAccessBlockConfiguration ?? {})).to.deep.equal(
      Array.from({ length: 4 }, () => true),
    );
    expect((await s3.send(new GetBucketPolicyCommand(bucket))).Policy).to.include(
      "aws:SecureTransport",
    );
    await kms.send(new DescribeKeyCommand({ KeyId: "alias/ledger-state-staging" }));
    expect(github.environments.get("staging")?.variables["AWS_ROLE_ARN"]).to.equal(
      `arn:aws:iam::${accountId}:role/GitHubActions-Ledger-Staging`,
    );
    expect(github.variables["AWS_PLAN_ROLE_ARN_STAGING"]).to.equal(
      `arn:aws:iam::${accountId}:role/GitHubActions-Ledger-Staging-Plan`,
    );
    expect(github.variables["AWS_PREVIEW_ROLE_ARN_STAGING"]).to.match(/Staging-Preview$/);
    expect(github.environments.get("staging-rollback")?.variables["AWS_ROLE_ARN"]).to.equal(
      `arn:aws:iam::${accountId}:role/GitHubActions-Ledger-Staging-Rollback`,
    );
    const variables = structuredClone(github.variables);

    const second = await run({ json: true });
    expect(second.error).to.equal("");
    const made = stepsOf(second.printed).filter(({ outcome }) => outcome === "made");
    expect(made.map(({ what }) => what)).to.deep.equal(["pulumi up of staging"]);
    expect(await read("Pulumi.staging.yaml")).to.equal(config);
    expect(github.variables).to.deep.equal(variables);
    const keys = [];
    for await (const { Keys = [] } of paginateListKeys({ client: kms }, {})) keys.push(...Keys);
    expect(keys).to.have.length(1);
    expect(pulumi.calls.filter((call) => call.startsWith("stack init"))).to.deep.equal([
      `stack init staging --secrets-provider awskms:///alias/ledger-state-staging?region=${TEST_REGION} [s3://ledger-state-staging-${accountId}?region=${TEST_REGION}]`,
    ]);
  });

  it("changes a key where it stands, also with its namespace", async () => {
    const text = "config:\n  demo:githubRepository: acme/old # ours\n";
    const change = { githubRepository: "acme/new", oidcProviderArn: undefined };
    expect(edited(text, "demo", change)).to.equal(
      "config:\n  demo:githubRepository: acme/new # ours\n",
    );
  });

  it("goes on after a failure, and says what was done before it", async () => {
    pulumi.fails = true;
    const failed = await run();
    expect(failed.error).to.match(/^Refused: pulumi up did not finish/);
    expect(failed.said).to.include(`made: state bucket ledger-state-staging-${accountId}`);
    pulumi.fails = false;
    const resumed = await run();
    expect(resumed.error).to.equal("");
    expect(resumed.printed).to.match(/was there +state bucket ledger-state-staging-\d+\n/);
    expect(resumed.printed).to.include("can deploy staging");
  });

  it("gives a key its alias that an interrupted run left without one", async () => {
    const { kms } = clients();
    const send = kms.send.bind(kms);
    let interrupted = false;
    const breaking = Object.assign(Object.create(kms) as KMSClient, {
      send: (command: Parameters<typeof send>[0]) => {
        if (command.constructor.name === "CreateAliasCommand" && !interrupted) {
          interrupted = true;
          return Promise.reject(new Error("interrupted"));
        }
        return send(command);
      },
    });
    const scope = { serviceName: "ledger", environment: "staging" };
    const [key] = secretsKeySteps(breaking, scope);
    await key?.make().catch((error: Error) => expect(error.message).to.equal("interrupted"));
    expect(await key?.isDone()).to.equal(false);
    await key?.make();
    expect(await key?.isDone()).to.equal(true);
    const keys = [];
    for await (const { Keys = [] } of paginateListKeys({ client: kms }, {})) keys.push(...Keys);
    expect(keys).to.have.length(1);
  });

  it("adopts the provider in the second stack of an account", async () => {
    expect((await run()).error).to.equal("");
    const second = await run({ stack: "production" });
    expect(second.error).to.equal("");
    expect(await read("Pulumi.production.yaml")).to.include(
      `oidcProviderArn: arn:aws:iam::${accountId}:oidc-provider/token.actions.githubusercontent.com`,
    );
    expect((await run()).error).to.equal("");
    expect(await read("Pulumi.staging.yaml")).not.to.include("oidcProviderArn");
  });

  it("changes nothing with --dry-run", async () => {
    const surveyed = await run({ dryRun: true });
    expect(surveyed.error).to.equal("");
    expect(surveyed.said).to.include(`account     ${accountId}`);
    expect(surveyed.printed).to.include(
      `would be made state bucket ledger-state-staging-${accountId}`,
    );
    expect(surveyed.printed).to.include("Nothing was changed.");
    expect(await read("Pulumi.staging.yaml")).to.equal(STACK_FILES["Pulumi.staging.yaml"]);
    expect(pulumi.calls.join("\n")).not.to.match(/init|up/);
    expect(github.changes).to.deep.equal([]);
    // The name is still free.
    await clients().s3.send(
      new CreateBucketCommand({ Bucket: `ledger-state-staging-${accountId}` }),
    );
  });

  it("prints the commands for GitHub where gh is not signed in, and asks for the subject's form", async () => {
    github.signedIn = false;
    expect((await run()).error).to.match(/the form of GitHub's token subject .*--subject classic/);
    const reported = await run({ subject: "classic" });
    expect(reported.error).to.equal("");
    expect(reported.printed).to.include(
      `gh variable set AWS_ROLE_ARN --repo acme/orders --env staging --body arn:aws:iam::${accountId}:role/GitHubActions-Ledger-Staging`,
    );
    expect(reported.printed).to.include(
      `--body 's3://ledger-state-staging-${accountId}?region=${TEST_REGION}'`,
    );
    expect(await read("Pulumi.staging.yaml")).not.to.include("githubSubjectPrefix");
  });

  it("makes no role for production that GitHub's gates do not guard", async () => {
    Object.assign(github, { isPrivate: true, plan: "team" });
    const refused = await run({ stack: "production" });
    expect(refused.error).to.match(/^Refused: production is not protected: .*nobody's approval/);
    expect(pulumi.calls.join("\n")).not.to.match(/init|up/);
    expect(await read("Pulumi.production.yaml")).to.equal(STACK_FILES["Pulumi.production.yaml"]);
    expect(JSON.stringify([...github.environments])).not.to.include("AWS_ROLE_ARN");
    // The name is still free.
    await clients().s3.send(
      new CreateBucketCommand({ Bucket: `lambda-state-production-${accountId}` }),
    );
  });

  it("does not take the gates of production on trust where gh is not signed in", async () => {
    github.signedIn = false;
    const refused = await run({ stack: "production", subject: "classic" });
    expect(refused.error).to.match(
      /^Refused: the gates of production cannot be made and read back/,
    );
    const open = await run({ stack: "production", subject: "classic", unprotected: true });
    expect(open.error).to.equal("");
  });

  it("works with another default branch, and names the owners of code", async () => {
    github.defaultBranch = "trunk";
    expect((await run({ reviewer: ["acme/operators"] })).error).to.equal("");
    expect(await read("Pulumi.staging.yaml")).to.include("githubDefaultBranch: trunk");
    expect(github.environments.get("staging")?.branches).to.deep.equal(["trunk"]);
    expect(await read(".github/CODEOWNERS")).to.match(/^\/\.github\/ +@acme\/operators$/m);
    github.defaultBranch = "main";
    expect((await run()).error).to.equal("");
    expect(await read("Pulumi.staging.yaml")).not.to.include("githubDefaultBranch");
  });

  it("leaves the state to Pulumi Cloud where that is wanted", async () => {
    const done = await run({ backend: "cloud" });
    expect(done.error).to.equal("");
    expect(done.printed).not.to.include("state bucket");
    expect(pulumi.calls).to.include("stack init staging [cloud]");
    expect(JSON.stringify([github.variables, ...github.environments])).not.to.include(
      "BACKEND_URL",
    );
    // A token of Pulumi Cloud's that reads the state can delete it too.
    expect(github.variables).not.to.have.property("AWS_PREVIEW_ROLE_ARN_STAGING");
  });

  it("uses no bucket of another account", async () => {
    await clients("200000000000").s3.send(
      new CreateBucketCommand({ Bucket: `ledger-state-staging-${accountId}` }),
    );
    expect((await run()).error).to.match(
      /^Refused: bucket ledger-state-staging-\d+ exists, but not in/,
    );
    expect(pulumi.calls.join("\n")).not.to.match(/init|up/);
  });

  it("refuses a repository whose subjects name no environment", async () => {
    github.subject = { use_default: false, include_claim_keys: ["repo", "job_workflow_ref"] };
    expect((await run()).error).to.match(/^Refused: Acme\/orders has a subject of its own/);
  });

  it("refuses a stack without a file", async () => {
    expect((await run({ stack: "qa" })).error).to.match(/stack "qa" has no Pulumi.qa.yaml/);
  });

  const WRONG_USAGE = [
    ["--repository", "orders", "must be owner/name"],
    ["--backend", "s3://somebody-elses", "must be s3 or cloud"],
    ["--backend", "azblob://state", "must be s3 or cloud"],
    ["--reviewer", "@octocat", "must be a person such as octocat"],
    ["--approvals", "7", "must be a whole number from 0 to 6"],
  ] as const;
  it(`calls ${WRONG_USAGE.map(([option, value]) => `${option} ${value}`).join(", ")} wrong usage`, async () => {
    const answers = await ask(
      WRONG_USAGE.map(([option, value]) => ["ops/bootstrap.ts", option, value]),
    );
    for (const [index, [option, value, words]] of WRONG_USAGE.entries()) {
      expect(answers[index]?.exitCode, `${option} ${value}`).to.equal(2);
      expect(answers[index]?.stderr).to.include(words);
    }
  });
});
