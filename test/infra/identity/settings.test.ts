import { expect } from "chai";
import { parseSettings, type RawSettings } from "../../../infra/settings/parse.ts";
import { rawSettings } from "../../../ops/support/stack-config.ts";
import { testConfig } from "../../support/settings.ts";

const raw = rawSettings(testConfig());
const parse = (values: RawSettings["values"], environment = "staging") =>
  parseSettings({ ...raw, environment, values: { ...raw.values, ...values } });

describe("settings that the roles rest on", () => {
  it("leave subject prefix and number empty where they are not set", () => {
    const { githubSubjectPrefix, githubRepositoryId } = parse({});
    expect(githubSubjectPrefix).to.equal(undefined);
    expect(githubRepositoryId).to.equal(undefined);
  });

  it("take the prefix with ids of the same repository", () => {
    const githubSubjectPrefix = "repo:acme@1/orders@2";
    const settings = parse({ githubRepository: "acme/orders", githubSubjectPrefix });
    expect(settings.githubSubjectPrefix).to.equal(githubSubjectPrefix);
  });

  for (const [what, values, message] of [
    [
      "a prefix of another repository",
      { githubRepository: "acme/orders", githubSubjectPrefix: "repo:acme@1/other@2" },
      /names acme\/other, and githubRepository is acme\/orders/,
    ],
    [
      "a prefix with a wildcard",
      { githubSubjectPrefix: "repo:acme@1/*" },
      /githubSubjectPrefix: "repo:acme@1\/\*"; must be/,
    ],
    [
      "a number that is none",
      { githubRepositoryId: "orders" },
      /githubRepositoryId: "orders"; must be the repository's number/,
    ],
  ] as const) {
    it(`refuse ${what} in one line`, () => {
      expect(() => parse(values)).to.throw(message);
    });
  }

  it("refuse a stack whose name ends another one's, because policies go by that end", () => {
    expect(() => parse({}, "pre-staging")).to.throw(/stack name: "pre-staging"; must start/);
  });
});
