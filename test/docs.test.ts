/** What the documents say of each other and of the program: links, options, commands. */
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { OPTION_RULES } from "../infra/options.ts";
import { PROJECT_ROOT } from "../ops/support/project.ts";
import { expectNone } from "./infra/identity/support/expect-none.ts";

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  ...globSync("docs/**/*.md", { cwd: PROJECT_ROOT }),
];

const read = (file: string): string => readFileSync(path.join(PROJECT_ROOT, file), "utf8");

const withoutCode = (text: string): string => text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, "");

/** As GitHub makes it of a heading: small letters, no punctuation, hyphens for spaces. */
const anchorOf = (heading: string): string =>
  heading
    .replaceAll(/\]\([^)]*\)/g, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");

const anchorsOf = (text: string): string[] =>
  [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));

/** The sections of a document by their headings of the second level. */
const sectionsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.split("\n", 1)[0] ?? "", section]),
  );

describe("the documents", () => {
  it("link to files and headings that exist", () => {
    const broken = documents.flatMap((document) =>
      [...withoutCode(read(document)).matchAll(/\]\((?!https?:|mailto:)([^)\s]*)\)/g)].flatMap(
        ([, link = ""]) => {
          const [target = "", anchor] = link.split("#");
          const file =
            target === "" ? document : path.posix.join(path.posix.dirname(document), target);
          if (!existsSync(path.join(PROJECT_ROOT, file))) return [`${document}: ${link}`];
          const known = anchor === undefined || anchorsOf(read(file)).includes(anchor);
          return known ? [] : [`${document}: ${link}`];
        },
      ),
    );
    expectNone(broken, "These links lead nowhere:");
  });

  const options = ["docs/options.md", "docs/growth.md"].flatMap((file) =>
    [...sectionsOf(read(file))].map(([heading, text]) => ({ file, heading, text })),
  );

  for (const { file, heading, text } of options) {
    it(`say of ${heading} how it is turned on and off, what it costs, and when it is not for you`, () => {
      expect(text).to.match(/^```yaml$/m);
      expect(text).to.match(/\*\*(Price|What it costs)/);
      expect(text).to.match(/\*\*(Not for you|When not to use it)/);
      expect(text).to.match(/\*\*(Off again|Turning it off)/);
      expect(read("README.md")).to.contain(`(${file}#${anchorOf(heading)})`);
    });
  }

  it("show every config key of the options", () => {
    const shown = options.map(({ text }) => text).join("\n");
    expectNone(
      Object.keys(OPTION_RULES).filter((key) => !new RegExp(`\\b${key}\\b`).test(shown)),
      "No document shows these keys:",
    );
  });

  it("name every script of package.json that a person runs, and none that does not exist", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const commands = Object.keys(scripts).filter((name) =>
      /^node (local|ops)\//.test(scripts[name] ?? ""),
    );
    const readme = read("README.md");
    expectNone(
      commands.filter((name) => !readme.includes(`\`npm run ${name}`)),
      "Not in the README:",
    );
    const named = documents.flatMap((document) =>
      [...read(document).matchAll(/npm run (?:-s )?([a-z][\w:-]*)(?! --workspace)\b/g)].map(
        ([, name = ""]) => name,
      ),
    );
    expectNone(
      [...new Set(named)].filter((name) => scripts[name] === undefined),
      "No such scripts:",
    );
  });
});
