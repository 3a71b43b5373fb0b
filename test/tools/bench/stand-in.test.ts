import { request } from "node:https";
import { readFileSync } from "node:fs";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { expect } from "chai";
import { openStandIn, type StandIn } from "../../../tools/bench/stand-in.ts";

describe("the benchmark's table", () => {
  let table: StandIn;
  before(async () => {
    table = await openStandIn();
  });
  after(() => table.close());

  const ask = async (ca?: Buffer): Promise<string | undefined> => {
    const { AWS_ENDPOINT_URL: url = "" } = table.variables;
    const asked = request(url, {
      ...(ca && { ca }),
      method: "POST",
      headers: { "x-amz-target": "T.PutItem" },
    });
    const answered = once(asked, "response") as Promise<[IncomingMessage]>;
    asked.end("{}");
    try {
      const [response] = await answered;
      response.resume();
      return String(response.statusCode);
    } catch (error) {
      return error instanceof Error && "code" in error ? String(error.code) : String(error);
    }
  };

  it("is reached over TLS by whoever trusts its certificate, and by nobody else", async () => {
    expect(await ask(readFileSync(table.variables["NODE_EXTRA_CA_CERTS"] ?? ""))).to.equal("200");
    expect(table.asked).to.deep.equal(["PutItem"]);
    expect(await ask()).to.match(/CERT/);
  });
});
