import { expect } from "chai";
import { deploySubject, previewSubjects } from "../../../infra/identity/trust.ts";

const settings = {
  environment: "staging",
  githubRepository: "acme/service",
  githubSubjectPrefix: undefined,
  githubRepositoryId: undefined,
  oidcProviderArn: undefined,
};

describe("trusted subjects", () => {
  it("name the repository and the environment", () => {
    expect(deploySubject(settings)).to.equal("repo:acme/service:environment:staging");
  });

  it("begin with the ids of an immutable subject where they are configured", () => {
    const immutable = { ...settings, githubSubjectPrefix: "repo:acme@1/service@2" };
    expect(deploySubject(immutable)).to.equal("repo:acme@1/service@2:environment:staging");
    expect(previewSubjects(immutable)).to.deep.equal([
      "repo:acme@1/service@2:pull_request",
      "repo:acme@1/service@2:ref:refs/heads/main",
    ]);
  });
});
