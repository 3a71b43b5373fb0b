import { expect } from "chai";
import { createDomain } from "../../../function/domain/index.ts";
import { localQueue } from "../../../local/cloud/queue.ts";

const source = { kind: "queue", deadLetterQueueUrl: "http://127.0.0.1:1/1/dlq" } as const;

describe("the local cloud's queue", () => {
  it("is the first that takes any message, tried by the domain's sample", () => {
    const trial = localQueue({
      sources: [
        { ...source, name: "ledger", fifo: true, queueUrl: "http://127.0.0.1:1/1/ledger.fifo" },
        { ...source, name: "books", fifo: false, queueUrl: "http://127.0.0.1:1/1/books" },
      ],
    });
    expect(trial?.variables).to.deep.equal({ QUEUE_URL: "http://127.0.0.1:1/1/books" });
    const [, body = ""] = /MessageBody=(.*)'$/.exec(trial?.curl ?? "") ?? [];
    expect(JSON.parse(body.replaceAll("'\\''", "'"))).to.deep.equal(createDomain().sample);
  });

  it("is nothing where the stack has none", () => {
    expect(localQueue({})).to.equal(undefined);
    expect(
      localQueue({
        sources: [{ ...source, name: "l", fifo: true, queueUrl: "http://127.0.0.1:1/1/l.fifo" }],
      }),
    ).to.equal(undefined);
  });
});
