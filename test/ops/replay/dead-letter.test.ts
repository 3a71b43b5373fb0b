import type { Message } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import {
  errorKey,
  groupByError,
  isSelected,
  deadLetterOf,
} from "../../../ops/replay/dead-letter.ts";

const message = (body: unknown, error?: string): Message => ({
  MessageId: "m1",
  ReceiptHandle: "r1",
  Body: typeof body === "string" ? body : JSON.stringify(body),
  Attributes: { SentTimestamp: "1700000000000" },
  ...(error === undefined
    ? {}
    : { MessageAttributes: { ErrorMessage: { DataType: "String", StringValue: error } } }),
});

const RECORD = {
  requestContext: { functionArn: "arn:aws:lambda:…", condition: "RetriesExhausted" },
  requestPayload: { action: "create" },
  responsePayload: { errorMessage: "boom" },
};

describe("a message", () => {
  it("of a dead-letter queue holds the event itself", () => {
    expect(deadLetterOf(message({ action: "create" }, "boom"))).to.deep.include({
      event: '{"action":"create"}',
      error: "boom",
      sentAt: 1_700_000_000_000,
    });
  });

  it("of an on-failure destination holds the event in a record", () => {
    expect(deadLetterOf(message(RECORD))).to.deep.include({
      event: '{"action":"create"}',
      error: "boom",
    });
  });

  it("is never unwrapped when Lambda's attributes say that the body is the event", () => {
    expect(deadLetterOf(message(RECORD, "boom")).event).to.equal(JSON.stringify(RECORD));
  });

  it("without JSON holds no event", () => {
    expect(deadLetterOf(message("<xml>")).event).to.be.undefined;
  });
});

describe("errors of messages", () => {
  const keys: [error: string, key: string][] = [
    [
      "Internal error; correlation id 6f9619ff-8b86-d011-b42d-00cf4fc964ff",
      "Internal error; correlation id …",
    ],
    ["order 17 of customer 0xff12 not found", "order … of customer … not found"],
    ['no field "name" in input', "no field … in input"],
    ["first line\nstack", "first line"],
    ["", "unknown error"],
  ];
  for (const [error, key] of keys) {
    it(`group ${JSON.stringify(error)}`, () => {
      expect(errorKey(error)).to.equal(key);
    });
  }

  it("are listed the largest group first, with the text itself where all agree", () => {
    const groups = groupByError([
      { error: "order 1 failed", sentAt: 30 },
      { error: "timed out after 30 s", sentAt: 20 },
      { error: "order 2 failed", sentAt: 10 },
    ]);
    expect(groups).to.deep.equal([
      { error: "order … failed", count: 2, oldest: 10, newest: 30 },
      { error: "timed out after 30 s", count: 1, oldest: 20, newest: 20 },
    ]);
  });

  it("and times select messages", () => {
    const deadLetter = { error: "Order 17 failed", sentAt: 100 };
    expect(isSelected(deadLetter, {})).to.be.true;
    expect(isSelected(deadLetter, { error: "order 17" })).to.be.true;
    expect(isSelected(deadLetter, { error: "order … failed" })).to.be.true;
    expect(isSelected(deadLetter, { error: "order 18" })).to.be.false;
    expect(isSelected(deadLetter, { since: 100, until: 101 })).to.be.true;
    expect(isSelected(deadLetter, { since: 101 })).to.be.false;
    expect(isSelected(deadLetter, { until: 100 })).to.be.false;
  });
});
