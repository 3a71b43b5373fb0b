import { on } from "node:events";
import { join } from "node:path";
import { UpdateAliasCommand } from "@aws-sdk/client-lambda";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { type Command, linesOf, makeService, type Service } from "../support/emulated-service.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";

/** Writes down what it has processed; what it does with an event, the event says. */
const HANDLER = `
  import { appendFileSync } from "node:fs";
  import { setTimeout as sleep } from "node:timers/promises";
  export const handler = async (event) => {
    await sleep(event.ms ?? 0);
    if (event.fails) throw new Error("cannot process order " + event.id);
    if (event.refused) return { statusCode: 400, body: JSON.stringify({ message: "Invalid event" }) };
    appendFileSync(process.env.FOLDER + "/processed", event.id + "\\n");
    return { statusCode: 200, body: "{}" };
  };`;

describe("npm run replay", () => {
  const account = useEmulator();
  let service: Service;

  before(async () => {
    service = await makeService(account(), HANDLER);
  });

  const processed = () => linesOf(join(service.folder, "processed"));
  const run = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await service.start(["replay", ...args]);
    return { exitCode, stdout, stderr };
  };
  const shift = (weights: Record<string, number>) =>
    service.lambda.send(
      new UpdateAliasCommand({
        FunctionName: service.outputs.functionName,
        Name: service.outputs.aliasName,
        RoutingConfig: { AdditionalVersionWeights: weights },
      }),
    );
  const depth = async () => {
    const { Attributes } = await service.sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: service.outputs.deadLetterQueueUrl,
        AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
      }),
    );
    return {
      visible: Number(Attributes?.ApproximateNumberOfMessages),
      hidden: Number(Attributes?.ApproximateNumberOfMessagesNotVisible),
    };
  };

  it("lists by error, waits for the end of a release, then replays and gives the failed back", async () => {
    for (let id = 0; id < 12; id++) await service.bury({ id: `a${id}` });
    await service.bury({ id: 17, fails: true }, "cannot process order 17");
    await service.bury({ id: 18, fails: true }, "cannot process order 18");
    await service.bury({ id: 19, refused: true }, "cannot process order 19");

    await shift({ [await service.publish(`${HANDLER}// 2`)]: 0.1 });
    const during = await run("--yes");
    await shift({});
    expect(during.exitCode).to.equal(1);
    expect(during.stderr).to.match(/15 messages in the queue, 15 selected/);
    expect(during.stderr).to.match(/12 × Internal error \(.*\n {3}3 × cannot process order …/);
    expect(during.stderr).to.match(/error: a release is shifting traffic .* npm run release/);
    expect(await depth()).to.deep.equal({ visible: 15, hidden: 0 });

    const replayed = await run("--yes", "--rate", "1000", "--json");
    expect(replayed.exitCode).to.equal(1);
    const report = JSON.parse(replayed.stdout) as { failures: { error: string; count: number }[] };
    expect(report).to.include({ stack: "staging", delivered: 12, failed: 3 });
    expect(report.failures.map(({ error, count }) => [error, count])).to.deep.equal([
      ["cannot process order …", 2],
      ["answered 400: Invalid event", 1],
    ]);
    expect(await processed()).to.have.length(12);
    expect(await depth()).to.deep.equal({ visible: 3, hidden: 0 });
  });

  it("is safe to kill and to interrupt", async function () {
    for (let n = 0; n < 24; n++) await service.bury({ id: `k${n}`, ms: 50 }, "killed later");
    const selection = ["--error", "killed later", "--yes", "--rate", "1000", "--concurrency", "2"];

    const killed = service.start(["replay", ...selection]);
    await firstDelivery(killed);
    killed.kill("SIGKILL");
    await killed;
    const before = await depth();
    const interrupted = service.start(["replay", ...selection]);
    await firstDelivery(interrupted);
    interrupted.kill("SIGINT");
    const { exitCode, stdout, stderr } = await interrupted;
    expect(exitCode).to.equal(1);
    expect(stderr).to.include("interrupted: finishing what has begun");
    expect(stdout).to.match(/ended early: interrupted$/);

    const done = new Set((await processed()).filter((id) => id.startsWith("k")));
    expect(done.size).to.be.within(2, 23);
    const { visible, hidden } = await depth();
    expect(done.size + visible + hidden).to.be.at.least(24);
    // The killed run's messages stay hidden for a while; the interrupted one gave its own back.
    expect(hidden).to.be.at.most(before.hidden);
  });

  /** Waits until the command says that something was delivered. */
  async function firstDelivery({ stderr }: Command): Promise<void> {
    const said = /[1-9]\d* of \d+ done/;
    for await (const [chunk] of on(stderr, "data", { close: ["end"] }) as AsyncIterable<[Buffer]>) {
      if (said.test(chunk.toString())) return;
    }
    throw new Error("nothing was delivered");
  }
});
