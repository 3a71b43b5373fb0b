import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { expect } from "chai";
import * as fc from "fast-check";
import { confirmed, openTerminal, wrapLive } from "../../../ops/support/terminal.ts";
import { refusal } from "../../support/release-context.ts";

/** A stream that remembers, as a terminal of 40 columns or as a pipe. */
function stream(isTTY: boolean) {
  const output = Object.assign(new PassThrough(), { isTTY, columns: 40 });
  const text = () => String(output.read() ?? "");
  const clock = { ms: 0 };
  const terminal = openTerminal(output as unknown as NodeJS.WriteStream, () => clock.ms);
  return { terminal, text, clock };
}

describe("the terminal", () => {
  const { CI } = process.env;
  before(() => {
    delete process.env["CI"];
  });
  after(() => {
    if (CI !== undefined) process.env["CI"] = CI;
  });

  it("writes a live line only when something has changed, where it cannot be written over", () => {
    const { terminal, text } = stream(false);
    terminal.live("10 %, 5 s", "10 %");
    terminal.live("10 %, 10 s", "10 %");
    terminal.live("100 %, 15 s", "100 %");
    terminal.quiet();

    expect(text()).to.equal("10 %, 5 s\n100 %, 15 s\n");
  });

  it("writes it again after a minute, so that a long wait does not look like a hang", () => {
    const { terminal, text, clock } = stream(false);
    terminal.live("10 %, 5 s", "10 %");
    clock.ms = 59_999;
    terminal.live("10 %, 65 s", "10 %");
    clock.ms = 60_000;
    terminal.live("10 %, 66 s", "10 %");

    expect(text()).to.equal("10 %, 5 s\n10 %, 66 s\n");
  });

  it("writes it over on a terminal, however many rows it takes", () => {
    const { terminal, text } = stream(true);
    const alarm = "lambda-canary-errors-production";
    terminal.live(`10 % to version 8 · 3 min 20 s left · red: ${alarm}`, "red");
    const rows = stripVTControlCharacters(text()).split("\n");
    terminal.live("y", "x");

    expect(rows).to.deep.equal(["10 % to version 8 · 3 min 20 s left", `red: ${alarm}`]);
    // Up to the first of the rows, and everything below it away.
    expect(text()).to.contain("\u001B[1A").and.contain("\u001B[0J").and.match(/y$/);
  });

  it("never loses a part of a live line, nor breaks the name of an alarm that a row can hold", () => {
    const name = fc.stringMatching(/^[a-z]{1,12}(-[a-z]{1,12}){0,2}$/);
    fc.assert(
      fc.property(
        fc.array(name, { minLength: 1 }),
        fc.integer({ min: 40, max: 120 }),
        (names, width) => {
          const rows = wrapLive(`10 % · red: ${names.join(", ")} · InProgress`, width);
          for (const row of rows) expect(row.trimEnd()).to.have.length.at.most(width);
          for (const one of names)
            expect(
              rows.some((row) => row.includes(one)),
              one,
            ).to.equal(true);
        },
      ),
    );
  });

  it("writes plain lines in CI, even on a terminal", () => {
    process.env["CI"] = "true";
    const { terminal, text } = stream(true);
    delete process.env["CI"];
    terminal.live("10 %", "10 %");

    expect(text()).to.equal("10 %\n");
  });

  it("keeps what is said, above the live line", () => {
    const { terminal, text } = stream(true);
    terminal.live("live", "live");
    terminal.say("kept");

    expect(text()).to.match(/kept\n$/);
  });
});

describe("a confirmation", () => {
  it("is not asked for with --yes", async () => {
    await confirmed("Sure?", true);
  });

  it("is refused where nobody can answer", async () => {
    const { isTTY } = process.stdin;
    process.stdin.isTTY = false;
    const message = await refusal(confirmed("Sure?", undefined));
    process.stdin.isTTY = isTTY;

    expect(message).to.contain("nobody is there to confirm: Sure?").and.contain("--yes");
  });
});
