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
  const { fetch } = globalThis;
  const { NODE_OPTIONS } = process.env;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "engine-download-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
    globalThis.fetch = fetch;
    if (NODE_OPTIONS === undefined) delete process.env["NODE_OPTIONS"];
    else process.env["NODE_OPTIONS"] = NODE_OPTIONS;
  });

  /** Lets the vendor's host answer with this script, here and in the process that installs. */
  const vendorAnswers = (script: string) => {
    const hook = path.join(folder, "vendor.mjs");
    writeFileSync(
      hook,
      `globalThis.fetch = async () => new Response(${JSON.stringify(script)});\n`,
    );
    globalThis.fetch = async () => new Response(script);
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

    expect(message).to.match(/^the download failed: /);
  });
});
