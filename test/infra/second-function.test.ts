/** A second function in one program: its parts get names of their own, in Pulumi and in AWS. */
import { expect } from "chai";
import { standInLocation } from "local-aws/provider/aws-outputs.ts";
import { buildArtifact } from "../../infra/function/artifact.ts";
import { LambdaFunction } from "../../infra/function.ts";
import { Release } from "../../infra/release.ts";
import { readSettings } from "../../infra/settings.ts";
import { type MockRun, withMocks } from "../support/mocks.ts";
import { TEST_REGION } from "../support/settings.ts";

/** The service's own function and a second one, both with releases. */
const build = (components: readonly (readonly [component: string, thing: string])[]) =>
  withMocks(
    async () => {
      const handler = await buildArtifact();
      const settings = readSettings();
      return components.map(([component, thing]) => {
        const base = {
          settings: { ...settings, serviceName: `${settings.serviceName}${thing}` },
          location: standInLocation(TEST_REGION),
          boundaryArn: "arn:aws:iam::123456789012:policy/ledger-boundary-staging",
          bucketName: "artifacts",
        };
        const metricsNamespace = "ledger-api";
        const { aliasArn } = new LambdaFunction(component, { ...base, handler, metricsNamespace });
        const { applicationName } = new Release(
          component === "function" ? "release" : `${component}-release`,
          {
            ...base,
            hook: handler,
            smokeEvents: 4,
            observability: { releaseAlarmNames: [] },
          },
        );
        return { aliasArn, applicationName };
      });
    },
    { config: { provisionedConcurrency: 2, provisionedConcurrencyMaximum: 4 } },
  );

const urns = ({ resources }: MockRun<unknown>): string[] =>
  resources.map(({ type, name }) => `${type} ${name}`);

describe("a second function", () => {
  it("has parts of its own names beside those of the first, which keep theirs", async () => {
    const one = urns(await build([["function", ""]]));
    const both = urns(
      await build([
        ["function", ""],
        ["second", "-second"],
      ]),
    );
    expect(both).to.include.members(one);
    expect(both).to.have.length(2 * one.length);
    expect(new Set(both).size).to.equal(both.length);
  });

  it("shares no physical name with the first but its code's", async () => {
    const run = await build([
      ["function", ""],
      ["second", "-second"],
    ]);
    const named = run.resources.flatMap(({ type, inputs }) =>
      // An alias and a role's policy have their names within what they are of.
      typeof inputs["name"] === "string" && !/alias:Alias|rolePolicy:/.test(type)
        ? [`${type} ${inputs["name"]}`]
        : [],
    );
    expect(named.length).to.be.greaterThan(15);
    expect(new Set(named).size).to.equal(named.length);
    expect(named).to.include("aws:lambda/function:Function ledger-second-function-staging");
  });
});
