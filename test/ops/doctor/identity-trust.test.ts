import { expect } from "chai";
import { deployTrust, type TrustSettings } from "../../../infra/identity/trust.ts";
import { difference, judgeTrust, type TrustDocument } from "../../../ops/doctor/identity-trust.ts";

const location = { partition: "aws", region: "us-east-1", accountId: "123456789012" };
const provider = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
const settings: TrustSettings = {
  environment: "staging",
  githubRepository: "acme/orders",
  githubSubjectPrefix: undefined,
  githubRepositoryId: undefined,
  githubDefaultBranch: "main",
  oidcProviderArn: undefined,
};
const token = {
  aud: "sts.amazonaws.com",
  sub: "repo:acme/orders:environment:staging",
  repository_id: "22",
  ref: "refs/heads/main",
};

const problems = (trust: TrustDocument, sent = token) =>
  judgeTrust("Role", trust, sent, provider).map(({ problem }) => problem);
const trusting = (changes: Partial<TrustSettings>) =>
  deployTrust({ ...settings, ...changes }, location) as TrustDocument;

describe("what a role trusts, and what GitHub sends", () => {
  it("fit when both are made of the same settings", () => {
    expect(problems(trusting({}))).to.deep.equal([]);
    expect(problems(trusting({ githubRepositoryId: "22" }))).to.deep.equal([]);
    const immutable = { ...token, sub: "repo:acme@1/orders@22:environment:staging" };
    const trust = trusting({ githubSubjectPrefix: "repo:acme@1/orders@22" });
    expect(problems(trust, immutable)).to.deep.equal([]);
  });

  for (const [what, trust, sent, words] of [
    [
      "the repository's case",
      trusting({ githubRepository: "Acme/orders" }),
      token,
      /upper and lower case/,
    ],
    ["the environment's case", trusting({ environment: "Staging" }), token, /upper and lower case/],
    [
      "another environment",
      trusting({ environment: "production" }),
      token,
      /is for environment:production, and the job runs as environment:staging/,
    ],
    [
      "a role of another repository",
      trusting({ githubRepository: "acme/other" }),
      token,
      /another repository, acme\/other/,
    ],
    [
      "the number of another repository",
      trusting({ githubRepositoryId: "7" }),
      token,
      /number 7, and this repository has 22/,
    ],
    [
      "ids that GitHub sends",
      trusting({}),
      { ...token, sub: "repo:acme@1/orders@22:environment:staging" },
      /set githubSubjectPrefix/,
    ],
    [
      "ids that GitHub does not send",
      trusting({ githubSubjectPrefix: "repo:acme@1/orders@22" }),
      token,
      /githubSubjectPrefix must be empty/,
    ],
    [
      "ids of another repository",
      trusting({ githubSubjectPrefix: "repo:acme@1/orders@21" }),
      { ...token, sub: "repo:acme@1/orders@22:environment:staging" },
      /made again or moved/,
    ],
    [
      "the branch",
      trusting({ githubDefaultBranch: "trunk" }),
      token,
      /trusts jobs on refs\/heads\/trunk, and the workflows run on refs\/heads\/main/,
    ],
    [
      "the audience",
      trusting({}),
      { ...token, aud: "https://github.com/acme" },
      /audience sts.amazonaws.com, and the workflows ask for https/,
    ],
    [
      "a provider of another account",
      trusting({ oidcProviderArn: provider.replace("123456789012", "210987654321") }),
      token,
      /and not arn:aws:iam::123456789012/,
    ],
  ] as const) {
    it(`part in ${what}`, () => {
      const found = problems(trust, sent);
      expect(found).to.have.length(1);
      expect(found[0]).to.match(words);
    });
  }

  it("are reported as too wide where a pattern is trusted", () => {
    const wide: TrustDocument = {
      Statement: {
        Effect: "Allow",
        Action: "sts:AssumeRoleWithWebIdentity",
        Principal: { Federated: provider },
        Condition: {
          StringEquals: { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" },
          StringLike: { "token.actions.githubusercontent.com:sub": "repo:acme/orders:*" },
        },
      },
    };
    expect(problems(wide)).to.deep.equal([
      "Role does not compare sub exactly, so others may be able to take it",
    ]);
  });

  it("explain the statement that comes closest", () => {
    const [first] = [trusting({ environment: "production" }).Statement].flat();
    const [second] = [trusting({}).Statement].flat();
    if (!first || !second) throw new Error("no statement");
    expect(problems({ Statement: [first, second] })).to.deep.equal([]);
  });

  it("say so where the role trusts no token at all", () => {
    expect(problems({ Statement: [] })).to.deep.equal(["Role trusts no web identity at all"]);
  });

  it("name what is no subject", () => {
    expect(difference(token.sub, "somebody")).to.match(/no subject of GitHub's/);
  });
});
