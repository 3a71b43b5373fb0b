import { expect } from "chai";
import { RefusedError } from "../../../function/platform/errors.ts";
import { idempotent } from "../../../function/platform/once.ts";
import type { Memory, Ticket } from "../../../function/platform/table.ts";
import { wordDomain } from "../support/domain.ts";
import { context, harnessOf, rejection } from "../support/harness.ts";

/** A memory in this process, which notes what it was asked. */
function memoryOf(more: Partial<Memory> = {}) {
  const asked: [what: string, ticket: Ticket][] = [];
  const answers = new Map<string, object>();
  const memory: Memory = {
    begin: async (ticket) => {
      asked.push(["begin", ticket]);
      return answers.get(ticket.key);
    },
    finish: async (ticket, answer) => {
      asked.push(["finish", ticket]);
      answers.set(ticket.key, answer);
    },
    forget: async (ticket) => void asked.push(["forget", ticket]),
    ...more,
  };
  return { memory, asked, steps: () => asked.map(([what]) => what) };
}

describe("a domain that meets no event twice", () => {
  const serve = (
    memory: Memory,
    outside: Parameters<typeof wordDomain>[0] = () => {},
    more: object = {},
  ) => harnessOf(idempotent({ ...wordDomain(outside), ...more }, memory));

  it("carries a repeated event out once, and gives the same answer", async () => {
    let times = 0;
    const { memory, steps } = memoryOf();
    const { handler, logs } = serve(memory, () => void times++);

    const first = await handler({ word: "w" }, context());
    const second = await handler({ word: "w" }, context());

    expect(times).to.equal(1);
    expect(second.body).to.equal(first.body);
    expect(steps()).to.deep.equal(["begin", "finish", "begin"]);
    expect(logs()[1]).to.include({ message: "Event processed", repeated: true });
  });

  it("knows an event by its key, and what was sent by its hash, however it is read", async () => {
    const { memory, asked } = memoryOf();
    // Another version of the service makes something else of the same event.
    const parse = () => ({ word: "changed" });
    for (const { handler } of [serve(memory), serve(memory, () => {}, { parse })]) {
      await handler({ word: "w" }, context({ awsRequestId: "r-9" }));
    }
    await serve(memory).handler({ word: "other" }, context({ awsRequestId: "r-9" }));

    const tickets = asked.filter(([what]) => what === "begin").map(([, ticket]) => ticket);
    expect(tickets.map(({ key }) => key)).to.deep.equal(["r-9", "r-9", "r-9"]);
    expect(tickets[1]?.hash).to.equal(tickets[0]?.hash);
    expect(tickets[2]?.hash).not.to.equal(tickets[0]?.hash);
    expect(new Set(tickets.map(({ owner }) => owner)).size).to.equal(3);
  });

  it("is at it until Lambda has ended the invocation, and no longer", async () => {
    const { memory, asked } = memoryOf();
    const before = Date.now();

    await serve(memory).handler({ word: "w" }, context({ getRemainingTimeInMillis: () => 7000 }));

    expect(asked[0]?.[1].endsAtMs).to.be.within(before + 7000, Date.now() + 7000);
  });

  it("gives an event back that failed, with the failure that it had", async () => {
    const { memory, steps } = memoryOf({ forget: () => Promise.reject(new Error("away too")) });
    const failing = serve(memory, () => {
      throw new RangeError("broken");
    });

    const error = await rejection(failing.handler({ word: "w" }, context()));

    expect(error.message).to.contain("RangeError");
    expect(steps()).to.deep.equal(["begin"]);
    const { memory: working, steps: asked } = memoryOf();
    await rejection(
      serve(working, () => Promise.reject(new Error("x"))).handler({ word: "w" }, context()),
    );
    expect(asked()).to.deep.equal(["begin", "forget"]);
  });

  it("sends nothing after the deadline", async () => {
    const { memory, steps } = memoryOf();
    const { handler } = serve(
      memory,
      (_event, { signal }) =>
        new Promise((_done, fail) => signal.addEventListener("abort", () => fail(signal.reason))),
    );

    await rejection(handler({ word: "w" }, context({ getRemainingTimeInMillis: () => 20 })));

    expect(steps()).to.deep.equal(["begin"]);
  });

  it("has done the work also where the answer cannot be kept, and says so", async () => {
    const { memory } = memoryOf({ finish: () => Promise.reject(new Error("away")) });
    const { handler, logs } = serve(memory);

    expect((await handler({ word: "w" }, context())).statusCode).to.equal(200);
    expect(logs()[0]).to.include({ level: "WARN" });
  });

  it("keeps no answer a second time that a table has kept with the change", async () => {
    const { memory, steps } = memoryOf();
    const { handler } = serve(memory, (_event, { ticket }) => {
      if (ticket) ticket.isAnswered = true;
    });

    await handler({ word: "w" }, context());

    expect(steps()).to.deep.equal(["begin"]);
  });

  it("asks nobody about an event that only reads", async () => {
    const { memory, steps } = memoryOf();
    const { handler } = serve(memory, () => {}, { isRead: () => true });

    await handler({ word: "w" }, context());

    expect(steps()).to.deep.equal([]);
  });

  it("refuses what its memory refuses, and carries nothing out", async () => {
    let times = 0;
    const busy = new RefusedError([{ path: "idempotency-key", message: "is busy" }], 409);
    const { memory } = memoryOf({ begin: () => Promise.reject(busy) });
    const { handler, metrics } = harnessOf(
      idempotent(
        wordDomain(() => void times++),
        memory,
      ),
      { callers: { answerDirect: true } },
    );

    expect((await handler({ word: "w" }, context())).statusCode).to.equal(409);
    expect(times).to.equal(0);
    // Theirs, not ours: a release is not sent back by it.
    expect(metrics()[0]).to.include({ RefusedCount: 1 }).and.not.have.property("FailedCount");
  });

  it("is otherwise the domain that it was, a class's object too", async () => {
    class Words {
      readonly #greeting = "hello";
      readonly sample = { word: "sample" };
      readonly smokeEvents = [];
      parse = (input: unknown) => input as object;
      async handle() {
        return { greeting: this.#greeting };
      }
    }
    const domain = new Words();
    const { memory } = memoryOf();
    const { handler } = harnessOf(idempotent(domain, memory));

    const { body } = await handler({ word: "w" }, context());

    expect(JSON.parse(body)).to.deep.equal({ greeting: "hello" });
    expect(idempotent(domain, memory).sample).to.equal(domain.sample);
  });
});
