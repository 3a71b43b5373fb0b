import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { context, harness } from "../support/harness.ts";

const folder = join(import.meta.dirname, "../../../function/domain/events");

const statusOf = async (file: string): Promise<number> => {
  const event: unknown = JSON.parse(readFileSync(join(folder, file), "utf8"));
  return (await harness().handler(event, context())).statusCode;
};

describe("the sample events", () => {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".json"),
  );

  for (const file of files) {
    const status = file.startsWith("bad") ? 400 : 200;
    it(`${file} is answered with ${status}`, async () => {
      expect(await statusOf(file)).to.equal(status);
    });
  }
});
