/** Which calls are traced: by the function itself, and by the front that calls it. */
import { expect } from "chai";
import { samplingRuleName } from "../../../infra/options/tracing.ts";
import { runProgram } from "../../support/mocks.ts";
import { settingsFaults } from "../../support/settings.ts";

const RULE = "aws:xray/samplingRule:SamplingRule";

describe("tracing", () => {
  it("follows the caller where config says so", async () => {
    const { inputs } = (await runProgram({ config: { tracing: "passThrough" } })).find(
      "aws:lambda/function:Function",
      "function",
    );
    expect(inputs["tracingConfig"]).to.deep.equal({ mode: "PassThrough" });
  });

  it("tells each front how often to trace, and no other", async () => {
    const program = await runProgram({
      config: {
        traceSampling: [
          { front: "orders-api/live", perSecond: 2, percent: 7.5 },
          { front: "jobs", perSecond: 0, percent: 100 },
        ],
      },
    });
    const rules = program.all(RULE).map(({ inputs }) => inputs);
    expect(rules).to.have.length(2);
    expect(rules[0]).to.deep.equal({
      ruleName: "ledger-orders-api-live-staging",
      version: 1,
      priority: 5000,
      reservoirSize: 2,
      fixedRate: 0.075,
      serviceName: "orders-api/live",
      serviceType: "*",
      host: "*",
      httpMethod: "*",
      urlPath: "*",
      resourceArn: "*",
    });
    expect(rules[1]).to.deep.include({ priority: 5001, reservoirSize: 0, fixedRate: 1 });
    expect((await runProgram()).all(RULE)).to.deep.equal([]);
  });

  it("has names that X-Ray takes, each service its own", () => {
    const front = "a-long-name-of-an-interface/production";
    const names = ["ledger", "ledgers", "a-service-with-a-long-name"].flatMap((serviceName) =>
      ["staging", "production"].map((environment) =>
        samplingRuleName({ serviceName, environment }, front),
      ),
    );
    expect(new Set(names).size).to.equal(names.length);
    for (const name of names) expect(name).to.match(/^[A-Za-z0-9-]{1,32}$/);
  });

  for (const [what, entries, message] of [
    ["text", ["orders-api/live"], /front 1 must be a list of fronts such as/],
    ["a star", [{ front: "*", perSecond: 1, percent: 5 }], /front must be what X-Ray calls it/],
    [
      "a share above everything",
      [{ front: "api", perSecond: 1, percent: 105 }],
      /"api": percent must be a number, 0 to 100/,
    ],
    [
      "part of a call",
      [{ front: "api", perSecond: 0.5, percent: 5 }],
      /"api": perSecond must be a whole number, 0 or more/,
    ],
    [
      "a misspelt part",
      [{ front: "api", perSecond: 1, percent: 5, rate: 1 }],
      /"api": no such key rate; it takes front, perSecond, percent/,
    ],
    [
      "a front twice",
      [
        { front: "api", perSecond: 1, percent: 5 },
        { front: "api", perSecond: 2, percent: 5 },
      ],
      /"api" stands there twice/,
    ],
  ] as const) {
    it(`refuses ${what} in one line`, () => {
      const found = settingsFaults({ traceSampling: JSON.stringify(entries) });
      expect(found).to.have.length(1);
      expect(found[0]).to.match(message);
    });
  }

  it("refuses a mode that Lambda does not have", () => {
    expect(settingsFaults({ tracing: "off" })[0]).to.match(/must be one of active, passThrough/);
  });
});
