import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import * as fc from "fast-check";
import { Archive, archived, type ArchiveFile, readArchive } from "../../../ops/replay/archive.ts";
import type { ArchivedDeadLetter } from "../../../ops/replay/archive-text.ts";
import { Refused } from "../../../ops/support/refused.ts";
import type { DeadLetter } from "../../../ops/replay/dead-letter.ts";
import { importDeadLetters, waitingIn } from "../../../ops/replay/import.ts";

const BODY = '{"id": 12345678901234567890, "name":"Zoë \\u2028 \\n 😀"}';
const deadLetter = (id: string): DeadLetter => ({
  id,
  receipt: "r",
  sentAt: 0,
  body: BODY,
  attributes: {
    ErrorMessage: { type: "String", value: "boom" },
    Picture: { type: "Binary.png", value: "/wD+" },
  },
  event: "{}",
  error: "boom",
});

const refusalOf = async (work: () => Promise<unknown>): Promise<Refused> => {
  const error: unknown = await work().then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).to.be.instanceOf(Refused);
  return error as Refused;
};

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
  const messages = async () => (await readArchive(path)).messages;
  const ids = async () => (await messages()).map(({ id }) => id);

  it("gives back what was written, once each, readable by its owner alone", async () => {
    await write("a", "b");
    await write("b", "c");
    expect(await ids()).to.deep.equal(["a", "b", "c"]);
    expect((await messages())[0]).to.deep.include({
      body: BODY,
      attributes: deadLetter("a").attributes,
    });
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
  });

  it("goes on after a kill at any byte", async () => {
    await write("a", "b");
    const bytes = await readFile(path);
    const lineEnd = bytes.indexOf("\n") + 1;
    for (let cut = 0; cut <= bytes.length; cut++) {
      await writeFile(path, bytes.subarray(0, cut));
      // A line is whole with its last brace; the line break after it may be missing.
      const whole = [
        ...(cut >= lineEnd - 1 ? ["a"] : []),
        ...(cut >= bytes.length - 1 ? ["b"] : []),
      ];
      expect(await ids(), `cut at ${cut}`).to.deep.equal(whole);
      await write("c");
      expect(await ids(), `cut at ${cut}`).to.deep.equal([...whole, "c"]);
      expect((await readArchive(path)).cutOff).to.be.false;
    }
    // Nothing was thrown away: all that was cut off is beside it.
    expect(await readFile(`${path}.cut`, "utf8")).to.include(bytes.toString("utf8", 0, 40));
  });

  describe("on a full disk", () => {
    /** A disk with room for so many bytes: it first writes less than it is given, then nothing. */
    function disk(room: number, { truncates = true } = {}) {
      let content = Buffer.alloc(0);
      const file = {
        write: async (bytes: Buffer, offset: number, length: number) => {
          const fits = Math.min(length, room - content.length);
          if (fits === 0) throw Object.assign(new Error("full"), { code: "ENOSPC" });
          content = Buffer.concat([content, bytes.subarray(offset, offset + fits)]);
          return { bytesWritten: fits };
        },
        truncate: async (length: number) => {
          if (!truncates) throw Object.assign(new Error("broken"), { code: "EIO" });
          content = content.subarray(0, length);
        },
        sync: async () => {},
        stat: async () => ({ size: content.length }),
        close: async () => {},
      };
      return { file: file as unknown as ArchiveFile, content: () => content };
    }

    it("at any byte, keeps what it confirmed, confirms nothing else, and never joins two lines", async () => {
      const line = Buffer.byteLength(`${JSON.stringify(archived(deadLetter("0")))}\n`);
      for (let room = 0; room <= 3 * line; room++) {
        const { file, content } = disk(room);
        const archive = new Archive(path, file, 0);
        const confirmed: string[] = [];
        const refused: unknown[] = [];
        const append = (id: string) =>
          archive.append(archived(deadLetter(id))).then(
            () => confirmed.push(id),
            (error: unknown) => refused.push(error),
          );
        await append("0");
        await Promise.all([append("1"), append("2")]);
        await append("3");
        await archive.close();

        await writeFile(path, content());
        expect(await ids(), `room ${room}`).to.deep.equal(confirmed);
        expect(confirmed.length + refused.length).to.equal(4);
        expect(refused[0]).to.be.instanceOf(Refused);
        expect((refused[0] as Refused).problem).to.match(/cannot be written \(ENOSPC\)$/);
      }
    });

    it("where not even the half line can be taken back, the next run puts it aside", async () => {
      const { file, content } = disk(300, { truncates: false });
      const archive = new Archive(path, file, 0);
      await archive.append(archived(deadLetter("0")));
      await refusalOf(() => archive.append(archived(deadLetter("1"))));
      await refusalOf(() => archive.append(archived(deadLetter("2"))));
      await writeFile(path, content());
      expect(content()).to.have.length(300);
      await write("3");
      expect(await ids()).to.deep.equal(["0", "3"]);
    });

    it("leaves alone what another run has added to the same file", async () => {
      await write("a");
      const { size } = await stat(path);
      let truncated = false;
      const file = {
        write: async () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" })),
        truncate: async () => {
          truncated = true;
        },
        stat: async () => ({ size: size + 100 }),
        sync: async () => {},
        close: async () => {},
      } as unknown as ArchiveFile;
      await refusalOf(() => new Archive(path, file, size).append({ id: "b" }));
      expect(truncated).to.be.false;
    });
  });

  describe("opened in an editor", () => {
    const expectSame = async (from: readonly ArchivedDeadLetter[]) => {
      expect(await messages()).to.deep.equal(from);
      await write("new");
      expect((await messages()).slice(0, -1)).to.deep.equal(from);
      expect((await ids()).at(-1)).to.equal("new");
    };
    const indented = (text: string) =>
      text
        .trim()
        .split("\n")
        .map((line) => JSON.stringify(JSON.parse(line), undefined, 2));

    const edits: Record<string, (text: string) => string> = {
      "a byte-order mark": (text) => `\ufeff${text}`,
      "lines that end with CRLF": (text) => text.replaceAll("\n", "\r\n"),
      "blank lines": (text) => `\n${text.replaceAll("\n", "\n \n\n")}\n\n`,
      "no line break at the end": (text) => text.trimEnd(),
      "documents over several lines": (text) => `${indented(text).join("\n")}\n`,
      "documents over several lines, without the last break": (text) => indented(text).join("\n"),
      "documents with blank lines between them, and CRLF": (text) =>
        indented(text).join("\n\n").replaceAll("\n", "\r\n"),
      "one array": (text) => `[\n${indented(text).join(",\n")}\n]\n`,
      "one array in one line": (text) => `[${text.trim().replaceAll("\n", ",")}]`,
      "a mark, tabs and comments": (text) =>
        `\ufeff// of last night\n${indented(text).join("\n").replaceAll("  ", "\t")}`,
    };
    for (const [name, edit] of Object.entries(edits)) {
      it(`is read with ${name}`, async () => {
        await write("a", "b", "c");
        const before = await messages();
        await writeFile(path, edit(await readFile(path, "utf8")));
        await expectSame(before);
      });
    }

    for (const [encoding, mark, swap] of [
      ["UTF-16LE", "\ufeff", false],
      ["UTF-16BE", "\ufeff", true],
    ] as const) {
      it(`is read in ${encoding}, but not added to`, async () => {
        await write("a", "b");
        const before = await messages();
        const bytes = Buffer.from(`${mark}${await readFile(path, "utf8")}`, "utf16le");
        await writeFile(path, swap ? bytes.swap16() : bytes);
        expect(await messages()).to.deep.equal(before);
        const { problem } = await refusalOf(() => Archive.open(path));
        expect(problem).to.match(/not in UTF-8, so nothing can be added to it/);
      });
    }

    const broken: [name: string, edit: (text: string) => string | Buffer, says: RegExp][] = [
      ["a line that is no message", (text) => `${text}{"id":"c"}\n`, /message 3: needs the texts/],
      ["text between messages", (text) => text.replace("\n", "\nhello\n"), /line 2: not a message/],
      ["a number", (text) => `${text}17\n`, /line 3: not a message/],
      ["a line cut short above others", (text) => text.slice(9), /line 1: not a message/],
      [
        "a document that does not end",
        (text) => text.replace("}\n", "\n"),
        /line 1: not a message/,
      ],
      [
        "attributes of another form",
        (text) => text.replace('"value":"boom"', '"text":"boom"'),
        /message 1: needs the texts/,
      ],
      ["another encoding", (text) => Buffer.from(text, "latin1"), /not text in UTF-8/],
    ];
    for (const [name, edit, says] of broken) {
      it(`is refused, and left as it is, with ${name}`, async () => {
        await write("a", "b");
        await writeFile(path, edit(await readFile(path, "utf8")));
        const bytes = await readFile(path);
        expect((await refusalOf(messages)).problem).to.match(says);
        await Archive.open(path).then(
          (archive) => archive.close(),
          () => undefined,
        );
        expect((await readFile(path)).subarray(0, bytes.length)).to.deep.equal(bytes);
      });
    }
  });

  it("keeps any text in any form that an editor gives it", async () => {
    const attribute = fc.record({ type: fc.string(), value: fc.string({ unit: "binary" }) });
    const made = fc.record({
      id: fc.uuid(),
      body: fc.string({ unit: "binary" }),
      attributes: fc.dictionary(fc.string({ minLength: 1 }), attribute, { noNullPrototype: true }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(made, { selector: ({ id }) => id }),
        fc.constantFrom(0, 2, "\t"),
        fc.constantFrom("\n", "\r\n", "\n\n"),
        async (documents, indent, lineEnd) => {
          const text = documents.map((made) => JSON.stringify(made, undefined, indent) + lineEnd);
          await writeFile(path, text.join(""));
          expect(JSON.stringify(await messages())).to.equal(JSON.stringify(documents));
        },
      ),
      { numRuns: 50 },
    );
  });

  describe("imported", () => {
    const queueUrl = "https://sqs.eu-west-1.amazonaws.com/123456789012/dlq";
    const none = new Map<number, string>();

    it("comes back once each, although an import was cut short", async () => {
      const all = Array.from({ length: 35 }, (_, n) => `m${n}`);
      await write(...all);
      const sent: string[] = [];
      const queue = {
        send: async (batch: readonly ArchivedDeadLetter[]) => {
          if (batch.some(({ id }) => id === "m20") && sent.length < 35) {
            await new Promise(setImmediate);
            throw new Error("down");
          }
          sent.push(...batch.map(({ id }) => id));
          return none;
        },
      };
      const options = { queue, path, queueUrl, max: Infinity };
      expect(await importDeadLetters(options).catch(({ message }: Error) => message)).to.equal(
        "down",
      );
      expect((await waitingIn(path, queueUrl)).rest.map(({ id }) => id)).to.deep.equal(
        all.slice(20, 30),
      );
      sent.push(...all.slice(0, 10));
      expect(await importDeadLetters(options)).to.deep.equal({ imported: 10, refused: [] });
      expect(new Set(sent)).to.have.property("size", 35);
      expect((await waitingIn(path, queueUrl)).rest).to.be.empty;
    });

    it("into another queue comes again: the journal is that of one queue", async () => {
      await write("a");
      const queue = { send: async () => none };
      await importDeadLetters({ queue, path, queueUrl, max: Infinity });
      expect((await waitingIn(path, queueUrl)).rest).to.be.empty;
      expect((await waitingIn(path, `${queueUrl}-2`)).rest).to.have.length(1);
    });

    it("goes on after a message that the queue refuses, and keeps that one", async () => {
      await write("a", "b", "c");
      const queue = { send: async () => new Map([[1, "too long"]]) };
      const options = { queue, path, queueUrl, max: Infinity };
      expect(await importDeadLetters(options)).to.deep.equal({
        imported: 2,
        refused: [{ id: "b", error: "too long" }],
      });
      expect((await waitingIn(path, queueUrl)).rest.map(({ id }) => id)).to.deep.equal(["b"]);
    });

    it("sends no more than SQS takes in one call", async () => {
      const body = "x".repeat(300_000);
      const lines = Array.from({ length: 25 }, (_, n) =>
        JSON.stringify({ id: `m${n}`, body: n % 2 ? body : "{}" }),
      );
      await writeFile(path, lines.join("\n"));
      const sizes: [count: number, bytes: number][] = [];
      const queue = {
        send: async (batch: readonly ArchivedDeadLetter[]) => {
          sizes.push([batch.length, batch.reduce((sum, { body }) => sum + body.length, 0)]);
          return none;
        },
      };
      await importDeadLetters({ queue, path, queueUrl, max: Infinity });
      expect(sizes.reduce((sum, [count]) => sum + count, 0)).to.equal(25);
      for (const [count, bytes] of sizes) {
        expect(count).to.be.at.most(10);
        expect(bytes).to.be.at.most(1_048_576);
      }
    });

    it("says that a last line is cut off", async () => {
      await write("a");
      await appendFile(path, '{"id":"b","bo');
      const { all, cutOff } = await waitingIn(path, queueUrl);
      expect(all.map(({ id }) => id)).to.deep.equal(["a"]);
      expect(cutOff).to.be.true;
    });
  });
});
