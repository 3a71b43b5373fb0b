/** Events of queues, streams, topics and buses, through the whole flow. */
import { expect } from "chai";
import {
  busDetail,
  queueMessage,
  streamData,
  topicMessage,
  wholeRecord,
} from "../../../function/platform/sources.ts";
import { wordDomain } from "../support/domain.ts";
import { context, harnessOf, rejection } from "../support/harness.ts";

const sources = {
  sqs: queueMessage,
  sns: topicMessage,
  kinesis: streamData,
  eventbridge: busDetail,
  dynamodb: ({ dynamodb }: Readonly<Record<string, unknown>>) => ({ word: "row", dynamodb }),
  s3: wholeRecord,
};

/** The flow over all sources; the word "broken" fails, and what is no word is refused. */
const flow = (partialBatches: boolean) => {
  const done: string[] = [];
  const domain = wordDomain(({ word }, { newId }) => {
    if (word === "broken") throw new Error("broken");
    done.push(`${word} ${newId}`);
  });
  return { done, ...harnessOf({ ...domain, sources }, { callers: { partialBatches } }) };
};

const message = (id: string, word: unknown, group?: string) => ({
  messageId: id,
  body: JSON.stringify({ word }),
  attributes: group === undefined ? {} : { MessageGroupId: group },
  eventSource: "aws:sqs",
  eventSourceARN: `arn:aws:sqs:us-east-1:123456789012:q${group === undefined ? "" : ".fifo"}`,
});
const queue = (...Records: unknown[]) => ({ Records });
const failures = (...ids: string[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

describe("a batch of a queue", () => {
  it("is carried out message by message, each under its own id", async () => {
    const { handle, done, metrics, logs } = flow(true);

    const answer = await handle(queue(message("m1", "a"), message("m2", "b")), context());

    expect(answer).to.deep.equal(failures());
    expect(done).to.deep.equal(["a m1", "b m2"]);
    expect(metrics()).to.have.length(1);
    expect(metrics()[0]).to.include({ SuccessCount: 2, ProcessedEvents: 2 });
    expect(logs().map(({ correlation_id }) => correlation_id)).to.deep.equal(["m1", "m2"]);
  });

  it("reports those that failed or were refused, and goes on with the others", async () => {
    const { handle, done, metrics } = flow(true);
    const batch = queue(message("m1", "broken"), message("m2", 7), message("m3", "c"));

    expect(await handle(batch, context())).to.deep.equal(failures("m1", "m2"));
    expect(done).to.deep.equal(["c m3"]);
    expect(metrics()[0]).to.include({
      SuccessCount: 1,
      FailedCount: 1,
      RefusedCount: 1,
      ErrorCount: 2,
    });
  });

  it("fails where the mapping asks for no partial failures: an answer would delete all", async () => {
    const { handle } = flow(false);

    const batch = queue(message("m1", "a"), message("m2", 7), message("m3", "c"));
    const error = await rejection(handle(batch, context()));

    expect(error.name).to.equal("RefusedInvocationError");
  });

  it("fails where nothing of it succeeded: only that is an error to Lambda", async () => {
    const error = await rejection(flow(true).handle(queue(message("m1", "broken")), context()));

    expect(error.name).to.equal("InternalError");
  });

  it("fails where a failed record has no id to report", async () => {
    const { messageId: _, ...nameless } = message("m2", "broken");

    await rejection(flow(true).handle(queue(message("m1", "a"), nameless, null), context()));
  });

  it("in order of groups: nothing of a group overtakes what failed", async () => {
    const { handle, done } = flow(true);
    const batch = queue(
      message("m1", "broken", "A"),
      message("m2", "b", "B"),
      message("m3", "a", "A"),
      message("m4", "c", "B"),
    );

    expect(await handle(batch, context())).to.deep.equal(failures("m1", "m3"));
    expect(done).to.deep.equal(["b m2", "c m4"]);
  });

  it("refuses a body that is no JSON", async () => {
    const text = { ...message("m1", "a"), body: "no JSON" };

    expect(await flow(true).handle(queue(text, message("m2", "b")), context())).to.deep.equal(
      failures("m1"),
    );
  });
});

describe("a message of a queue", () => {
  const event = (detail: unknown) => ({
    ...message("m1", ""),
    body: JSON.stringify({ id: "e1", "detail-type": "said", source: "shop", detail }),
  });

  it("is an event's detail where a rule put it there, known by the event's own id", async () => {
    const { handle, done } = flow(true);
    await handle(queue(event({ word: "detail" })), context());
    expect(done).to.deep.equal(["detail e1"]);
  });

  it("is known by the id that it had first, where it was replayed", async () => {
    const { handle, done } = flow(true);
    const replayed = (stringValue: string) => ({
      ...message("m2", "again"),
      messageAttributes: { OriginalMessageId: { stringValue, dataType: "String" } },
    });
    await handle(queue(replayed("m1"), replayed("no id: \n")), context());
    expect(done).to.deep.equal(["again m1", "again m2"]);
  });

  it("that nobody can read is no error of the service, however many there are", async () => {
    const { handle } = flow(true);
    const batch = queue(message("m1", 7), message("m2", 8));
    expect(await handle(batch, context())).to.deep.equal(failures("m1", "m2"));
  });

  it("counts in no business metric where it is a smoke event, word for word", async () => {
    const { handle, metrics } = flow(true);
    const smoke = {
      ...message("m1", ""),
      body: JSON.stringify({ word: "smoke", source: "smoke" }),
    };
    const similar = { ...smoke, messageId: "m2", body: '{"word":"smoked","source":"smoke"}' };
    await handle(queue(smoke, similar), context());
    expect(metrics()[0]).to.include({ SuccessCount: 2, ProcessedEvents: 1 });
  });
});

describe("a batch of a stream", () => {
  const change = (SequenceNumber: string, word = "row") => ({
    eventSource: "aws:dynamodb",
    dynamodb: { SequenceNumber, word },
  });
  const data = (sequenceNumber: string, word: string) => ({
    eventSource: "aws:kinesis",
    kinesis: { sequenceNumber, data: Buffer.from(JSON.stringify({ word })).toString("base64") },
  });

  it("stops at the first failure: what comes after it is sent again anyway", async () => {
    const { handle, done } = flow(true);
    const batch = queue(data("1", "a"), data("2", "broken"), data("3", "c"));

    expect(await handle(batch, context())).to.deep.equal(failures("2"));
    expect(done).to.deep.equal(["a 1"]);
  });

  it("fails as a whole where its first record does: only then does Lambda halve it, and find the bad one", async () => {
    for (const bad of [
      data("1", "broken"),
      { ...data("1", "a"), kinesis: { sequenceNumber: "1" } },
    ]) {
      const { handle, done } = flow(true);
      const error = await rejection(handle(queue(bad, data("2", "b")), context()));
      expect(error.name).to.be.oneOf(["InternalError", "RefusedInvocationError"]);
      expect(done).to.deep.equal([]);
    }
  });

  it("of a table has the sequence numbers for ids", async () => {
    const { handle, done } = flow(true);

    expect(await handle(queue(change("7"), change("8")), context())).to.deep.equal(failures());
    expect(done).to.deep.equal(["row 7", "row 8"]);
  });
});

describe("an event that nobody reads the answer to", () => {
  const bus = (detail: unknown) => ({ "detail-type": "said", source: "shop", detail });
  const topic = (Message: string) => ({ Records: [{ EventSource: "aws:sns", Sns: { Message } }] });

  it("is taken out of what AWS wraps around it", async () => {
    const { handle, done } = flow(false);

    await handle(bus({ word: "bus" }), context());
    await handle(topic(`{"word":"topic"}`), context());
    await handle({ Records: [{ eventSource: "aws:s3", word: "key" }] }, context());
    await handle({ Event: "s3:TestEvent" }, context());

    expect(done).to.deep.equal(["bus request-1", "topic request-1", "key request-1"]);
  });

  for (const [what, event] of [
    ["bus", bus({ word: 7 })],
    ["topic", topic("no JSON")],
    ["object", { Records: [{ eventSource: "aws:s3" }] }],
  ] as const) {
    it(`is never acknowledged when it is refused (${what})`, async () => {
      const { handle, metrics } = flow(true);

      expect((await rejection(handle(event, context()))).name).to.equal("RefusedInvocationError");
      expect(metrics()[0]).to.include({ RefusedCount: 1 });
    });
  }

  it("fails by name where the service does not take its source, and counts as ours", async () => {
    const { handle, metrics, logs } = harnessOf(wordDomain());

    const error = await rejection(handle(queue(message("m1", "a")), context()));

    expect(error.message).to.equal(
      `Events of source "sqs" are not taken; add it to "sources" in function/domain/index.ts`,
    );
    expect(metrics()[0]).to.include({ FailedCount: 1 });
    expect(logs()[0]).to.include({ level: "ERROR" });
  });
});
