import { expect } from "chai";
import { choosePython, type Python } from "../python.ts";

const python = (minor: number, venv = true, major = 3): Python => ({
  major,
  minor,
  executable: `/usr/bin/python${major}.${minor}`,
  venv,
});

describe("choosePython", () => {
  it("takes the first that is new enough and can make virtual environments", () => {
    const found = [python(9), python(12, false), python(10), python(13)];
    expect(choosePython(found).minor).to.equal(10);
  });

  const refusals: [what: string, found: Python[], message: RegExp][] = [
    ["nothing", [], /needs Python 3\.10 or later and found none; install it/],
    ["only old ones", [python(9), python(7, true, 2)], /found 3\.9, 2\.7; install it/],
    ["one without venv", [python(11, false)], /\/usr\/bin\/python3\.11 lacks; .*python3-venv/],
  ];
  for (const [what, found, message] of refusals) {
    it(`names the remedy when it finds ${what}`, () => {
      expect(() => choosePython(found)).to.throw(message);
    });
  }
});
