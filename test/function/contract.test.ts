/** What the domain owes to the machinery, whatever the domain is. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { createDomain } from "../../function/domain/index.ts";
import { read } from "../../function/platform/schema.ts";
import { SMOKE_EVENTS } from "../../function/domain/smoke-events.ts";
import { faultOf } from "../../hook/smoke-events.ts";
import { routeFaults } from "../../infra/api/route-faults.ts";
import { sampleNames } from "../../local/invoke/event.ts";
import { context, harnessOf } from "./support/harness.ts";

const answer = (event: unknown) =>
  harnessOf(createDomain(), { callers: { answerDirect: true } }).handler(event, context());

/** Whether an event, or a record of a batch, is refused. */
async function isRefused(event: unknown): Promise<boolean> {
  const callers = { answerDirect: true, partialBatches: true };
  const answered = await harnessOf(createDomain(), { callers }).handle(event, context());
  if ("batchItemFailures" in answered) return answered.batchItemFailures.length > 0;
  return answered.statusCode >= 400 && answered.statusCode < 500;
}

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

      expect(await isRefused(event)).to.equal(refused);
    });
  }

  it("has routes without a fault, whose examples keep their own rules", () => {
    const { routes = [] } = createDomain();
    expect(routeFaults(routes)).to.deep.equal([]);
    for (const { body = {}, result, example = {} } of routes) {
      if (example.body) expect(read(body, example.body)).to.deep.equal(example.body);
      if (example.result) expect(read(result, example.result)).to.deep.equal(example.result);
    }
  });

  it("has a smoke event that must be accepted and one that must be refused", () => {
    const statuses = SMOKE_EVENTS.map(({ statusCode }) => statusCode);

    expect(statuses).to.include(200);
    expect(statuses.some((status) => status >= 400 && status < 500)).to.equal(true);
  });

  for (const smoke of SMOKE_EVENTS) {
    it(`answers the smoke event ${smoke.name} as it says`, async () => {
      const callers = { answerDirect: true, partialBatches: true };
      const { handle } = harnessOf(createDomain(), { callers });
      const payload = JSON.stringify(await handle(smoke.event, context()));

      expect(faultOf(smoke, { payload })).to.equal(undefined);
    });
  }
});
