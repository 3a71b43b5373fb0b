import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { changesUnderPoison } from "../support/changes-under-poison.ts";
import { makeChangesWorld } from "../support/changes-world.ts";
import { startNode } from "../support/command.ts";
import { useWorlds } from "../support/release-world.ts";

// `npm run soak` does the same with a thousand.
describe("the changes of a table", function () {
  this.timeout(120_000);
  const newWorld = useWorlds();
  const folder = mkdtempSync(join(tmpdir(), "changes-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("are published in their order or given up one by one, and none is lost", async () => {
    const { changes, published, dead } = await changesUnderPoison(newWorld, 40, 7);
    expect(published + dead).to.equal(changes);
    expect(dead).to.be.greaterThan(1);
  });

  it("that were given up while the bus was away are published by a replay", async () => {
    const { world, put, arrived, deadLettersUrl, commandEnvironment } = await makeChangesWorld(
      newWorld,
      1,
    );
    const away = { status: 500, name: "InternalException", message: "away" };
    world.front.fault = ({ operation }) => (operation === "PutEvents" ? away : undefined);
    await put("r1", 1);
    const waiting = async (): Promise<string | undefined> => {
      const asked = { QueueUrl: deadLettersUrl, AttributeNames: ["All" as const] };
      const { Attributes } = await world.clients.sqs.send(new GetQueueAttributesCommand(asked));
      return Attributes?.["ApproximateNumberOfMessages"];
    };
    while ((await waiting()) !== "1") await sleep(50);
    expect(await arrived()).to.deep.equal([]);

    world.front.fault = () => undefined;
    const args = ["--stack", "production", "--source", "outbox", "--yes", "--json"];
    const { exitCode, stdout, stderr } = await startNode(["ops/replay.ts", ...args], {
      env: commandEnvironment(folder),
    });
    expect(exitCode, stderr).to.equal(0);
    expect(JSON.parse(stdout)).to.include({ delivered: 1, failed: 0 });
    expect(await arrived()).to.deep.equal(["r1 1"]);
  });
});
