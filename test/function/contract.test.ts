/** What the domain owes to the machinery, whatever the domain is. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { createDomain } from "../../function/domain/index.ts";
import { SMOKE_EVENTS } from "../../function/domain/smoke-events.ts";
import { faultOf } from "../../hook/smoke-events.ts";
import { sampleNames } from "../../local/invoke/event.ts";
import { context, harnessOf } from "./support/harness.ts";

const answer = (event: unknown) =>
  harnessOf(createDomain(), { callers: { answerDirect: true } }).handler(event, context());

const folder = join(import.meta.dirname, "../../function/domain/events");
const names = await sampleNames();

describe("the domain", () => {
  it("accepts its sample, and reaches nothing outside for it", async () => {
    expect(await answer(createDomain().sample)).to.include({ statusCode: 200 });
  });

  it("has good and bad sample events", () => {
    expect(names.filter((name) => name.startsWith("bad/"))).not.to.deep.equal([]);
    expect(names.filter((name) => !name.startsWith("bad/"))).not.to.deep.equal([]);
  });

  for (const name of names) {
    const refused = name.startsWith("bad/");
    it(`${refused ? "refuses" : "accepts"} the sample event ${name}`, async () => {
      const event: unknown = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));

      const { statusCode } = await answer(event);

      expect(statusCode >= 400 && statusCode < 500).to.equal(refused);
    });
  }

  it("has a smoke event that must be accepted and one that must be refused", () => {
    const statuses = SMOKE_EVENTS.map(({ statusCode }) => statusCode);

    expect(statuses).to.include(200);
    expect(statuses.some((status) => status >= 400 && status < 500)).to.equal(true);
  });

  for (const smoke of SMOKE_EVENTS) {
    it(`answers the smoke event ${smoke.name} as it says`, async () => {
      const payload = JSON.stringify(await answer(smoke.event));

      expect(faultOf(smoke, { payload })).to.equal(undefined);
    });
  }
});
