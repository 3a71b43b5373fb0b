import { PassThrough } from "node:stream";
import { expect } from "chai";
import { confirmed, openTerminal } from "../../../ops/support/terminal.ts";
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

  it("writes it over on a terminal, and never wraps it", () => {
    const { terminal, text } = stream(true);
    terminal.live("x".repeat(100), "x");
    const first = text();
    terminal.live("y", "x");

    expect(first.match(/x/g)).to.have.length(39);
    expect(text()).to.contain("\u001B[1G").and.match(/y$/);
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
