import { execFileSync } from "node:child_process";
import { expect } from "chai";
import { unzipSync } from "fflate";
import { reproducibleZip } from "../../../infra/function/zip.ts";

const zipUrl = new URL("../../../infra/function/zip.ts", import.meta.url).href;

describe("the reproducible zip", () => {
  it("holds the files as they are", () => {
    const files = unzipSync(reproducibleZip({ "dist/index.mjs": "export {};", "a.txt": "é" }));

    expect(Object.keys(files)).to.deep.equal(["a.txt", "dist/index.mjs"]);
    expect(new TextDecoder().decode(files["a.txt"])).to.equal("é");
  });

  it("is the same in whatever order the files are given", () => {
    const one = reproducibleZip({ "dist/b.mjs": "b", "dist/a.mjs": "a" });
    const other = reproducibleZip({ "dist/a.mjs": "a", "dist/b.mjs": "b" });

    expect(one).to.deep.equal(other);
  });

  it("is the same in every time zone and under every file mask", () => {
    const script = `
      process.umask(Number(process.env.MASK));
      const { reproducibleZip } = await import(${JSON.stringify(zipUrl)});
      process.stdout.write(Buffer.from(reproducibleZip({ a: "a" })).toString("base64"));`;
    const zipIn = (TZ: string, MASK: string): string =>
      execFileSync(process.execPath, ["--no-warnings", "--input-type=module", "-e", script], {
        env: { ...process.env, TZ, MASK },
        encoding: "utf8",
      });

    expect(zipIn("Pacific/Auckland", "63")).to.equal(zipIn("America/Los_Angeles", "0"));
  });

  it("marks its files as readable by every user of the sandbox", () => {
    const zip = Buffer.from(reproducibleZip({ a: "a" }));
    const centralDirectory = zip.indexOf(Buffer.from("PK\u0001\u0002", "latin1"));

    expect(zip.readUInt32LE(centralDirectory + 38) >>> 16).to.equal(0o100644);
  });
});
