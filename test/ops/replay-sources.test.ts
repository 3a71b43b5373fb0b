/** Replays of what event sources delivered: back to the queue that gave it up, in order where that has one. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { execa } from "execa";
import { type Front, startFront } from "local-aws/emulator/front.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { linesOf, makeService, type Service } from "../support/emulated-service.ts";

/** Notes what it is called with. */
const HANDLER = `
  import { appendFileSync } from "node:fs";
  export const handler = async (event) => {
    appendFileSync(process.env.FOLDER + "/called", JSON.stringify(event) + "\\n");
    return { statusCode: 200, body: "{}" };
  };`;

describe("npm run replay of event sources", function () {
  this.timeout(120_000);
  const account = useEmulator();
  let service: Service;
  let front: Front;
  let environment: Record<string, string>;
  let queues: Record<"orders" | "ordersDlq" | "entries" | "entriesDlq" | "nightlyDlq", string>;

  before(async () => {
    const { url, accountId, region } = account();
    front = await startFront({ upstream: url, accountId, region, minuteMs: 1000 });
    environment = { ...account().environment, ...front.environment, AWS_ENDPOINT_URL: front.url };
    service = await makeService({ ...account(), environment }, HANDLER);
    const create = async (QueueName: string, attributes: Record<string, string> = {}) => {
      const Attributes = {
        ...attributes,
        ...(QueueName.endsWith(".fifo") && { FifoQueue: "true" }),
      };
      const { QueueUrl = "" } = await service.sqs.send(
        new CreateQueueCommand({ QueueName, Attributes }),
      );
      return QueueUrl;
    };
    // What is received once is given up at the next receive.
    const redrive = (name: string) => ({
      VisibilityTimeout: "0",
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: `arn:aws:sqs:${region}:${accountId}:${name}`,
        maxReceiveCount: 1,
      }),
    });
    const [ordersDlq, entriesDlq, nightlyDlq] = await Promise.all([
      create("dlq-orders"),
      create("dlq-entries.fifo"),
      create("dlq-nightly"),
    ]);
    const orders = await create("orders", redrive("dlq-orders"));
    const entries = await create("entries.fifo", redrive("dlq-entries.fifo"));
    queues = { orders, ordersDlq, entries, entriesDlq, nightlyDlq };
    const sources = [
      {
        name: "orders",
        kind: "queue",
        fifo: false,
        queueUrl: orders,
        deadLetterQueueUrl: ordersDlq,
      },
      {
        name: "entries",
        kind: "queue",
        fifo: true,
        queueUrl: entries,
        deadLetterQueueUrl: entriesDlq,
      },
      { name: "nightly", kind: "schedule", fifo: false, deadLetterQueueUrl: nightlyDlq },
    ];
    await writeFile(
      join(service.folder, "with-sources.json"),
      JSON.stringify({ ...service.outputs, sources }),
    );
  });
  after(() => front.stop());

  const run = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await execa(
      process.execPath,
      ["ops/replay.ts", "--stack", "staging", ...args],
      {
        env: { ...environment, STACK_OUTPUTS_FILE: join(service.folder, "with-sources.json") },
        reject: false,
        stdin: "ignore",
      },
    );
    return { exitCode, stdout, stderr };
  };
  const receive = async (QueueUrl: string, VisibilityTimeout: number) => {
    const { Messages = [] } = await service.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["All"],
      }),
    );
    return Messages;
  };
  const depth = async (QueueUrl: string): Promise<number> => {
    const { Attributes } = await service.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
    );
    return Number(Attributes?.ApproximateNumberOfMessages);
  };
  const send = async (QueueUrl: string, MessageBody: string, more: object = {}) => {
    const command = new SendMessageCommand({ QueueUrl, MessageBody, ...more });
    return (await service.sqs.send(command)).MessageId ?? "";
  };
  /** Lets a queue give up all that is in it. */
  const giveUp = async (from: string, to: string, count: number) => {
    while ((await depth(to)) < count) await receive(from, 0);
  };
  const textOf = ({ MessageAttributes }: Message, name: string) =>
    MessageAttributes?.[name]?.StringValue;

  it("sends a queue's messages back to it, as they were, under the id that each had first", async () => {
    const colour = { DataType: "String", StringValue: "green" };
    const id = await send(queues.orders, "no JSON at all", { MessageAttributes: { colour } });
    await giveUp(queues.orders, queues.ordersDlq, 1);

    const { exitCode, stdout, stderr } = await run("--source", "orders", "--yes", "--json");

    expect(exitCode, stderr).to.equal(0);
    expect(JSON.parse(stdout)).to.include({ delivered: 1, failed: 0, unsendable: 0 });
    const [back] = await receive(queues.orders, 30);
    expect(back?.Body).to.equal("no JSON at all");
    expect(back?.MessageId).to.not.equal(id);
    expect(back && textOf(back, "colour")).to.equal("green");
    expect(back && textOf(back, "OriginalMessageId")).to.equal(id);
    expect(await linesOf(join(service.folder, "called"))).to.deep.equal([]);
    await giveUp(queues.orders, queues.ordersDlq, 1);

    // Once more: it is still known by its first id.
    expect((await run("--source", "orders", "--yes")).exitCode).to.equal(0);
    const [again] = await receive(queues.orders, 600);
    expect(again && textOf(again, "OriginalMessageId")).to.equal(id);
  });

  it("keeps the order of each group of a FIFO queue", async () => {
    const numbers = Array.from({ length: 24 }, (_, number) => number);
    for (const number of numbers) {
      await send(queues.entries, String(number), {
        MessageGroupId: `group-${number % 2}`,
        MessageDeduplicationId: `first-${number}`,
      });
    }
    await giveUp(queues.entries, queues.entriesDlq, numbers.length);

    const { exitCode, stdout, stderr } = await run(
      "--source",
      "entries",
      "--yes",
      "--json",
      "--rate",
      "1000",
    );

    expect(exitCode, stderr).to.equal(0);
    expect(JSON.parse(stdout)).to.include({ delivered: numbers.length, failed: 0 });
    // The queue gives them up again, in the order in which it had them.
    await giveUp(queues.entries, queues.entriesDlq, numbers.length);
    const found: string[] = [];
    while (found.length < numbers.length) {
      const messages = await receive(queues.entriesDlq, 600);
      found.push(...messages.map(({ Body = "" }) => Body));
      for (const { ReceiptHandle } of messages) await remove(queues.entriesDlq, ReceiptHandle);
    }
    for (const rest of [0, 1]) {
      const ofGroup = (all: readonly number[]) => all.filter((number) => number % 2 === rest);
      expect(ofGroup(found.map(Number))).to.deep.equal(ofGroup(numbers));
    }
  });

  it("calls the function with what Scheduler could not, and says why it could not", async () => {
    const text = (StringValue: string) => ({ DataType: "String", StringValue });
    await send(queues.nightlyDlq, JSON.stringify({ word: "nightly" }), {
      MessageAttributes: {
        ERROR_CODE: text("AccessDeniedException"),
        ERROR_MESSAGE: text("the role may not call the function"),
      },
    });

    const listed = await run("--source", "nightly", "--dry-run");
    const { exitCode } = await run("--source", "nightly", "--yes");

    expect(listed.stderr).to.contain("the role may not call the function");
    expect(exitCode).to.equal(0);
    expect(await linesOf(join(service.folder, "called"))).to.deep.equal(['{"word":"nightly"}']);
  });

  it("goes through all queues where none is named, and reports each", async () => {
    await service.bury({ word: "own" });
    await send(queues.nightlyDlq, JSON.stringify({ word: "again" }));

    const { exitCode, stdout, stderr } = await run("--yes", "--json");

    expect(exitCode, stderr).to.equal(0);
    const reports = JSON.parse(stdout) as readonly { source: string; selected: number }[];
    expect(reports.map(({ source, selected }) => [source, selected])).to.deep.equal([
      ["function", 1],
      ["orders", 0],
      ["entries", 0],
      ["nightly", 1],
    ]);
  });

  it("refuses a source that is none, and a file for several queues", async () => {
    const unknown = await run("--source", "payments", "--yes");
    expect(unknown.exitCode).to.equal(1);
    expect(unknown.stderr).to.contain(
      "--source payments: stack staging has no such source; name one of function, orders, entries, nightly",
    );
    const file = join(service.folder, "moved.jsonl");
    const several = await run("--export", file, "--yes");
    expect(several.exitCode).to.equal(1);
    expect(several.stderr).to.contain("name one with --source");

    await send(queues.nightlyDlq, JSON.stringify({ word: "aside" }));
    expect((await run("--source", "nightly", "--export", file, "--yes")).exitCode).to.equal(0);
    expect(await readFile(file, "utf8")).to.contain("aside");
    expect((await run("--source", "nightly", "--import", file, "--yes")).exitCode).to.equal(0);
    expect(await depth(queues.nightlyDlq)).to.equal(1);
  });

  const remove = async (QueueUrl: string, ReceiptHandle: string | undefined) => {
    await service.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  };
});
