import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { downloadEngine, officialArchive } from "../../engine/download.ts";
import { machineSources } from "../../engine/sources.ts";
import { ENGINE_VERSION } from "../../engine/version.ts";
import { silent } from "../../progress.ts";
import { failure } from "../support/failure.ts";

describe("the official download", () => {
  let folder: string;
  const { fetch } = globalThis;
  const VARIABLES = ["NODE_OPTIONS", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"];
  let before: Readonly<Record<string, string | undefined>>;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "engine-download-"));
    before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));
    for (const name of VARIABLES.slice(1)) delete process.env[name];
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
    globalThis.fetch = fetch;
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  /** An archive as Pulumi publishes it. */
  function published(): Buffer {
    const inside = path.join(folder, "vendor/pulumi");
    mkdirSync(inside, { recursive: true });
    writeFileSync(path.join(inside, "pulumi"), "#!/bin/sh\necho the engine\n");
    chmodSync(path.join(inside, "pulumi"), 0o755);
    const archive = path.join(folder, "vendor.tar.gz");
    execFileSync("tar", ["-czf", archive, "-C", path.dirname(inside), "pulumi"]);
    return readFileSync(archive);
  }

  /** Lets the host answer with this, here and in the process that installs. */
  const hostAnswers = (content: Buffer, status = 200) => {
    const hook = path.join(folder, "host.mjs");
    const body = JSON.stringify(content.toString("base64"));
    writeFileSync(
      hook,
      `globalThis.fetch = async () => new Response(Buffer.from(${body}, "base64"), { status: ${status} });\n`,
    );
    process.env["NODE_OPTIONS"] = `--import ${pathToFileURL(hook).href}`;
    globalThis.fetch = async () => new Response(content, { status });
  };

  const engine = () => path.join(folder, "engine");
  const archive = { name: "pulumi.tar.gz", url: "https://vendor.example/pulumi.tar.gz" };

  it("installs what has the expected checksum", async () => {
    const content = published();
    hostAnswers(content);
    const sha256 = createHash("sha256").update(content).digest("hex");
    await downloadEngine(engine(), { ...archive, sha256 });
    const { NODE_OPTIONS: _, ...env } = process.env;
    expect(execFileSync(path.join(engine(), "bin/pulumi"), { env }).toString()).to.equal(
      "the engine\n",
    );
    expect(existsSync(path.join(engine(), archive.name))).to.equal(false);
  });

  it("leaves nothing of what has another", async () => {
    hostAnswers(published());
    const sha256 = "0".repeat(64);
    const message = await failure(downloadEngine(engine(), { ...archive, sha256 }));
    expect(message).to.match(
      /pulumi\.tar\.gz has the checksum [0-9a-f]{64}, and checksums.txt says 0{64}$/,
    );
    expect(existsSync(engine())).to.equal(false);
  });

  it("takes nothing on trust: each pinned archive has a checksum, or is not downloaded", async () => {
    for (const [platform, architecture] of [
      ["linux", "x64"],
      ["linux", "arm64"],
      ["darwin", "x64"],
      ["darwin", "arm64"],
    ]) {
      const { sha256, url } = await officialArchive(platform, architecture);
      expect(sha256).to.match(/^[0-9a-f]{64}$/);
      expect(url).to.include(`/v${ENGINE_VERSION}/pulumi-v${ENGINE_VERSION}-`);
    }
    expect(await failure(officialArchive("win32", "x64"))).to.match(/has no checksum of/);
  });

  it("counts as failed, with the reason, when it is another one", async () => {
    hostAnswers(published());
    const message = await failure(machineSources(silent).download(engine()));
    expect(message).to.match(/^the download failed: pulumi-v.* has the checksum/);
    expect(existsSync(engine())).to.equal(false);
  });

  it("says what the host answered", async () => {
    hostAnswers(Buffer.from("gone"), 404);
    expect(await failure(downloadEngine(engine(), { ...archive, sha256: "0" }))).to.equal(
      `${archive.url} answered 404`,
    );
  });

  it("goes through the proxy that the environment names", async () => {
    const asked: string[] = [];
    const proxy = createServer().on("connect", (request, socket) => {
      asked.push(String(request.url));
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const { port } = proxy.address() as AddressInfo;
    for (const name of ["https_proxy", "HTTPS_PROXY"]) {
      process.env[name] = `http://user:secret@127.0.0.1:${port}`;
    }

    const message = await failure(machineSources(silent).download(path.join(folder, "engine")));
    proxy.close();

    expect(new Set(asked)).to.deep.equal(new Set(["github.com:443"]));
    expect(message).to.equal(
      `the download failed: github.com cannot be reached through the proxy 127.0.0.1:${port}`,
    );
  });
});
