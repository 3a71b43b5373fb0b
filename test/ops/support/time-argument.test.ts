import { Command, CommanderError, InvalidArgumentError } from "commander";
import { expect } from "chai";
import { refuseEmptySpan, time } from "../../../ops/support/time-argument.ts";

const NOW = Date.UTC(2026, 2, 1, 14, 5, 0);
const read = (text: string): string => new Date(time(text, undefined, NOW)).toISOString();

describe("a time on the command line", () => {
  const read_: readonly (readonly [text: string, iso: string])[] = [
    ["90m", "2026-03-01T12:35:00.000Z"],
    ["1h30m", "2026-03-01T12:35:00.000Z"],
    ["1.5h", "2026-03-01T12:35:00.000Z"],
    ["2h ago", "2026-03-01T12:05:00.000Z"],
    ["7d", "2026-02-22T14:05:00.000Z"],
    ["1w", "2026-02-22T14:05:00.000Z"],
    ["14:00", "2026-03-01T14:00:00.000Z"],
    ["23:30", "2026-02-28T23:30:00.000Z"],
    ["09:15:30", "2026-03-01T09:15:30.000Z"],
    ["2026-02-28", "2026-02-28T00:00:00.000Z"],
    ["2026-02-28T12:00", "2026-02-28T12:00:00.000Z"],
    ["2026-02-28 12:00", "2026-02-28T12:00:00.000Z"],
    ["2026-02-28T12:00Z", "2026-02-28T12:00:00.000Z"],
    ["2026-02-28T12:00+01:00", "2026-02-28T11:00:00.000Z"],
    ["2026-02-28T12:00:01.250Z", "2026-02-28T12:00:01.250Z"],
  ];
  for (const [text, iso] of read_) {
    it(`is read as a person means it: ${text}`, () => {
      expect(read(text)).to.equal(iso);
    });
  }

  it("is the same on every machine", () => {
    const { TZ } = process.env;
    try {
      for (const zone of ["America/Los_Angeles", "Asia/Kathmandu", "UTC"]) {
        process.env["TZ"] = zone;
        expect(read("2026-02-28T12:00"), zone).to.equal("2026-02-28T12:00:00.000Z");
        expect(read("14:00"), zone).to.equal("2026-03-01T14:00:00.000Z");
      }
    } finally {
      if (TZ === undefined) delete process.env["TZ"];
      else process.env["TZ"] = TZ;
    }
  });

  for (const text of [
    "",
    "yesterday",
    "90",
    "5 parsecs",
    "25:00",
    "2026-02-30",
    "2026-13-01",
    "1/3/2026",
  ]) {
    it(`is refused when it is none: ${JSON.stringify(text)}`, () => {
      expect(() => read(text)).to.throw(InvalidArgumentError, "UTC where no zone is given");
    });
  }
});

describe("a span of time", () => {
  const refusal = (since: number, until?: number): string => {
    const command = new Command("x").exitOverride().configureOutput({ writeErr: () => {} });
    try {
      refuseEmptySpan(command, { since, until }, NOW);
      return "";
    } catch (error) {
      expect(error).to.be.instanceOf(CommanderError).and.include({ exitCode: 2 });
      return (error as CommanderError).message;
    }
  };

  it("is refused as wrong usage when it ends before it begins, or lies ahead", () => {
    expect(refusal(NOW - 1000, NOW - 2000)).to.match(/--since 2026.* is not before --until 2026/);
    expect(refusal(NOW - 1000, NOW - 1000)).to.contain("is not before");
    expect(refusal(NOW + 1000)).to.contain("lies ahead");
    expect(refusal(NOW - 1000, NOW + 1000)).to.equal("");
    expect(refusal(NOW - 1000)).to.equal("");
  });
});
