/**
 * The examples of docs/extending.md, executed as they are written: applied to a copy of the project in their
 * order, compiled, and judged by the tests that a team keeps.
 */
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { execa } from "execa";
import { PROJECT_ROOT } from "../ops/support/project.ts";
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
  else if (part === "all") writeFileSync(target, text);
  else {
    const before = readFileSync(target, "utf8");
    writeFileSync(target, before.replace(/^config:\n/m, `config:\n${text}`));
  }
}

const examples = examplesOf(readFileSync(path.join(PROJECT_ROOT, "docs/extending.md"), "utf8"));

const MOCHA =
  "--no-config --no-parallel --require test/support/setup.ts --node-option disable-warning=ExperimentalWarning --timeout 120000".split(
    " ",
  );

/** What judges the program, whatever a team has added to it. */
const KEPT = [
  "identity/rows",
  "identity/proof",
  "settings",
  "shipped",
  "program",
  "observability/alarms",
].map((name) => `test/infra/${name}.test.ts`);

describe("docs/extending.md", function () {
  this.timeout(300_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "extended-"));
    copyProjectTo(folder);
    symlinkSync(path.join(PROJECT_ROOT, "node_modules"), path.join(folder, "node_modules"));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (file: string, ...args: string[]): Promise<string> => {
    const { all, exitCode } = await execa(file, args, {
      cwd: folder,
      all: true,
      preferLocal: true,
      reject: false,
    });
    expect(exitCode, all).to.equal(0);
    return all;
  };

  it("needs at most six files for each change", () => {
    const bySection = Map.groupBy(examples, ({ section }) => section);

    expect([...bySection.keys()]).to.deep.equal([
      "Add a setting",
      "Add an alarm",
      "Add a right",
      "Add a resource",
      "Add an event source",
    ]);
    for (const [section, own] of bySection) {
      expect(new Set(own.map(({ file }) => file)).size, section).to.be.at.most(6);
    }
  });

  it("shows examples that fit together, compile, and keep every test of the program", async () => {
    // The queue's rights follow in the way of the table's; the proof has its own test of what it prints.
    for (const example of examples.filter(({ section }) => section !== "Add an event source")) {
      apply(folder, example);
    }
    writeFileSync(
      path.join(folder, "tsconfig.own.json"),
      JSON.stringify({ extends: "./tsconfig.json", include: ["infra", "test/infra"] }),
    );
    await run("tsc", "--project", "tsconfig.own.json");
    const printed = await run("mocha", ...MOCHA, ...KEPT);
    expect(printed).to.match(/\d+ passing/);
  });

  it("lets the proof print what an event source is still missing", async () => {
    for (const example of examples.filter(({ section }) => section === "Add an event source")) {
      apply(folder, example);
    }
    await run("tsc", "--project", "tsconfig.own.json");
    const { all, exitCode } = await execa("mocha", [...MOCHA, "test/infra/identity/rows.test.ts"], {
      cwd: folder,
      all: true,
      preferLocal: true,
      reject: false,
    });

    expect(exitCode, all).to.not.equal(0);
    expect(all).to.contain('"aws:lambda/eventSourceMapping:EventSourceMapping"');
    expect(all).to.contain("Paste into test/infra/own/calls.ts");
  });
});
