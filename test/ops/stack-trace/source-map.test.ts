import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { deployedMap, mapInFile } from "../../../ops/stack-trace/source-map.ts";
import { Refused } from "../../../ops/support/refused.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";

const sha = (digit: string) => digit.repeat(64);
const map = (source: string) => JSON.stringify({ version: 3, sources: [source], mappings: "" });

describe("the source map of a deployed version", () => {
  const emulator = useEmulator();
  const outputs = { artifactsBucketName: "artifacts", artifactKey: `function/${sha("a")}.zip` };
  let s3: S3Client;
  before(async () => {
    s3 = new S3Client({ ...emulator().client, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "artifacts" }));
    for (const digit of ["a", "b"]) {
      const Key = `function/${sha(digit)}.map.json`;
      await s3.send(new PutObjectCommand({ Bucket: "artifacts", Key, Body: map(`${digit}.ts`) }));
    }
  });

  it("lies beside the newest version's zip", async () => {
    expect(await deployedMap(s3, outputs)).to.equal(map("a.ts"));
  });

  it("can be an older version's", async () => {
    expect(await deployedMap(s3, outputs, sha("b"))).to.equal(map("b.ts"));
  });

  it("is refused by name when it is not there", async () => {
    const error: unknown = await deployedMap(s3, outputs, sha("c")).catch((e: unknown) => e);

    expect(error).to.be.instanceOf(Refused);
    expect(String(error)).to.contain(`s3://artifacts/function/${sha("c")}.map.json is not there`);
  });
});

describe("the source map in a file", () => {
  it("is refused when it is none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "map-"));
    for (const text of ["no json", "{}", "null"]) {
      const file = join(folder, "map.json");
      await writeFile(file, text);

      const error: unknown = await mapInFile(file).catch((e: unknown) => e);

      expect(String(error)).to.match(/map\.json is no source map; name another/);
    }
    await rm(folder, { recursive: true });
  });

  it("is refused when it cannot be read", async () => {
    const error: unknown = await mapInFile("none.json").catch((e: unknown) => e);

    expect(String(error)).to.contain("none.json cannot be read (ENOENT)");
  });
});
