import { expect } from "chai";
import {
  deploySubject,
  deployTrust,
  planSubject,
  planTrust,
  previewSubject,
  previewTrust,
  type TrustSettings,
} from "../../../infra/identity/trust.ts";
import { deployRoleName, planRoleName, previewRoleName } from "../../../infra/names.ts";
import { isTrusted } from "./support/evaluator.ts";

const location = { partition: "aws", region: "us-east-1", accountId: "123456789012" };
const settings: TrustSettings = {
  environment: "staging",
  githubRepository: "acme/orders",
  githubSubjectPrefix: undefined,
  githubRepositoryId: undefined,
  githubDefaultBranch: "main",
  oidcProviderArn: undefined,
};
const immutable: TrustSettings = { ...settings, githubSubjectPrefix: "repo:acme@1/orders@2" };
const numbered: TrustSettings = { ...settings, githubRepositoryId: "2" };

const deploys = (trusting: TrustSettings, sub: string, repository_id?: string) =>
  isTrusted(
    deployTrust(trusting, location),
    {
      aud: "sts.amazonaws.com",
      sub,
      ref: "refs/heads/main",
      ...(repository_id && { repository_id }),
    },
    location,
  );

describe("trusted subjects", () => {
  it("name the repository and the environment", () => {
    expect(deploySubject(settings)).to.equal("repo:acme/orders:environment:staging");
  });

  it("begin with the ids of an immutable subject where they are configured", () => {
    expect(deploySubject(immutable)).to.equal("repo:acme@1/orders@2:environment:staging");
    expect(previewSubject(immutable)).to.equal("repo:acme@1/orders@2:pull_request");
    expect(planSubject(immutable)).to.equal("repo:acme@1/orders@2:ref:refs/heads/main");
  });

  it("with ids admit neither the classic form nor a repository that took over the name", () => {
    expect(deploys(immutable, "repo:acme@1/orders@2:environment:staging")).to.equal(true);
    expect(deploys(immutable, "repo:acme/orders:environment:staging")).to.equal(false);
    expect(deploys(immutable, "repo:acme@1/orders@3:environment:staging")).to.equal(false);
    expect(deploys(immutable, "repo:acme@9/orders@2:environment:staging")).to.equal(false);
  });

  it("are checked together with the repository's number where it is configured", () => {
    const sub = "repo:acme/orders:environment:staging";
    expect(deploys(numbered, sub, "2")).to.equal(true);
    expect(deploys(numbered, sub, "3"), "a repository that took over the name").to.equal(false);
    expect(deploys(numbered, sub), "a token without the number").to.equal(false);
  });
});

describe("the roles' names", () => {
  it("are the specification's", () => {
    const scope = { serviceName: "lambda", environment: "staging" };
    expect(deployRoleName(scope)).to.equal("GitHubActions-Lambda-Staging");
    expect(deployRoleName({ ...scope, environment: "production" })).to.equal(
      "GitHubActions-Lambda-Production",
    );
    expect(previewRoleName(scope)).to.equal("GitHubActions-Lambda-Staging-Preview");
    expect(planRoleName(scope)).to.equal("GitHubActions-Lambda-Staging-Plan");
  });
});

describe("trust policies", () => {
  it("name the account's own provider, or the adopted one", () => {
    const adopted = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
    const principals = [settings, { ...settings, oidcProviderArn: adopted }].map(
      (trusting) => deployTrust(trusting, location).Statement[0]?.Principal,
    );
    expect(principals).to.deep.equal([{ Federated: adopted }, { Federated: adopted }]);
  });

  it("compare every claim exactly", () => {
    for (const trusting of [settings, immutable, numbered]) {
      for (const trustOf of [deployTrust, previewTrust, planTrust]) {
        const trust = trustOf(trusting, location);
        const [statement] = trust.Statement;
        expect(trust.Statement).to.have.length(1);
        expect(Object.keys(statement?.Condition ?? {})).to.deep.equal(["StringEquals"]);
        expect(JSON.stringify(statement)).not.to.match(/[*?]/);
      }
    }
  });
});
