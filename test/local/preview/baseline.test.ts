import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { gitIn } from "../../../local/git.ts";
import { extract } from "../../../local/preview/baseline.ts";

describe("another revision of the project", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "baseline-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  for (const [what, folderOfProject] of [
    ["the repository itself", "."],
    ["a folder of a bigger repository", "services/orders"],
  ] as const) {
    it(`is taken out of git where the project is ${what}`, async () => {
      const project = path.join(folder, "repository", folderOfProject);
      const scratch = path.join(folder, "scratch");
      mkdirSync(project, { recursive: true });
      mkdirSync(scratch);
      writeFileSync(path.join(project, "Pulumi.yaml"), "name: before\n");
      const git = gitIn(project);
      await gitIn(path.join(folder, "repository"))("init", "--quiet");
      await git("add", "--all");
      await git("config", "user.name", "Test");
      await git("config", "user.email", "test@example.com");
      await git("commit", "--quiet", "--message", "Before");
      writeFileSync(path.join(project, "Pulumi.yaml"), "name: after\n");

      const extracted = await extract(git, await git("rev-parse", "HEAD"), scratch);

      expect(readdirSync(extracted)).to.deep.equal(["Pulumi.yaml"]);
      expect(readFileSync(path.join(extracted, "Pulumi.yaml"), "utf8")).to.equal("name: before\n");
    });
  }
});
