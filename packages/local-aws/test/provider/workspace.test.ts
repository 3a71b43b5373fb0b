import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { inWorkspace, writeProject } from "../../provider/workspace.ts";
import { failure } from "../support/failure.ts";

describe("the folder of an offline run", () => {
  let root: string;
  const runs = () => path.join(root, ".cache", "offline");

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "workspace-"));
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it("is removed when the work is done, and when it failed", async () => {
    const folder = await inWorkspace(root, async (workspace) => {
      expect(existsSync(workspace.state)).to.equal(true);
      return workspace.folder;
    });
    const message = await failure(
      inWorkspace(root, () => {
        throw new Error("no luck");
      }),
    );

    expect(message).to.equal("no luck");
    expect(existsSync(folder)).to.equal(false);
    expect(readdirSync(runs())).to.deep.equal([]);
  });

  it("is never shared", async () => {
    await inWorkspace(root, (one) =>
      inWorkspace(root, async (two) => {
        expect(one.folder).to.not.equal(two.folder);
        expect(one.env["PULUMI_HOME"]).to.not.equal(two.env["PULUMI_HOME"]);
        expect(one.env["PULUMI_BACKEND_URL"]).to.not.equal(two.env["PULUMI_BACKEND_URL"]);
      }),
    );
  });

  it("clears away what killed runs left, and nothing of runs that live", async () => {
    // No process has this id: it is above the largest that Linux gives.
    const killed = path.join(runs(), "4194305-abc");
    const alive = path.join(runs(), `${process.pid}-abc`);
    mkdirSync(killed, { recursive: true });
    mkdirSync(alive);
    await inWorkspace(root, async () => {
      expect(existsSync(killed)).to.equal(false);
      expect(existsSync(alive)).to.equal(true);
    });
  });

  it("holds a copy of the project without what only the real stack can use", async () => {
    const source = "name: demo\nruntime: nodejs\nmain: index.ts\ntemplate: { displayName: Demo }\n";
    writeFileSync(path.join(root, "Pulumi.yaml"), source);
    const config = {
      project: "demo",
      stack: "staging",
      values: {},
      stackValues: { "demo:size": 4 },
    };
    await inWorkspace(root, async (workspace) => {
      const folder = writeProject(workspace, root, config);
      const read = (file: string) => readFileSync(path.join(folder, file), "utf8");

      expect(read("Pulumi.yaml")).to.contain("name: demo").and.not.contain("template");
      expect(read("Pulumi.staging.yaml")).to.equal("config:\n  demo:size: 4\n");
    });
    expect(readFileSync(path.join(root, "Pulumi.yaml"), "utf8")).to.equal(source);
  });
});
