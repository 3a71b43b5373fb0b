import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { releaseRecordsKey } from "../../../infra/names.ts";
import type { ReleaseRecord } from "../../../ops/release/history.ts";
import { addReleaseRecord, readReleaseRecords } from "../../../ops/release/records.ts";
import { readCurrentRecords } from "../../../ops/release/state.ts";
import { refusal } from "../../support/release-context.ts";
import { useWorlds, type World } from "../../support/release-world.ts";

const releaseRecord = (version: string, of: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
  version,
  codeSha256: "abc",
  outcome: "rolled back",
  reason: "orders fail",
  at: "2026-11-02T12:00:00Z",
  by: "arn",
  ...of,
});

describe("release records", () => {
  const newWorld = useWorlds();
  const store = (world: World) => [world.clients.s3, world.outputs()] as const;

  it("are not there at first, and none is lost when two commands write at once", async () => {
    const [s3, of] = store(await newWorld());

    expect(await readReleaseRecords(s3, of)).to.deep.equal([]);
    await Promise.all(
      ["7", "8"].map((version) => addReleaseRecord(s3, of, releaseRecord(version))),
    );

    const versions = (await readReleaseRecords(s3, of)).map(({ version }) => version);
    expect(versions).to.have.members(["7", "8"]);
  });

  it("are written once, however often a command is run again", async () => {
    const [s3, of] = store(await newWorld());

    await addReleaseRecord(s3, of, releaseRecord("7"));
    await addReleaseRecord(s3, of, releaseRecord("7", { at: "2026-11-03T12:00:00Z" }));
    await addReleaseRecord(s3, of, releaseRecord("7", { outcome: "released" }));
    await addReleaseRecord(s3, of, releaseRecord("7"));

    const outcomes = (await readReleaseRecords(s3, of)).map(({ outcome }) => outcome);
    expect(outcomes).to.deep.equal(["rolled back", "released", "rolled back"]);
  });

  it("are written again for another deployment of the same version, and once for the same", async () => {
    const [s3, of] = store(await newWorld());
    for (const deploymentId of ["d-1", "d-1", "d-2"]) {
      await addReleaseRecord(s3, of, releaseRecord("7", { outcome: "unjudged", deploymentId }));
    }
    const ids = (await readReleaseRecords(s3, of)).map(({ deploymentId }) => deploymentId);
    expect(ids).to.deep.equal(["d-1", "d-2"]);
  });

  it("do not count for another version of the same number", async () => {
    const world = await newWorld();
    await addReleaseRecord(...store(world), releaseRecord("1"));
    const outputs = world.outputs();

    const recordsOf = (codeSha256: string) =>
      readCurrentRecords(world.clients, outputs, new Map([["1", codeSha256]]));

    expect(await recordsOf("abc")).to.have.length(1);
    expect(await recordsOf("another")).to.deep.equal([]);
  });

  it("say what is wrong when somebody has broken them, and are not overwritten", async () => {
    const [s3, of] = store(await newWorld());
    const Bucket = of.artifactsBucketName;
    const broken = { Bucket, Key: releaseRecordsKey(of), Body: "oops" };
    await s3.send(new PutObjectCommand(broken));

    expect(await refusal(addReleaseRecord(s3, of, releaseRecord("7")))).to.contain(
      "does not hold release records",
    );
  });
});
