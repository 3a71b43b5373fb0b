import { expect } from "chai";
import type { CommanderError } from "commander";
import { replayCommand, type ReplayOptions } from "../../../ops/replay/options.ts";
import { time } from "../../../ops/support/time-argument.ts";

const parse = (...args: string[]) =>
  replayCommand()
    .action(() => {})
    .configureOutput({ writeErr: () => {} })
    .parse(args, { from: "user" })
    .opts<ReplayOptions>();

const refusal = (...args: string[]): string => {
  try {
    parse(...args);
  } catch (error) {
    return (error as CommanderError).message;
  }
  return "accepted";
};

describe("the options of a replay", () => {
  it("spare the service by default", () => {
    expect(parse()).to.deep.include({ stack: "staging", rate: 10, concurrency: 10, max: Infinity });
  });

  it("show a default that a person understands", () => {
    expect(replayCommand().helpInformation()).to.match(/--max <count> .*\(default: all\)/);
    expect(replayCommand().helpInformation()).not.to.match(/null|Infinity/);
  });

  it("take ages and dates", () => {
    expect(time("90m", undefined, 10_000_000)).to.equal(10_000_000 - 90 * 60_000);
    expect(time("2d", undefined, 200_000_000)).to.equal(200_000_000 - 2 * 86_400_000);
    expect(time("2026-03-01")).to.equal(Date.UTC(2026, 2, 1));
  });

  const refused: [args: string[], why: RegExp][] = [
    [["--rate", "0"], /must be a number above 0/],
    [["--max", "1.5"], /must be a whole number above 0/],
    [["--since", "yesterday"], /must be an age such as 90m/],
    [["--since", "12"], /must be an age such as 90m/],
    [["--export", "a", "--import", "b"], /cannot be used with/],
    [["--import", "a", "--error", "b"], /cannot be used with/],
    [["--export", "a", "--asynchronous"], /cannot be used with/],
    [["--export", "a", "--rate", "5"], /cannot be used with/],
    [["--import", "a", "--concurrency", "5"], /cannot be used with/],
    [["--since", "1h", "--until", "2h"], /--since is not before --until/],
  ];
  for (const [args, why] of refused) {
    it(`refuse ${args.join(" ")}`, () => {
      expect(refusal(...args)).to.match(why);
    });
  }
});
