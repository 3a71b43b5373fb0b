/** What docs/security.md says that nobody can do is tried, and what it lists is what the policies hold. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { expectedAdditions } from "../../../infra/identity/additions.ts";
import { expectNone } from "./support/expect-none.ts";
import { type Program, recordProgram } from "./support/program.ts";
import { attacks, attacksOnBoundary } from "./tables/attacks.ts";
import { CLAIMS } from "./tables/claims.ts";

const page = readFileSync(path.join(import.meta.dirname, "../../../docs/security.md"), "utf8");

/** Sentences, list items and cells of a page, without what is code. */
const sentences = (markdown: string): readonly string[] =>
  markdown
    .replaceAll(/```.*?```/gs, "")
    .split(/\n|\|/)
    .flatMap((line) => line.replace(/^\s*[-*] /, "").split(/(?<=[.!?])\s+/))
    .map((sentence) => sentence.trim());

/** Those that say what nobody can do; a word in quotation marks is only spoken of. */
const claimed = (markdown: string): readonly string[] =>
  sentences(markdown).filter((sentence) => /(?<!")\b(?:cannot|can't|never)\b(?!")/i.test(sentence));

describe("docs/security.md", () => {
  let program: Program;
  before(async () => {
    program = await recordProgram({ stack: "staging" });
  });

  it('says "cannot" and "never" only where an attack tries it', () => {
    const known = new Set(CLAIMS.map(({ sentence }) => sentence));
    expectNone(
      claimed(page).filter((sentence) => !known.has(sentence)),
      "No attack tries these; add them to test/infra/identity/tables/claims.ts, or say less:",
    );
    const said = new Set(claimed(page));
    expectNone(
      [...known].filter((sentence) => !said.has(sentence)),
      "The page does not say these any more; remove them from tables/claims.ts:",
    );
  });

  it("finds what is said, in sentences, lists and tables", () => {
    const text = "- It can a. It cannot b.\n| x | nobody ever can, never |\n```\ncannot c\n```\n";
    expect(claimed(text)).to.deep.equal(["It cannot b.", "nobody ever can, never"]);
  });

  for (const { sentence, of, attacks: names } of CLAIMS) {
    it(`holds: ${sentence}`, () => {
      const rows =
        of === "boundary"
          ? attacksOnBoundary(program)
          : attacks(program).filter(({ role }) => role === of);
      const known = new Set(rows.map(({ attack }) => attack));
      expectNone(
        names.filter((name) => !known.has(name)),
        `The tables have no such attack of ${of}:`,
      );
    });
  }

  it("lists every right that the boundary allows beforehand", () => {
    const { location, scope } = program;
    const allowed = expectedAdditions(location, scope).flatMap(({ Action }) => Action);
    const listed = new Set(
      [...page.matchAll(/^\| [^|]+ \| (`[a-z0-9-]+:[^|]+) \|$/gm)].flatMap(([, cell = ""]) => {
        const [service = ""] = /[a-z0-9-]+(?=:)/.exec(cell) ?? [];
        return [...cell.matchAll(/`(?:[a-z0-9-]+:)?(\w+)`/g)].map(
          ([, verb = ""]) => `${service}:${verb}`,
        );
      }),
    );
    expect([...listed].toSorted()).to.deep.equal(allowed.toSorted());
  });
});
