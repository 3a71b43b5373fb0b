import type { Message } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import * as fc from "fast-check";
import { deadLetterOf, ORIGIN_ATTRIBUTE } from "../../../ops/replay/dead-letter.ts";
import { memberText } from "../../../ops/replay/json-text.ts";

const LAMBDAS = {
  RequestID: { DataType: "String", StringValue: "6f9619ff-8b86-d011-b42d-00cf4fc964ff" },
  ErrorCode: { DataType: "Number", StringValue: "200" },
};
const message = (body: unknown, error?: string): Message => ({
  MessageId: "m1",
  ReceiptHandle: "r1",
  Body: typeof body === "string" ? body : JSON.stringify(body),
  Attributes: { SentTimestamp: "1700000000000" },
  ...(error === undefined
    ? {}
    : {
        MessageAttributes: {
          ...LAMBDAS,
          ErrorMessage: { DataType: "String", StringValue: error },
        },
      }),
});

const RECORD = {
  version: "1.0",
  requestContext: { functionArn: "arn:aws:lambda:…", condition: "RetriesExhausted" },
  requestPayload: { action: "create" },
  responsePayload: { errorMessage: "boom" },
};

/** What JSON.parse and JSON.stringify would change. */
const ODD =
  '{ "2": 1, "1": 12345678901234567890, "a": 1.0, "b": 1e400, "a": "\\u00e9\\/", "__proto__": {"c": [ ]} }';

describe("a message", () => {
  it("of a dead-letter queue holds the event itself", () => {
    expect(deadLetterOf(message({ action: "create" }, "boom"))).to.deep.include({
      event: '{"action":"create"}',
      error: "boom",
      sentAt: 1_700_000_000_000,
    });
  });

  it("of a dead-letter queue has a status where it has no message", () => {
    const { MessageAttributes: _, ...rest } = message({});
    const { error } = deadLetterOf({ ...rest, MessageAttributes: LAMBDAS });
    expect(error).to.equal("failed with status 200");
  });

  it("of an on-failure destination holds the event in a record", () => {
    expect(deadLetterOf(message(RECORD))).to.deep.include({
      event: '{"action":"create"}',
      error: "boom",
    });
  });

  it("gives the event byte for byte, whatever form it has", () => {
    expect(deadLetterOf(message(ODD, "boom")).event).to.equal(ODD);
    expect(deadLetterOf(message(ODD)).event).to.equal(ODD);
    const record = JSON.stringify(RECORD).replace('{"action":"create"}', () => ODD);
    expect(deadLetterOf(message(record)).event).to.equal(ODD);
    const indented = JSON.stringify(RECORD, undefined, 2).replace(/\{\s+"action.*\s+\}/, () => ODD);
    expect(deadLetterOf(message(indented)).event).to.equal(ODD);
  });

  it("is never unwrapped when Lambda's attributes say that the body is the event", () => {
    expect(deadLetterOf(message(RECORD, "boom")).event).to.equal(JSON.stringify(RECORD));
  });

  it("of a stream's failed batch holds no event, and says so", () => {
    const { requestPayload: _, ...record } = RECORD;
    const { event, error } = deadLetterOf(
      message({ ...record, KinesisBatchInfo: { shardId: "shardId-000000000001", batchSize: 3 } }),
    );
    expect(event).to.be.undefined;
    expect(error).to.match(/names its events without holding them/);
  });

  it("without JSON holds no event", () => {
    for (const body of ["<xml>", "", "{", "\ufeff{}"]) {
      const found = deadLetterOf(message(body, "boom"));
      expect(found).to.deep.include({ event: undefined, error: "the message is not JSON" });
    }
  });

  it("of a million brackets is read like any other", () => {
    const deep = `${"[".repeat(500_000)}${"]".repeat(500_000)}`;
    const record = JSON.stringify(RECORD).replace('{"action":"create"}', deep);
    expect(memberText(record, "requestPayload")).to.equal(deep);
  });

  it("keeps binary attributes", () => {
    const bytes = Uint8Array.from([0, 255, 195, 40]);
    const { attributes } = deadLetterOf({
      ...message({}),
      MessageAttributes: { Picture: { DataType: "Binary.png", BinaryValue: bytes } },
    });
    expect(attributes).to.deep.equal({ Picture: { type: "Binary.png", value: "AP/DKA==" } });
  });
});

describe("a message that a source queue gave up", () => {
  const ARN = "arn:aws:sqs:eu-west-1:123456789012:orders";
  const given: Message = {
    ...message('{"order": 1.0}'),
    Attributes: {
      SentTimestamp: "1700000000000",
      ApproximateReceiveCount: "5",
      SenderId: "AIDA",
      DeadLetterQueueSourceArn: ARN,
    },
    MessageAttributes: {
      tenant: { DataType: "String", StringValue: "t-1" },
      key: { DataType: "Binary", BinaryValue: Uint8Array.from([0, 255]) },
    },
  };

  it("comes to the function as its event source mapping gave it", () => {
    const { event = "", error } = deadLetterOf(given);
    expect(error).to.equal("given up by queue orders after 5 receives");
    expect(JSON.parse(event)).to.deep.equal({
      Records: [
        {
          messageId: "m1",
          receiptHandle: "replayed",
          body: '{"order": 1.0}',
          attributes: {
            SentTimestamp: "1700000000000",
            ApproximateReceiveCount: "5",
            SenderId: "AIDA",
          },
          messageAttributes: {
            tenant: {
              stringValue: "t-1",
              stringListValues: [],
              binaryListValues: [],
              dataType: "String",
            },
            key: {
              binaryValue: "AP8=",
              stringListValues: [],
              binaryListValues: [],
              dataType: "Binary",
            },
          },
          // The MD5 of the body, by another tool (md5sum).
          md5OfBody: "2a4dde10d249b9f93aeac3ac229cbedf",
          eventSource: "aws:sqs",
          eventSourceARN: ARN,
          awsRegion: "eu-west-1",
        },
      ],
    });
  });

  it("is no JSON that anybody has to read: any body will do", () => {
    expect(deadLetterOf({ ...given, Body: "<xml>" }).event).to.include('"body":"<xml>"');
  });

  it("is the same after it was exported and imported, under another id", () => {
    const first = deadLetterOf(given);
    const again = deadLetterOf({
      ...given,
      MessageId: "m2",
      Attributes: { SentTimestamp: "1800000000000" },
      MessageAttributes: {
        ...given.MessageAttributes,
        [ORIGIN_ATTRIBUTE]: { DataType: "String", StringValue: JSON.stringify(first.origin) },
      },
    });
    expect(again.event).to.equal(first.event);
    expect(again.attributes).to.deep.equal(first.attributes);
  });

  it("is told from one whose sender has an attribute of that name", () => {
    const found = deadLetterOf({
      ...message("{}"),
      MessageAttributes: { [ORIGIN_ATTRIBUTE]: { DataType: "String", StringValue: "mine" } },
    });
    expect(found.event).to.equal("{}");
    expect(found.attributes).to.have.property(ORIGIN_ATTRIBUTE);
  });
});

describe("a member of JSON text", () => {
  it("is found as it stands there", () => {
    const pieces = fc.constantFrom(" ", "\n", "\t", "");
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { noNullPrototype: true }),
        fc.jsonValue(),
        pieces,
        (others, value, space) => {
          const { requestPayload: _, ...rest } = others;
          const text = JSON.stringify(value, undefined, space);
          const members = Object.entries(rest).map(
            ([name, other]) => `${JSON.stringify(name)}${space}:${JSON.stringify(other)}`,
          );
          members.push(`"requestPayload"${space}:${space}${text}`);
          expect(memberText(`{${members.join(`${space},`)}}`, "requestPayload")).to.equal(text);
        },
      ),
    );
  });
});
