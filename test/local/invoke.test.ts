import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { execa, type Options } from "execa";
import { describeFunction, readEvent } from "../../local/invoke/run.ts";
import type { Report } from "../../local/invoke/report.ts";
import { Refused } from "../../ops/support/refused.ts";
import { testConfig, TEST_PROJECT } from "../support/settings.ts";

const root = join(import.meta.dirname, "../..");

/** The command itself. With nothing on its path it builds no runtime client that is not there, and runs without. */
const invoke = (args: readonly string[], options: Options = {}) =>
  execa(process.execPath, ["--no-warnings", join(root, "local/invoke.ts"), ...args], {
    cwd: root,
    env: { PATH: "" },
    reject: false,
    ...options,
  });

describe("npm run invoke", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "invoke-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const refusal = async (file: string): Promise<string> => {
    const error: unknown = await readEvent(file).catch((error: unknown) => error);
    expect(error).to.be.instanceOf(Refused);
    return (error as Refused).message;
  };

  it("refuses a file that is not there, and names the samples", async () => {
    expect(await refusal("function/domain/events/none.json")).to.equal(
      "function/domain/events/none.json cannot be read (ENOENT); there are samples in function/domain/events/",
    );
  });

  it("refuses a file without JSON, with the reason in the same line", async () => {
    const file = join(folder, "event.json");
    await writeFile(file, "{ create }");

    expect(await refusal(file)).to.match(/event\.json holds no JSON: [^\n]+$/);
  });

  it("takes memory, timeout, names and variables from the stack's config", () => {
    const staging = describeFunction(testConfig("staging"));
    const production = describeFunction(testConfig("production"));

    expect(staging).to.include({ functionName: "ledger-function-staging", memoryMb: 384 });
    expect(production).to.include({ functionName: "ledger-function-production", memoryMb: 640 });
    expect(production.variables).to.include({
      ENVIRONMENT: "production",
      POWERTOOLS_METRICS_NAMESPACE: TEST_PROJECT,
    });
  });

  it("prints one JSON document for machines", async () => {
    const { stdout, exitCode } = await invoke(["function/domain/events/smoke.json", "--json"]);

    const { outcome, result, metrics, traces } = JSON.parse(String(stdout)) as Report;
    expect(exitCode).to.equal(0);
    expect(outcome).to.equal("response");
    expect(result).to.have.property("statusCode", 200);
    expect(metrics.map(({ name }) => name)).to.deep.equal(["ColdStart", "SuccessCount"]);
    expect(traces).to.have.length(1);
  });

  it("refuses a variable without a name as wrong usage", async () => {
    const { stderr, exitCode } = await invoke([
      "function/domain/events/create.json",
      "--env",
      "=x",
    ]);

    expect(exitCode).to.equal(2);
    expect(stderr).to.contain("must be NAME=value or NAME");
  });

  it("ends with status 1 and one line for a stack that there is not", async () => {
    const { stderr, exitCode } = await invoke([
      "function/domain/events/create.json",
      "--stack",
      "none",
    ]);

    expect(exitCode).to.equal(1);
    expect(stderr).to.match(/^error: stack "none" has no Pulumi\.none\.yaml[^\n]*$/);
  });

  it("runs again when the event changes, and ends on Ctrl-C", async () => {
    const file = join(folder, "event.json");
    await writeFile(file, `{"action":"create","data":{"name":"before"}}`);
    const watching = invoke([file, "--watch"], { all: true, buffer: false });

    const seen: string[] = [];
    for await (const line of watching.iterable({ from: "all" })) {
      seen.push(String(line));
      if (!String(line).startsWith("Waiting for a change")) continue;
      if (seen.join().includes("after")) watching.kill("SIGINT");
      else await writeFile(file, `{"action":"create","data":{"name":"after"}}`);
    }

    expect(seen.join()).to.contain("before").and.contain("after");
    expect((await watching).exitCode).to.equal(130);
  });
});
