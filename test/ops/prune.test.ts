import { UpdateAliasCommand } from "@aws-sdk/client-lambda";
import { ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { artifactKey } from "../../infra/names.ts";
import { applyPrune } from "../../ops/prune/apply.ts";
import { planPrune, YOUNG_MS } from "../../ops/prune/plan.ts";
import { readSnapshot } from "../../ops/prune/snapshot.ts";
import { addReleaseRecord } from "../../ops/release/records.ts";
import { readVersions } from "../../ops/support/versions.ts";
import { useWorlds, type World } from "../support/release-world.ts";

describe("prune", () => {
  const makeWorld = useWorlds();

  const versions = async (world: World) => [
    ...(await readVersions(world.clients, world.outputs().functionName)).keys(),
  ];
  const moveAlias = (world: World, version: string) =>
    world.clients.lambda.send(
      new UpdateAliasCommand({
        FunctionName: world.outputs().functionName,
        Name: "live",
        FunctionVersion: version,
      }),
    );

  it("deletes what nothing can go back to, and nothing else", async () => {
    const world = await makeWorld();
    const { clients } = world;
    for (let n = 2; n <= 5; n++) await world.publish("works");
    const outputs = world.outputs();
    const Bucket = outputs.artifactsBucketName;
    await moveAlias(world, "5");
    const code = await readVersions(clients, outputs.functionName);
    await addReleaseRecord(clients.s3, outputs, {
      version: "2",
      codeSha256: code.get("2") ?? "",
      outcome: "released",
      reason: "served well",
      at: "2026-01-01T00:00:00Z",
      by: "test",
    });
    const old = artifactKey("a".repeat(64));
    const own = artifactKey(Buffer.from(code.get("2") ?? "", "base64").toString("hex"));
    for (const Key of [old, own]) {
      await clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: "zip" }));
    }

    const snapshot = await readSnapshot(clients, outputs);
    expect(planPrune(snapshot, 1).objects, "young objects").to.be.empty;
    const plan = planPrune({ ...snapshot, now: Date.now() + 2 * YOUNG_MS }, 1);
    expect(plan.versions).to.deep.equal(["1", "3", "4"]);
    expect(plan.objects.map(({ key }) => key)).to.deep.equal([old]);
    const done = await applyPrune(clients, outputs, plan, () => {});
    expect(done.stayed).to.be.empty;
    expect(await versions(world)).to.deep.equal(["2", "5"]);
    const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents.map(({ Key }) => Key))
      .to.include(own)
      .and.not.include(old);
  });

  it("keeps all code when a version stays that was to go", async () => {
    const world = await makeWorld();
    await world.publish("works");
    const outputs = world.outputs();
    await moveAlias(world, "2");
    const objects = [{ key: artifactKey("a".repeat(64)), sizeBytes: 1, modifiedAt: 0 }];
    const plan = { ...planPrune(await readSnapshot(world.clients, outputs), 1), objects };
    expect(plan.versions).to.deep.equal(["1"]);
    // Between the plan and the deletion somebody rolls back.
    await moveAlias(world, "1");
    const done = await applyPrune(world.clients, outputs, plan, () => {});
    expect(done).to.deep.include({ versions: [], objects: [] });
    expect(done.stayed.map(({ what }) => what)).to.deep.equal(["version 1"]);
    expect(await versions(world)).to.deep.equal(["1", "2"]);
  });
});
