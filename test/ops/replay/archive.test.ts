import { appendFile, mkdtemp, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Archive, archived, readArchive } from "../../../ops/replay/archive.ts";
import { importDeadLetters, waitingIn } from "../../../ops/replay/import.ts";
import type { DeadLetter } from "../../../ops/replay/dead-letter.ts";

const deadLetter = (id: string): DeadLetter => ({
  id,
  receipt: "r",
  sentAt: 0,
  body: `{"id":"${id}"}`,
  attributes: { ErrorMessage: { type: "String", value: "boom" } },
  event: "{}",
  error: "boom",
});

describe("the archive of messages", () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "archive-"));
    path = join(folder, "messages.jsonl");
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = async (...ids: string[]) => {
    const archive = await Archive.open(path);
    await Promise.all(ids.map((id) => archive.append(archived(deadLetter(id)))));
    await archive.close();
  };
  const ids = async () => (await readArchive(path)).map(({ id }) => id);

  it("gives back what was written, once each, readable by its owner alone", async () => {
    await write("a", "b");
    await write("b", "c");
    expect(await ids()).to.deep.equal(["a", "b", "c"]);
    expect((await readArchive(path))[0]).to.deep.include({
      body: '{"id":"a"}',
      attributes: { ErrorMessage: { type: "String", value: "boom" } },
    });
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
  });

  it("goes on after a kill in the middle of a line", async () => {
    await write("a", "b");
    await truncate(path, (await stat(path)).size - 5);
    expect(await ids()).to.deep.equal(["a"]);
    await write("c");
    expect(await ids()).to.deep.equal(["a", "c"]);
  });

  it("keeps a last line that an editor left without a line break", async () => {
    await write("a", "b");
    await truncate(path, (await stat(path)).size - 1);
    expect(await ids()).to.deep.equal(["a", "b"]);
    await write("c");
    expect(await ids()).to.deep.equal(["a", "b", "c"]);
  });

  it("refuses a line that is no message, and says which", async () => {
    await write("a");
    await appendFile(path, '{"id":"b"}\n');
    const refusal = await ids().catch((error: Error) => error.message);
    expect(refusal).to.match(/messages\.jsonl, line 2: not a message; correct or remove it/);
  });

  it("imports each message once, although an import was cut short", async () => {
    await write("a", "b", "c");
    const sent: string[] = [];
    const queue = {
      send: async ({ body }: { body: string }) => {
        if (body.includes('"b"') && sent.length === 1) throw new Error("down");
        sent.push(body);
      },
    };
    const first = await importDeadLetters({ queue, path, max: Infinity }).catch(() => "failed");
    expect(first).to.equal("failed");
    expect((await waitingIn(path)).rest).to.have.length(2);
    sent.push("between");
    expect(await importDeadLetters({ queue, path, max: Infinity })).to.equal(2);
    expect(sent).to.deep.equal(['{"id":"a"}', "between", '{"id":"b"}', '{"id":"c"}']);
    expect((await waitingIn(path)).rest).to.be.empty;
  });
});
