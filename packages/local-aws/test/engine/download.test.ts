import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { resolveEngine } from "../../engine/resolve.ts";
import { machineSources } from "../../engine/sources.ts";
import { ENGINE_VERSION } from "../../engine/version.ts";
import { silent } from "../../progress.ts";
import { failure } from "../support/failure.ts";

/** What the vendor's script does, as far as the installer relies on it. */
const installScript = `#!/bin/sh
while [ "$1" != --install-root ]; do shift; done
mkdir -p "$2/bin"
printf '#!/bin/sh\\necho v%s\\n' "$4" > "$2/bin/pulumi"
chmod +x "$2/bin/pulumi"
echo "$*" > "$2/arguments"
`;

describe("the official download", () => {
  let folder: string;
  const VARIABLES = ["NODE_OPTIONS", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"];
  let before: Readonly<Record<string, string | undefined>>;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "engine-download-"));
    before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));
    for (const name of VARIABLES.slice(1)) delete process.env[name];
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  /** Lets the vendor's host answer with this script in the process that installs. */
  const vendorAnswers = (script: string) => {
    const hook = path.join(folder, "vendor.mjs");
    writeFileSync(
      hook,
      `globalThis.fetch = async () => new Response(${JSON.stringify(script)});\n`,
    );
    process.env["NODE_OPTIONS"] = `--import ${pathToFileURL(hook).href}`;
  };

  it("installs the pinned version where the host answers", async () => {
    vendorAnswers(installScript);
    const engine = await resolveEngine({
      folder: path.join(folder, "engine"),
      sources: { ...machineSources(silent), versionOnPath: async () => undefined },
    });

    expect([engine.from, engine.version]).to.deep.equal(["cache", ENGINE_VERSION]);
    expect(readFileSync(path.join(folder, "engine", "arguments"), "utf8")).to.contain(
      `--version ${ENGINE_VERSION}`,
    );
  });

  it("counts as failed, with the reason, when the installer fails", async () => {
    vendorAnswers("#!/bin/sh\necho 'no space left' >&2\nexit 1\n");
    const message = await failure(machineSources(silent).download(path.join(folder, "engine")));

    expect(message).to.match(/^the download failed: .*no space left/);
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

    expect(new Set(asked)).to.deep.equal(new Set(["get.pulumi.com:443"]));
    expect(message).to.equal(
      `the download failed: get.pulumi.com cannot be reached through the proxy 127.0.0.1:${port}`,
    );
  });
});
