/** The functions of infra/own/functions.ts, each as it is built: their smoke events are what a release judges them by. */
import { expect } from "chai";
import { Sandbox } from "local-aws/lambda/sandbox.ts";
import { tryVersion } from "../../../hook/verify.ts";
import { functionBuild } from "../../../infra/function/builds.ts";
import { bundleHandler } from "../../../infra/function/bundle.ts";
import type { OwnFunction } from "../../../infra/functions/own-function.ts";
import { ownFunctions } from "../../../infra/own/functions.ts";
import { description } from "../../bundle/support.ts";
import { SECOND } from "../../support/second-function.ts";

/** What its smoke events find wrong with a function, one round of each. */
async function faultsOf(own: OwnFunction): Promise<readonly string[]> {
  const { code } = await bundleHandler(functionBuild(own));
  const sandbox = await Sandbox.start({ code, description });
  try {
    const { faults } = await tryVersion({
      version: "1",
      events: own.smokeEvents,
      rounds: 1,
      slowestCallMs: 60_000,
      call: async ({ event }) => {
        const outcome = await sandbox.invoke(JSON.stringify(event));
        return outcome.kind === "response"
          ? { payload: outcome.body }
          : { functionError: outcome.kind, payload: outcome.kind === "error" ? outcome.body : "" };
      },
    });
    return faults;
  } finally {
    await sandbox.stop();
  }
}

describe("the functions beside the service's own", function () {
  this.timeout(60_000);

  for (const own of ownFunctions) {
    it(`${own.name} answers its smoke events as they say, in its built bundle`, async () => {
      expect(await faultsOf(own)).to.deep.equal([]);
    });

    it(`${own.name} has a smoke event that must be accepted and one that must be refused`, () => {
      const statuses = own.smokeEvents.map(({ statusCode }) => statusCode);
      expect(statuses).to.include(200);
      expect(statuses.some((status) => status >= 400 && status < 500)).to.equal(true);
    });
  }

  it("are held to that: a wrong answer is found", async () => {
    expect(await faultsOf(SECOND)).to.deep.equal([]);
    const [first] = SECOND.smokeEvents;
    if (first === undefined) throw new Error("no smoke event");
    const wrong = { ...SECOND, smokeEvents: [{ ...first, statusCode: 201 }] };
    expect((await faultsOf(wrong)).join()).to.include("answered status 200 instead of 201");
  });
});
