import { expect } from "chai";
import { type Entry, FrontEvents } from "../../../emulator/events/front.ts";
import type { Answer, Call } from "../../../emulator/http.ts";
import { failure } from "../../support/failure.ts";

const good = (word: string): Entry => ({
  Source: "shop",
  DetailType: "Said",
  Detail: JSON.stringify({ word }),
});

/** The front of an emulator that takes everything, and which entries it was sent. */
function front(answer?: Answer) {
  const sent: Entry[] = [];
  const events = new FrontEvents({
    forward: (call) => {
      const { Entries } = call.json() as { Entries: readonly Entry[] };
      sent.push(...Entries);
      const results = Entries.map(({ Detail }) => ({ EventId: String(Detail) }));
      const body = Buffer.from(JSON.stringify({ FailedEntryCount: 0, Entries: results }));
      return Promise.resolve(answer ?? { status: 200, body });
    },
  });
  const put = (...Entries: readonly Entry[]) =>
    events.answer({
      service: "events",
      operation: "PutEvents",
      headers: {},
      json: () => ({ Entries }),
    } as unknown as Call);
  return { sent, put, events };
}

describe("EventBridge in front of the emulator", () => {
  it("refuses what AWS refuses of an entry, and puts the others", async () => {
    const { sent, put } = front();
    const answer = await put(
      good("a"),
      { ...good("b"), Detail: "b" },
      { ...good("c"), Detail: "[]" },
      { ...good("d"), Source: "" },
      { Source: "shop", DetailType: "Said" },
      good("e"),
    );
    expect(sent).to.deep.equal([good("a"), good("e")]);
    const { FailedEntryCount, Entries } = (answer?.body ?? {}) as {
      FailedEntryCount: number;
      Entries: readonly Record<string, string>[];
    };
    expect(FailedEntryCount).to.equal(4);
    expect(Entries.map(({ ErrorCode, EventId }) => ErrorCode ?? EventId)).to.deep.equal([
      '{"word":"a"}',
      "MalformedDetail",
      "MalformedDetail",
      "InvalidArgument",
      "InvalidArgument",
      '{"word":"e"}',
    ]);
  });

  it("sends nothing on where nothing is left", async () => {
    const { sent, put } = front();
    expect((await put({ ...good("a"), Detail: "a" }))?.body).to.include({ FailedEntryCount: 1 });
    expect(sent).to.deep.equal([]);
  });

  it("refuses a call that is too large, too long or empty as a whole", async () => {
    const { sent, put } = front();
    const large = good("x".repeat(200 * 1024));
    for (const entries of [[], [large, large], Array.from({ length: 11 }, () => good("a"))]) {
      expect(await failure(put(...entries))).to.match(/^(?:1 validation error|Total size)/);
    }
    expect(sent).to.deep.equal([]);
  });

  it("answers as the emulator does where that refuses, and leaves every other call", async () => {
    const refused = { status: 400, body: Buffer.from('{"__type":"X"}') };
    const { put, events } = front(refused);
    expect(await put(good("a"))).to.equal(refused);
    expect(
      await events.answer({ service: "events", operation: "PutRule" } as unknown as Call),
    ).to.equal(undefined);
  });
});
