/** `npm run openapi`, as a user runs it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { execa } from "execa";
import { parse } from "yaml";
import { readBaseline } from "../../local/openapi/baseline.ts";
import { rejection } from "../function/support/harness.ts";
import { openHost } from "../support/host.ts";

describe("npm run openapi", function () {
  this.timeout(60_000);
  let folder = "";
  const host = openHost();
  const openapi = (...args: string[]) => host.run(["local/openapi.ts", ...args]);
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "openapi-"));
  });
  after(() => {
    host.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("has written the contract of the routes as they are", async () => {
    const { exitCode, stderr } = await openapi("--check");

    expect(exitCode, `docs/openapi.json is not current; run: npm run openapi\n${stderr}`).to.equal(
      0,
    );
  });

  it("prints the same as JSON, and writes the same as YAML", async () => {
    const file = path.join(folder, "new", "contract.yaml");
    const [printed, written, again] = [
      await openapi("--json"),
      await openapi("--out", file),
      await openapi("--out", file),
    ];

    expect([written.stdout, again.stdout]).to.deep.equal([
      `${file} is written`,
      `${file} is current`,
    ]);
    const document: unknown = JSON.parse(printed.stdout);
    expect(document).to.have.property("openapi", "3.0.1");
    expect(parse(readFileSync(file, "utf8"))).to.deep.equal(document);
    // Of older readers too: no time, and no number, where there is a text.
    expect(parse(readFileSync(file, "utf8"), { version: "1.1" })).to.deep.equal(document);
  });

  it("compares with a file, and says so where nothing changed", async () => {
    const file = path.join(folder, "contract.json");
    await openapi("--out", file);

    expect(await openapi("--against", file)).to.deep.equal({
      exitCode: 0,
      stdout: `The contract is the one of ${file}`,
      stderr: "",
    });
  });

  it("lists what is gone since a file, as text and as JSON", async () => {
    const file = path.join(folder, "old.json");
    const { stdout } = await openapi("--json");
    const document = JSON.parse(stdout) as { paths: Record<string, unknown> };
    document.paths["/gone"] = { get: { operationId: "gone", responses: {} } };
    writeFileSync(file, JSON.stringify(document));

    const text = await openapi("--against", file);
    const json = await openapi("--against", file, "--json");

    expect(text.stdout).to.contain("breaking    GET /gone  is gone");
    expect(JSON.parse(json.stdout)).to.deep.include({
      against: file,
      breaking: [{ operation: "GET /gone", what: "is gone" }],
      other: [],
    });
    // Whether that is refused is up to the project's config: test/local/openapi/report.test.ts.
    for (const { exitCode, stderr } of [text, json]) {
      expect(exitCode, stderr).to.equal(/^error: /m.test(stderr) ? 1 : 0);
    }
  });

  for (const [what, args, status, said] of [
    [
      "a revision that there is not",
      ["--against", "no-such-branch"],
      1,
      "git knows no such revision; name a file, or a branch",
    ],
    [
      "a file that is no document",
      ["--against", "package.json"],
      1,
      "package.json is no OpenAPI document of version 3.0; name one",
    ],
    [
      "two tasks at once",
      ["--check", "--against", "HEAD"],
      2,
      "--check and --against do not go together",
    ],
    ["a folder that is none", ["--out", "package.json/contract.json"], 1, "cannot be written"],
  ] as const) {
    it(`refuses ${what}, in one line`, async () => {
      const { exitCode, stderr, stdout } = await openapi(...args);

      expect([exitCode, stdout]).to.deep.equal([status, ""]);
      expect(stderr).to.contain(said).and.not.contain("    at ");
    });
  }
});

describe("the baseline of a revision", function () {
  this.timeout(30_000);
  let folder = "";
  const git = (...args: string[]) =>
    execa("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], { cwd: folder });
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "openapi-"));
    await git("init", "--quiet", "--initial-branch", "trunk");
    await git("commit", "--quiet", "--allow-empty", "--message", "none");
    await execa("mkdir", ["-p", "service/docs"], { cwd: folder });
    const document = { openapi: "3.0.1", info: { version: "1.0.0" }, paths: {} };
    writeFileSync(path.join(folder, "service/docs/openapi.json"), JSON.stringify(document));
    await git("add", ".");
    await git("commit", "--quiet", "--message", "one");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is the document that it has, also in a folder of a bigger repository", async () => {
    const { shown, document } = await readBaseline(path.join(folder, "service"), "trunk");

    expect(shown).to.match(/^trunk \([0-9a-f]{7}\)$/);
    expect(document?.info.version).to.equal("1.0.0");
  });

  it("is nothing where it had none", async () => {
    expect(await readBaseline(path.join(folder, "service"), "trunk^")).to.have.property(
      "document",
      undefined,
    );
  });

  it("is refused where what it had is no document", async () => {
    writeFileSync(path.join(folder, "service/docs/openapi.json"), "openapi: [");
    await git("commit", "--quiet", "--all", "--message", "broken");

    const { message } = await rejection(readBaseline(path.join(folder, "service"), "trunk"));

    expect(message).to.match(/docs\/openapi\.json is neither JSON nor YAML: [^\n]+$/);
  });
});
