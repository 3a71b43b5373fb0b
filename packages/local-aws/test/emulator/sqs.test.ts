import { expect } from "chai";
import { type Call, type Forward } from "local-aws/emulator/http.ts";
import { FrontSqs } from "local-aws/emulator/sqs/front.ts";

const answered: Forward = () => Promise.resolve({ status: 200, body: Buffer.from("sent") });

/** Queues that the front takes for used, each with the number of messages that were sent to it. */
async function usedBy(call: Partial<Call>): Promise<(readonly [string, number])[]> {
  const used: (readonly [string, number])[] = [];
  const front = new FrontSqs({
    upstream: "http://emulator",
    url: () => "http://front",
    forward: answered,
    used: (name, sent) => used.push([name, sent]),
  });
  const answer = await front.answer({
    service: "sqs",
    operation: "POST /",
    path: "/",
    headers: {},
    json: () => JSON.parse(String(call.body)) as Record<string, unknown>,
    ...call,
  } as Call);
  expect(answer?.status).to.equal(200);
  return used;
}

const FORM = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };

describe("SQS in the emulator's front", () => {
  it("takes messages from SDKs, which speak JSON", async () => {
    const body = Buffer.from('{"QueueUrl":"http://front/1/orders","Entries":[{},{}]}');
    expect(await usedBy({ operation: "SendMessageBatch", body })).to.deep.equal([["orders", 2]]);
  });

  it("takes messages from whoever posts a form to the queue, such as curl", async () => {
    const body = Buffer.from("Action=SendMessage&MessageBody=%7B%7D");
    expect(await usedBy({ path: "/1/orders", headers: FORM, body })).to.deep.equal([["orders", 1]]);
  });

  it("takes a batch by a form that names the queue", async () => {
    const entry = (at: number) =>
      `SendMessageBatchRequestEntry.${at}.Id=a&SendMessageBatchRequestEntry.${at}.MessageBody=b`;
    const body = Buffer.from(
      `Action=SendMessageBatch&QueueUrl=http%3A%2F%2Ffront%2F1%2Forders&${entry(1)}&${entry(2)}`,
    );
    expect(await usedBy({ headers: FORM, body })).to.deep.equal([["orders", 2]]);
  });
});
