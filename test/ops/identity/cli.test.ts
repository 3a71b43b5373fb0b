import { mkdtemp, readFile, rm, watch, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { openCli } from "../../../ops/identity/cli.ts";
import { openTerminal } from "../../../ops/support/terminal.ts";

/** Stands for the CLI in an update: it stops in order at the first interruption, and counts them. */
const SCRIPT = `#!/usr/bin/env node
const { writeFileSync } = require("node:fs");
let interruptions = 0;
process.on("SIGINT", () => {
  interruptions += 1;
  setTimeout(() => { writeFileSync("stopped", String(interruptions)); process.exit(1); }, 200);
});
setInterval(() => {}, 1000);
writeFileSync("started", process.argv.slice(2).join(" "));
`;

describe("the Pulumi CLI of the identity command", () => {
  it("is interrupted once, and is waited for while it stops in order", async () => {
    const root = await mkdtemp(join(tmpdir(), "cli-"));
    try {
      const command = join(root, "pulumi");
      await writeFile(command, SCRIPT, { mode: 0o755 });
      const interrupted = new AbortController();
      const cli = await openCli({
        root,
        command,
        terminal: openTerminal(),
        signal: interrupted.signal,
      });
      const changes = watch(root);
      const ended = cli.read(["up", "--stack", "production"], interrupted.signal);
      for await (const { filename } of changes) if (filename === "started") break;
      interrupted.abort();
      expect((await ended).failed).to.equal(true);
      expect(await readFile(join(root, "stopped"), "utf8")).to.equal("1");
      expect(await readFile(join(root, "started"), "utf8")).to.equal(
        "up --stack production --non-interactive",
      );
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});
