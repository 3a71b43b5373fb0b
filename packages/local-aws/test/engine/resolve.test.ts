import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { resolveEngine } from "../../engine/resolve.ts";
import { type Sources, Unavailable } from "../../engine/sources.ts";
import { ENGINE_VERSION } from "../../engine/version.ts";
import { LocalAwsError } from "../../errors.ts";
import type { Progress } from "../../progress.ts";
import { failure } from "../support/failure.ts";

/** Puts something there that answers like the engine's `version` command. */
function install(bin: string, version = ENGINE_VERSION): void {
  mkdirSync(bin, { recursive: true });
  writeFileSync(path.join(bin, "pulumi"), `#!/bin/sh\necho v${version}\n`);
  chmodSync(path.join(bin, "pulumi"), 0o755);
}

const unavailable = (reason: string) => () => Promise.reject(new Unavailable(reason));

describe("resolving the engine", () => {
  let cache: string;
  let folder: string;
  const said: string[] = [];
  const progress: Progress = (message, state) => {
    if (state === undefined) said.push(message);
  };
  const { PATH } = process.env;

  beforeEach(() => {
    cache = mkdtempSync(path.join(tmpdir(), "engine-resolve-"));
    folder = path.join(cache, "engine");
    said.length = 0;
  });

  afterEach(() => {
    rmSync(cache, { recursive: true });
    if (PATH !== undefined) process.env["PATH"] = PATH;
  });

  const nowhere: Sources = {
    versionOnPath: async () => undefined,
    download: unavailable("get.pulumi.com did not answer within 5 s"),
    build: unavailable("Go is not installed"),
  };
  const resolve = (sources: Partial<Sources>) =>
    resolveEngine({ progress, folder, sources: { ...nowhere, ...sources } });

  it("takes the pulumi on PATH when it fits, and fetches nothing", async () => {
    install(path.join(cache, "bin"), "3.300.0");
    process.env["PATH"] = [path.join(cache, "bin"), PATH].join(path.delimiter);
    const engine = await resolve({ versionOnPath: async () => "3.300.0" });

    expect([engine.from, engine.version]).to.deep.equal(["path", "3.300.0"]);
    expect(said).to.deep.equal([]);
  });

  it("downloads the pinned one once where none is on PATH", async () => {
    let downloads = 0;
    const download = async (into: string) => {
      downloads += 1;
      install(path.join(into, "bin"));
    };
    const first = await resolve({ download });
    const second = await resolve({ download });

    expect([first.from, first.version]).to.deep.equal(["cache", ENGINE_VERSION]);
    expect(second.command.command).to.equal(path.join(folder, "bin", "pulumi"));
    expect(downloads).to.equal(1);
  });

  it("builds where the download is unavailable", async () => {
    const engine = await resolve({ build: async (into) => install(path.join(into, "bin")) });

    expect(engine.from).to.equal("cache");
  });

  it("passes over a pulumi on PATH that is too old, and says so", async () => {
    const engine = await resolve({
      versionOnPath: async () => "3.100.0",
      download: async (into) => install(path.join(into, "bin")),
    });

    expect(engine.from).to.equal("cache");
    expect(said.join("\n")).to.contain("the pulumi on PATH is 3.100.0");
  });

  it("refuses with every reason and the remedy where there is no way to one", async () => {
    const message = await failure(resolve({}));

    expect(message).to.equal(
      `no Pulumi engine: no pulumi on PATH; get.pulumi.com did not answer within 5 s; Go is not installed; install pulumi ${ENGINE_VERSION} (https://www.pulumi.com/docs/install) or Go (https://go.dev/dl), and run this again`,
    );
  });

  it("is a refusal to the commands, and a defect of ours stays one", async () => {
    const refusal = await resolve({}).catch((error: unknown) => error);
    const defect = await resolve({
      download: () => Promise.reject(new TypeError("not a function")),
    }).catch((error: unknown) => error);

    expect(refusal).to.be.instanceOf(LocalAwsError);
    expect(defect).to.be.instanceOf(TypeError);
  });
});
