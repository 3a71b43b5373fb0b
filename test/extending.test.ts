/**
 * The examples of docs/extending.md, executed as they are written: applied to a copy of the project in their
 * order, compiled, and judged by the tests that a team keeps.
 */
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { PROJECT_ROOT } from "../ops/support/project.ts";
import { type Ended, start } from "./support/command.ts";
import { copyProjectTo } from "./support/project.ts";

/** One file of an example: its section, where it goes, and its text. */
interface Example {
  readonly section: string;
  readonly file: string;
  /** Where in the file: all of it, within `config`, or at the end. */
  readonly part: "all" | "config" | "end";
  readonly text: string;
}

const BLOCK = /^```\w+ ([\w./-]+)(?:#(config|end))?\n([\s\S]*?)^```$/gm;

function examplesOf(document: string): Example[] {
  return document.split(/^## /m).flatMap((section) => {
    const title = section.split("\n", 1)[0] ?? "";
    return [...section.matchAll(BLOCK)].map(([, file = "", part, text = ""]) => ({
      section: title,
      file,
      part: (part ?? "all") as Example["part"],
      text,
    }));
  });
}

function apply(folder: string, { file, part, text }: Example): void {
  const target = path.join(folder, file);
  if (part === "end") appendFileSync(target, `\n${text}`);
  else if (part === "all") {
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  } else {
    const before = readFileSync(target, "utf8");
    writeFileSync(target, before.replace(/^config:\n/m, `config:\n${text}`));
  }
}

const examples = examplesOf(readFileSync(path.join(PROJECT_ROOT, "docs/extending.md"), "utf8"));

const relational = examplesOf(readFileSync(path.join(PROJECT_ROOT, "docs/relational.md"), "utf8"));

const MOCHA = "--no-config --no-parallel --require test/support/setup.ts --timeout 120000".split(
  " ",
);

/** What judges the program, whatever a team has added to it. */
const KEPT = [
  "identity/rows",
  "identity/proof",
  "identity/functions",
  "settings",
  "shipped",
  "program",
  "observability/alarms",
  "own/functions",
].map((name) => `test/infra/${name}.test.ts`);

describe("docs/extending.md", function () {
  this.timeout(900_000);
  let both: string;
  /** The project with all examples but the last, whose rights follow in the way of the table's. */
  let extended: string;
  /** The same with the event source, of which the proof prints what is missing. */
  let unfinished: string;

  before(() => {
    both = mkdtempSync(path.join(tmpdir(), "extended-"));
    symlinkSync(path.join(PROJECT_ROOT, "node_modules"), path.join(both, "node_modules"));
    [extended, unfinished] = [path.join(both, "extended"), path.join(both, "unfinished")];
    copyProjectTo(extended);
    const isLast = ({ section }: Example): boolean => section === "Add an event source";
    for (const example of examples) if (!isLast(example)) apply(extended, example);
    cpSync(extended, unfinished, { recursive: true });
    for (const example of examples) {
      if (!isLast(example)) continue;
      // What it replaces is compiled too.
      const target = path.join(unfinished, example.file);
      cpSync(target, target.replace(/\.ts$/, ".before.ts"));
      apply(unfinished, example);
    }
    // Two ways to the same files, so each is compiled beside them.
    for (const { section, file, text } of relational) {
      const name = file.replace(/\.ts$/, `.${section.replaceAll(" ", "-")}.ts`);
      writeFileSync(path.join(unfinished, name), text);
    }
  });
  after(() => {
    rmSync(both, { recursive: true, force: true });
  });

  const run = (folder: string, file: string, ...args: string[]): Promise<Ended> =>
    start(file, args, { cwd: folder, preferLocal: true, localDir: PROJECT_ROOT });

  it("needs at most six files for each change", () => {
    const bySection = Map.groupBy(examples, ({ section }) => section);

    expect([...bySection.keys()]).to.deep.equal([
      "Add a setting",
      "Add an alarm",
      "Add a right",
      "Add a resource",
      "Add an event source",
      "Add a second function",
    ]);
    expect(bySection.get("Add a second function")).to.have.length.at.most(3);
    for (const [section, own] of bySection) {
      expect(new Set(own.map(({ file }) => file)).size, section).to.be.at.most(6);
    }
  });

  it("shows examples that compile", async () => {
    writeFileSync(
      path.join(unfinished, "tsconfig.own.json"),
      JSON.stringify({ extends: "./tsconfig.json", include: ["infra", "function", "test/infra"] }),
    );
    const { exitCode, all } = await run(unfinished, "tsc", "--project", "tsconfig.own.json");
    expect(exitCode, all).to.equal(0);
  });

  it("shows examples that fit together, and keep every test of the program", async () => {
    const { exitCode, all } = await run(extended, "mocha", ...MOCHA, ...KEPT);
    expect(exitCode, all).to.equal(0);
    expect(all).to.match(/\d+ passing/);
  });

  it("lets the proof print what an event source is still missing", async () => {
    const proof = ["test/infra/identity/proof.test.ts", "--grep", "allows every call"];
    const { all, exitCode } = await run(unfinished, "mocha", ...MOCHA, ...proof);

    expect(exitCode, all).to.not.equal(0);
    expect(all).to.contain("needed for aws:lambda/permission:Permission");
    expect(all).to.contain("Add to infra/own/rights.ts, in the list `change` of ownDeployRights:");
  });
});
