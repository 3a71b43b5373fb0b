import { on } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UpdateAliasCommand } from "@aws-sdk/client-lambda";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { execa } from "execa";
import { type Front, startFront } from "local-aws/emulator/front.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { readReplay } from "../../ops/replay/activity.ts";
import { readArchive } from "../../ops/replay/archive.ts";
import { useHost } from "../support/host.ts";
import { type Command, linesOf, makeService, type Service } from "../support/emulated-service.ts";

/** Notes what it has processed; what it does with an event, the event says. */
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

interface Report {
  readonly selected: number;
  readonly delivered: number;
  readonly failed: number;
  readonly unsendable: number;
  readonly invisible: number;
  readonly invisibleUntil?: string;
  readonly endedEarly?: string;
  readonly failures: readonly { readonly error: string; readonly count: number }[];
}

describe("npm run replay", () => {
  const account = useEmulator();
  const host = useHost();
  let service: Service;
  let front: Front;
  let environment: Record<string, string>;
  let queueUrl: string;

  before(async () => {
    const { url, accountId, region } = account();
    // A minute of a second: a replay checks for releases twelve times in it.
    front = await startFront({ upstream: url, accountId, region, minuteMs: 1000 });
    environment = { ...account().environment, ...front.environment, AWS_ENDPOINT_URL: front.url };
    service = await makeService({ ...account(), environment }, HANDLER);
    queueUrl = service.outputs.deadLetterQueueUrl;
  });
  after(() => front.stop());
  afterEach(async () => {
    // Whatever a test leaves in the queue is no other's business.
    await Promise.all((await takeAll()).map(remove));
  });

  const processed = () => linesOf(join(service.folder, "processed"));
  const run = (...args: string[]) => service.run(["replay", ...args], host());
  const report = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await run(...args, "--json");
    return { exitCode, stderr, ...(JSON.parse(stdout) as Report) };
  };
  const send = (MessageBody: string, MessageAttributes: Record<string, MessageAttributeValue>) =>
    service.sqs.send(
      new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, MessageAttributes }),
    );
  const shift = (weights: Record<string, number>) =>
    service.lambda.send(
      new UpdateAliasCommand({
        FunctionName: service.outputs.functionName,
        Name: service.outputs.aliasName,
        RoutingConfig: { AdditionalVersionWeights: weights },
      }),
    );
  /** Receives all that is visible, as another reader would, and hides it for an hour. */
  const takeAll = async (): Promise<Message[]> => {
    const all: Message[] = [];
    for (;;) {
      const { Messages = [] } = await service.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: 3600,
          MessageAttributeNames: ["All"],
        }),
      );
      if (Messages.length === 0) return all;
      all.push(...Messages);
    }
  };
  const release = (messages: readonly Message[]) =>
    Promise.all(
      messages.map(({ ReceiptHandle }) =>
        service.sqs.send(
          new ChangeMessageVisibilityCommand({
            QueueUrl: queueUrl,
            ReceiptHandle,
            VisibilityTimeout: 0,
          }),
        ),
      ),
    );
  const remove = ({ ReceiptHandle }: Message) =>
    service.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
  /** All that its sender put into each message, as comparable text. */
  const contents = async () => {
    const messages = await takeAll();
    await release(messages);
    return messages.map(contentOf).toSorted();
  };
  const depth = async () => {
    const { Attributes } = await service.sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
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

    const replayed = await report("--yes", "--rate", "1000");
    expect(replayed.exitCode).to.equal(1);
    expect(replayed).to.include({ stack: "staging", delivered: 12, failed: 3, invisible: 0 });
    expect(replayed.failures.map(({ error, count }) => [error, count])).to.deep.equal([
      ["cannot process order …", 2],
      ["answered 400: Invalid event", 1],
    ]);
    expect(await processed()).to.have.length(12);
    expect(await depth()).to.deep.equal({ visible: 3, hidden: 0 });

    const seen = await readReplay(service.s3, service.outputs);
    expect(seen?.record).to.include({ delivered: 12, failed: 3, over: true, asynchronous: false });
  });

  it("ends when a release begins, and says to releases that it is under way", async () => {
    for (let n = 0; n < 60; n++) await service.bury({ id: `r${n}`, ms: 50 }, "before a release");
    const version = await service.publish(`${HANDLER}// 3`);
    const running = service.start([
      "replay",
      "--yes",
      "--rate",
      "1000",
      "--concurrency",
      "1",
      "--json",
    ]);
    await firstDelivery(running);
    const seen = await readReplay(service.s3, service.outputs);
    expect(seen?.record.over).to.be.false;
    await shift({ [version]: 0.1 });
    const { exitCode, stdout } = await running;
    await shift({});

    const ended = JSON.parse(stdout) as Report;
    expect(exitCode).to.equal(1);
    expect(ended.endedEarly).to.match(/^a release has begun: a release is shifting traffic/);
    expect(ended.delivered).to.be.within(1, 59);
    expect(await depth()).to.deep.equal({ visible: 60 - ended.delivered, hidden: 0 });
  });

  it("sends what can be sent behind what never can, and says which is which", async () => {
    for (let n = 0; n < 30; n++) await service.bury(`<order number="${n}"/>`, "not for us");
    for (let n = 0; n < 20; n++) await service.bury({ id: `p${n}` });

    const replayed = await report("--yes", "--rate", "1000", "--concurrency", "50");
    expect(replayed).to.include({ exitCode: 1, delivered: 20, failed: 0, unsendable: 30 });
    expect((await processed()).filter((id) => id.startsWith("p"))).to.have.length(20);

    const path = join(service.folder, "poison.jsonl");
    const { exitCode, stdout } = await run("--export", path, "--yes");
    expect([exitCode, stdout]).to.deep.equal([0, stdout]);
    expect(stdout).to.match(/^exported 30 messages/);
    expect(await depth()).to.deep.equal({ visible: 0, hidden: 0 });
  });

  it("never says that there is nothing while messages are invisible", async () => {
    for (let n = 0; n < 7; n++) await service.bury({ id: `h${n}` });
    const taken = await takeAll();
    expect(taken).to.have.length(7);

    for (const args of [["--yes"], ["--dry-run"], ["--yes", "--export", "/dev/null"]]) {
      const { exitCode, stderr } = await run(...args);
      expect(exitCode, args.join(" ")).to.equal(1);
      expect(stderr).to.match(/7 messages are invisible: .* come back by \d\d:\d\d:\d\d UTC/);
      expect(stderr).to.match(/can be seen now; run the command again then/);
      expect(stderr).not.to.match(/^nothing to (replay|export)$/m);
    }
    const { invisible, invisibleUntil = "", selected } = await report("--yes");
    expect([invisible, selected]).to.deep.equal([7, 0]);
    expect(Date.parse(invisibleUntil)).to.be.greaterThan(Date.now());

    await release(taken.slice(0, 2));
    const partly = await report("--yes", "--rate", "1000");
    expect(partly).to.include({ exitCode: 1, delivered: 2, invisible: 5 });
    await release(taken.slice(2));
    expect(await report("--yes", "--rate", "1000")).to.include({ exitCode: 0, delivered: 5 });
    const { exitCode, stderr } = await run("--yes");
    expect([exitCode, /^nothing to replay$/m.test(stderr)]).to.deep.equal([0, true]);
  });

  it("gives every message back as it was, after an export, an editor and an import", async () => {
    const text = (StringValue: string, DataType = "String") => ({ DataType, StringValue });
    const lambdas = {
      RequestID: text("r-1"),
      ErrorCode: text("200", "Number"),
      ErrorMessage: text("Größe\t“7”"),
    };
    const binary = {
      DataType: "Binary.png",
      BinaryValue: Uint8Array.from({ length: 256 }, (_, byte) => byte),
    };
    const odd = '{ "b": 12345678901234567890,\r\n "a": 1.0, "a": "\\u00e9 é 😀" }';
    await send(odd, lambdas);
    await send(odd, { ...lambdas, Picture: binary, Count: text("1.50", "Number.int") });
    await send("<xml/>\n", { Picture: binary });
    await send(
      `{"requestContext":{"functionArn":"f","condition":"c"},"requestPayload":${odd}}`,
      {},
    );
    const before = await contents();
    expect(before).to.have.length(4);

    const path = join(service.folder, "messages.jsonl");
    expect((await run("--export", path, "--yes")).exitCode).to.equal(0);
    expect(await depth()).to.deep.equal({ visible: 0, hidden: 0 });
    const edited = (await readFile(path, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.stringify(JSON.parse(line), undefined, 2).replaceAll("\n", "\r\n"));
    await writeFile(path, `\ufeff${edited.join("\r\n")}\r\n\r\n`);
    const imported = await run("--import", path, "--yes");
    expect(imported.stdout).to.match(/^imported 4 messages; 0 of /);
    expect(await contents()).to.deep.equal(before);

    const again = await run("--import", path, "--yes");
    expect(again.stderr).to.match(/4 messages in .*, 4 imported before, 0 to import/);
  });

  it("loses nothing when the disk is full in the middle of a line", async () => {
    const ids = Array.from({ length: 250 }, (_, n) => `x${n}-${"x".repeat(300)}`);
    await Promise.all(ids.map((id) => service.bury({ id })));
    const path = join(service.folder, "full.jsonl");
    const exported = async () =>
      (await readArchive(path)).messages.map(({ body }) => (JSON.parse(body) as { id: string }).id);
    // The kernel writes as much as fits under this limit, and refuses the rest, as a full disk does.
    const command = [process.execPath, "ops/replay.ts", "--stack", "staging"];
    const { exitCode, stderr } = await execa(
      "sh",
      ["-c", 'ulimit -f 20; exec "$0" "$@"', ...command, "--export", path, "--yes"],
      {
        env: { ...environment, STACK_OUTPUTS_FILE: join(service.folder, "outputs.json") },
        reject: false,
        stdin: "ignore",
      },
    );
    expect(exitCode).to.equal(1);
    expect(stderr).to.match(/^error: .*full\.jsonl: cannot be written \(EFBIG\); make room/m);
    expect(await readFile(path, "utf8")).to.match(/^$|\n$/);
    const first = await exported();
    expect(await depth()).to.deep.equal({ visible: 250 - first.length, hidden: 0 });

    expect((await run("--export", path, "--yes")).exitCode).to.equal(0);
    expect((await exported()).toSorted()).to.deep.equal(ids.toSorted());
    expect(await depth()).to.deep.equal({ visible: 0, hidden: 0 });
  });

  it("accounts for all messages after it was killed while it listed them", async () => {
    const COUNT = 300;
    const bury = (n: number) => service.bury({ id: `s${n}` }, "killed while listed");
    await Promise.all(Array.from({ length: COUNT }, (_, n) => bury(n)));
    const before = await depth();

    const killed = service.start(["replay", "--dry-run"]);
    await firstLine(killed, /message.* seen/);
    killed.kill("SIGKILL");
    await killed;
    const hidden = (await depth()).hidden - before.hidden;
    expect(hidden).to.be.greaterThan(0);

    const { selected, invisible, stderr } = await report("--dry-run");
    expect(selected + invisible).to.be.at.least(COUNT);
    expect(invisible).to.be.within(hidden, hidden + before.hidden);
    expect(stderr).to.match(/messages? (is|are) invisible/);
  });

  it("is safe to kill and to interrupt", async () => {
    const COUNT = 200;
    const bury = (n: number) => service.bury({ id: `k${n}`, ms: 50 }, "killed later");
    await Promise.all(Array.from({ length: COUNT }, (_, n) => bury(n)));
    const hiddenBefore = (await depth()).hidden;
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
    expect(stderr).to.include("interrupted: what has begun may end within 10 s");
    expect(stdout).to.match(/ended early: interrupted$/);

    const done = new Set((await processed()).filter((id) => id.startsWith("k")));
    expect(done.size).to.be.within(2, COUNT - 1);
    const { visible, hidden } = await depth();
    expect(done.size + visible + hidden - hiddenBefore).to.be.at.least(COUNT);
    // The killed run's messages stay hidden for a while; the interrupted one gave its own back.
    expect(hidden).to.be.at.most(before.hidden);
  });

  const firstDelivery = (command: Command) => firstLine(command, /[1-9]\d* of \d+ done/);

  /** Waits until the command says this. */
  async function firstLine({ stderr }: Command, said: RegExp): Promise<void> {
    for await (const [chunk] of on(stderr, "data", { close: ["end"] }) as AsyncIterable<[Buffer]>) {
      if (said.test(chunk.toString())) return;
    }
    throw new Error("never said");
  }
});

const contentOf = ({ Body, MessageAttributes = {} }: Message): string =>
  JSON.stringify([
    Body,
    Object.entries(MessageAttributes)
      .map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        DataType,
        StringValue,
        BinaryValue && Buffer.from(BinaryValue).toString("hex"),
      ])
      .toSorted(([left = ""], [right = ""]) => left.localeCompare(right)),
  ]);
