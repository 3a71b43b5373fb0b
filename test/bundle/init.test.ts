/** What loading the bundle and one event may cost is measured by the benchmark; what they must not touch is held here. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { execa } from "execa";
import { createDomain } from "../../function/domain/index.ts";
import { bundleHandler } from "../../infra/function/bundle.ts";
import { OWN_FEATURES } from "../../infra/function/features.ts";

/** Loads the handler as Lambda's client does, after what that has loaded, and notes what comes on top. */
const RECORDER = `
  import { readFileSync, writeFileSync } from "node:fs";
  process.getBuiltinModule("node:http");
  const opened = [];
  for (const stream of ["stdout", "stderr"]) {
    Object.defineProperty(process, stream, { get: () => opened.push(stream) && undefined });
  }
  const before = new Set(process.moduleLoadList);
  const { handler } = await import(process.argv[1]);
  const context = { awsRequestId: "r-1", getRemainingTimeInMillis: () => 3000 };
  const { statusCode } = await handler(JSON.parse(process.argv[2]), context);
  const loaded = process.moduleLoadList.filter((name) => !before.has(name));
  writeFileSync(process.argv[3], JSON.stringify({ statusCode, opened, loaded }));
`;

interface Recorded {
  readonly statusCode: number;
  readonly opened: readonly string[];
  readonly loaded: readonly string[];
}

describe("loading the bundle and handling an event", () => {
  let folder: string;
  let lines: readonly string[];
  let recorded: Recorded;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "init-"));
    const module = join(folder, "index.mjs");
    const report = join(folder, "report.json");
    // Whatever the project's own config turns on.
    const features = { ...OWN_FEATURES, api: false, database: false };
    await writeFile(module, (await bundleHandler({ features })).code);
    const sample = JSON.stringify(createDomain().sample);
    const env = {
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:2000",
      _X_AMZN_TRACE_ID:
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
    };
    const { stdout } = await execa(
      process.execPath,
      ["--input-type=module", "-e", RECORDER, module, sample, report],
      { env, extendEnv: false },
    );
    lines = stdout.split("\n");
    recorded = JSON.parse(await readFile(report, "utf8")) as Recorded;
  });
  after(() => rm(folder, { recursive: true }));

  it("writes its lines", () => {
    expect(recorded.statusCode).to.equal(200);
    expect(lines).to.have.length(2);
  });

  it("opens neither stdout nor stderr, which Powertools' consoles would", () => {
    expect(recorded.opened).to.deep.equal([]);
  });

  it("loads of Node what a socket for traces needs, and nothing else", () => {
    const needed =
      /dgram|udp_wrap|cluster|child_process|process_wrap|spawn_sync|tty_wrap|socket_list/;
    const further = recorded.loaded.filter((name) => !needed.test(name));

    expect(further).to.deep.equal([]);
    expect(recorded.loaded).to.include("NativeModule dgram");
  });
});
