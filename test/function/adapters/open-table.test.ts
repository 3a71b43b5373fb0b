import { expect } from "chai";
import { openTable } from "../../../function/adapters/open-table.ts";
import { context, harnessOf } from "../support/harness.ts";
import { wordDomain } from "../support/domain.ts";

const BUS = { TABLE_NAME: "parcels", CHANGES_BUS: "changes" };

describe("the table that the environment names", () => {
  it("is none where it names none", () => {
    expect(openTable({})).to.equal(undefined);
    expect(openTable({ TABLE_NAME: "", CHANGES_BUS: "changes" })).to.equal(undefined);
  });

  it("publishes where there is a bus, and else leaves its stream to the domain", () => {
    expect(openTable(BUS)?.outbox).to.be.an("object");
    expect(openTable({ ...BUS, CHANGES_BUS: "" })?.outbox).to.equal(undefined);
  });

  it("is rehearsed without reaching anything", async () => {
    // Port 9 refuses: what was sent would fail.
    const table = openTable({ ...BUS, AWS_ENDPOINT_URL: "http://127.0.0.1:9" });
    const written: unknown[] = [];
    const domain = wordDomain();
    const keeping = {
      ...domain,
      over: (own: Parameters<NonNullable<(typeof domain)["over"]>>[0]) =>
        wordDomain(async (_event, call) => {
          written.push(await own.read("a", call));
          await own.write({ id: "a", version: 1, data: {}, type: "Kept" }, call);
        }),
    };
    const { handler } = harnessOf(table?.rehearse(keeping) ?? domain);

    expect((await handler({ word: "w" }, context())).statusCode).to.equal(200);
    expect(written).to.deep.equal([{ version: 0 }]);
  });
});
