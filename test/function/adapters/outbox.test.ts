import { expect } from "chai";
import { eventBridgeOutbox } from "../../../function/adapters/outbox.ts";
import { type AwsCall, AwsError } from "../../../function/platform/aws/call.ts";
import { unsampled } from "../../../function/platform/tracing.ts";
import { context, harness } from "../support/harness.ts";

const ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/parcels/stream/2026-01-01T00:00:00.000";

interface Entry {
  readonly Detail: string;
  readonly [key: string]: unknown;
}

const record = (number: number, more: object = {}, image: object = {}) => ({
  eventID: `e-${number}`,
  eventName: "INSERT",
  eventSource: "aws:dynamodb",
  eventSourceARN: ARN,
  dynamodb: {
    SequenceNumber: `${number}`,
    NewImage: {
      pk: { S: "event#a" },
      sk: { S: String(number).padStart(12, "0") },
      type: { S: "RecordUpdated" },
      detail: { S: `{"id":"a","version":${number}}` },
      time: { S: "2026-01-02T03:04:05.678Z" },
      ...image,
    },
  },
  ...more,
});
const many = (count: number) => Array.from({ length: count }, (_, index) => record(index + 1));

/** A bus that refuses details by a rule, so many times. */
function busOf(refuse: (detail: string, time: number) => string | undefined = () => undefined) {
  const calls: Entry[][] = [];
  const published: string[] = [];
  const send = async ({ input, operation, service }: AwsCall) => {
    expect([service.name, service.target, operation]).to.deep.equal([
      "events",
      "AWSEvents",
      "PutEvents",
    ]);
    const { Entries } = input as { Entries: Entry[] };
    calls.push(Entries);
    const answers = Entries.map(({ Detail }) => {
      const ErrorCode = refuse(Detail, calls.length);
      if (ErrorCode !== undefined) return { ErrorCode, ErrorMessage: "why" };
      published.push(Detail);
      return { EventId: `id-${published.length}` };
    });
    return { FailedEntryCount: 0, Entries: answers };
  };
  return { calls, published, send };
}

const outboxOver = (send: (call: AwsCall) => Promise<Readonly<Record<string, unknown>>>) =>
  eventBridgeOutbox({ tableName: "parcels", bus: "changes", source: "parcels-service", send });

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined);

const call = { signal: new AbortController().signal, trace: unsampled() };

describe("the outbox", () => {
  it("publishes a change as it is, by the service's name, on the bus", async () => {
    const { calls, send } = busOf();

    expect(await outboxOver(send).publish([record(1)], call)).to.equal(undefined);

    expect(calls).to.deep.equal([
      [
        {
          EventBusName: "changes",
          Source: "parcels-service",
          DetailType: "RecordUpdated",
          Detail: '{"id":"a","version":1}',
          Time: Date.parse("2026-01-02T03:04:05.678Z") / 1000,
        },
      ],
    ]);
  });

  it("sends the first one alone, then ten at once at most, in order", async () => {
    const { calls, published, send } = busOf();
    await outboxOver(send).publish(many(25), call);
    expect(calls.map(({ length }) => length)).to.deep.equal([1, 10, 10, 4]);
    expect(published.map((detail) => JSON.parse(detail).version)).to.deep.equal(
      Array.from({ length: 25 }, (_, index) => index + 1),
    );
  });

  it("sends 256 KB at once at most, as EventBridge counts them", async () => {
    const { calls, send } = busOf();
    const large = (bytes: number) => {
      const around = "parcels-serviceRecordUpdated".length + 14;
      return record(1, {}, { detail: { S: "é".repeat((bytes - around) / 2) } });
    };
    const half = large(128 * 1024);
    await outboxOver(send).publish([record(1), half, half, record(4)], call);
    await outboxOver(send).publish([record(1), half, large(128 * 1024 + 2)], call);
    expect(calls.map(({ length }) => length)).to.deep.equal([1, 2, 1, 1, 1, 1]);
  });

  it("passes over what is no new event of a change", async () => {
    const { calls, send } = busOf();
    const others = [
      record(1, { eventName: "MODIFY" }),
      record(2, { eventName: "REMOVE", dynamodb: { SequenceNumber: "2" } }),
      record(3, {}, { pk: { S: "record#a" } }),
      record(4, {}, { pk: { S: "once#a" } }),
    ];
    expect(await outboxOver(send).publish(others, call)).to.equal(undefined);
    expect(calls).to.deep.equal([]);
  });

  it("sends again only what EventBridge did not take", async () => {
    const { calls, send } = busOf((detail, time) =>
      detail.includes(":2}") && time === 2 ? "ThrottlingException" : undefined,
    );
    expect(await outboxOver(send).publish(many(3), call)).to.equal(undefined);
    expect(calls.map(({ length }) => length)).to.deep.equal([1, 2, 1]);
  });

  it("stops at the first that EventBridge does not take, and says why", async () => {
    const { calls, send } = busOf((detail) =>
      detail.includes(":12}") ? "InternalFailure" : undefined,
    );
    const records = many(25);
    const stopped = await outboxOver(send).publish(records, call);
    expect(stopped?.record).to.equal(records[11]);
    expect(String(causeOf(stopped?.error))).to.contain("InternalFailure");
    // One, ten, ten, and the one again and again; the last four are not sent.
    expect(calls.map(({ length }) => length)).to.deep.equal([1, 10, 10, 1, 1]);
  });

  it("publishes nothing behind the first of a batch while EventBridge does not take that", async () => {
    const { published, send } = busOf((detail) =>
      detail.includes(":1}") ? "InternalFailure" : undefined,
    );
    const records = many(25);
    expect((await outboxOver(send).publish(records, call))?.record).to.equal(records[0]);
    expect(published).to.deep.equal([]);
  });

  it("stops at the first of a call that fails as a whole", async () => {
    const records = many(12);
    let calls = 0;
    const stopped = await outboxOver(async () => {
      calls++;
      if (calls === 2) throw new AwsError("AccessDeniedException", 400, "why");
      return { Entries: Array.from({ length: 10 }, () => ({ EventId: "id" })) };
    }).publish(records, call);
    expect(stopped?.record).to.equal(records[1]);
  });

  for (const answer of [{}, { Entries: [] }, { Entries: [{}] }, { Entries: ["id"] }]) {
    it(`takes for published only what EventBridge gives an id: ${JSON.stringify(answer)}`, async () => {
      const stopped = await outboxOver(async () => answer).publish(many(1), call);
      expect(String(causeOf(stopped?.error))).to.contain("NoAnswer");
    });
  }

  it("takes the records of the table's own stream, and nobody else's", () => {
    const outbox = outboxOver(busOf().send);
    expect(outbox.changesOf({ Records: [record(1)] })).to.have.length(1);
    for (const other of [
      { Records: [record(1, { eventSourceARN: ARN.replace("/parcels/", "/parcels-2/") })] },
      { Records: [record(1, { eventSource: "aws:sqs" })] },
      { Records: [record(1, { eventSourceARN: undefined })] },
      { Records: [] },
      { Records: "parcels" },
      [],
      null,
    ]) {
      expect(outbox.changesOf(other), JSON.stringify(other)).to.equal(undefined);
    }
  });

  describe("in the flow", () => {
    const flowOver = (bus: ReturnType<typeof busOf>) =>
      harness({ outbox: outboxOver(bus.send), callers: { partialBatches: true } });

    it("is logged and counted as one, and hands nothing to the domain", async () => {
      const { handle, logs, metrics } = flowOver(busOf());

      expect(await handle({ Records: many(12) }, context())).to.deep.equal({
        batchItemFailures: [],
      });
      expect(logs()).to.have.length(1);
      expect(logs()[0]).to.include({ message: "Changes published", published: 12 });
      expect(metrics()[0]).to.include({ SuccessCount: 12 }).and.not.have.property("ErrorCount");
    });

    it("has the stream go on from the first that was not published", async () => {
      const bus = busOf((detail) => (detail.includes(":3}") ? "InternalFailure" : undefined));
      const { handle, logs, metrics } = flowOver(bus);

      expect(await handle({ Records: many(5) }, context())).to.deep.equal({
        batchItemFailures: [{ itemIdentifier: "3" }],
      });
      expect(metrics()[0]).to.include({ SuccessCount: 2, ErrorCount: 1, FailedCount: 1 });
      expect(JSON.stringify(logs())).to.contain("InternalFailure");
    });

    it("fails as a whole where the first was not published, so that Lambda halves the batch", async () => {
      const { handle } = flowOver(busOf(() => "InternalFailure"));
      const error = await handle({ Records: many(2) }, context()).catch((error: unknown) => error);
      expect(error).to.have.property("name", "InternalError");
    });

    it("fails, logged and counted, when the time is over", async () => {
      const outbox = outboxOver(() => new Promise(() => {}));
      const { handle, logs, metrics } = harness({ outbox, callers: { partialBatches: true } });
      const late = context({ getRemainingTimeInMillis: () => 20 });
      const error = await handle({ Records: many(2) }, late).catch((error: unknown) => error);
      expect(error).to.have.property("name", "InternalError");
      expect(JSON.stringify(logs())).to.contain("DeadlineError");
      expect(metrics()[0]).to.include({ FailedCount: 1 });
    });

    it("leaves a stream of another table to the domain, which has to name the source", async () => {
      const bus = busOf();
      const { handle } = flowOver(bus);
      const other = record(1, { eventSourceARN: ARN.replace("parcels", "orders") });
      const error = await handle({ Records: [other] }, context()).catch((error: unknown) => error);
      expect(error).to.have.property("name", "UnhandledSourceError");
      expect(bus.calls).to.deep.equal([]);
    });
  });
});
