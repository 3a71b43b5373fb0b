import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { execa, type Options } from "execa";
import { createDomain } from "../../function/domain/index.ts";
import { eventFile, readEvent, sampleNames } from "../../local/invoke/event.ts";
import { ownFunctions } from "../../infra/own/functions.ts";
import { SECOND } from "../support/second-function.ts";
import { describeFunction } from "../../local/invoke/run.ts";
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

  it("refuses what is neither a file nor a sample, and names the samples", async () => {
    expect(await refusal("none")).to.equal(
      `none is neither a file nor a sample event; name a file, or one of the samples: ${(await sampleNames()).join(", ")}`,
    );
  });

  it("takes a sample by its name, and anything else as a path", async () => {
    await mkdir(join(folder, "bad"));
    await writeFile(join(folder, "bad/one.json"), "{}");

    expect(await sampleNames(folder)).to.deep.equal(["bad/one"]);
    expect(await eventFile("bad/one", folder)).to.equal(join(folder, "bad/one.json"));
    expect(await eventFile("bad/one.json", folder)).to.equal("bad/one.json");
  });

  it("refuses a file without JSON, with the reason in the same line", async () => {
    const file = join(folder, "event.json");
    await writeFile(file, "{ create }");

    expect(await refusal(file)).to.match(/event\.json holds no JSON: [^\n]+$/);
  });

  it("takes memory, timeout, names and variables from the stack's config", () => {
    const staging = describeFunction(testConfig("staging")).description;
    const production = describeFunction(testConfig("production")).description;

    expect(staging).to.include({ functionName: "ledger-function-staging", memoryMb: 384 });
    expect(production).to.include({ functionName: "ledger-function-production", memoryMb: 640 });
    expect(production.variables).to.include({
      ENVIRONMENT: "production",
      POWERTOOLS_METRICS_NAMESPACE: TEST_PROJECT,
    });
  });

  it("takes another function's memory, timeout, names, variables and code", () => {
    const { description, build } = describeFunction(testConfig("staging"), SECOND);
    expect(description).to.include({
      functionName: "ledger-statements-function-staging",
      memoryMb: 768,
      timeoutSeconds: 60,
    });
    expect(description.variables).to.include({
      SERVICE_NAME: "ledger-statements",
      ARCHIVE: "ledger-archive-staging",
    });
    expect(build).to.deep.equal({ entryPoint: SECOND.entryPoint });
  });

  it("says which functions there are when it knows none of that name", async () => {
    const { stderr, exitCode } = await invoke(["any", "--function", "nosuch"]);
    expect([exitCode, stderr]).to.deep.equal([
      1,
      `error: --function nosuch: infra/own/functions.ts has no such function; ${
        ownFunctions.length === 0
          ? "leave it out: there is none but the service's own"
          : `name one of ${ownFunctions.map(({ name }) => name).join(", ")}`
      }`,
    ]);
  });

  it("prints one JSON document for machines", async () => {
    const [name = ""] = await sampleNames();
    const { stdout } = await invoke([name, "--json"]);

    const { outcome, metrics, traces } = JSON.parse(String(stdout)) as Report;
    expect(outcome).to.be.oneOf(["response", "error"]);
    expect(metrics.map(({ name }) => name)).to.include("ColdStart");
    expect(traces).to.have.length(1);
  });

  it("uses a table that is named as a variable, whatever the config has", async () => {
    const asked: unknown[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers["x-amz-target"]);
      request.resume().on("end", () => response.end("{}"));
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    const variables = {
      TABLE_NAME: "parcels",
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "b",
    };
    const env = Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    const file = join(folder, "event.json");
    await writeFile(file, JSON.stringify(createDomain().sample));
    try {
      const { exitCode } = await invoke([file, ...env]);

      expect(exitCode).to.equal(0);
      expect(asked).to.include("DynamoDB_20120810.PutItem");
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it("refuses a variable without a name as wrong usage", async () => {
    const { stderr, exitCode } = await invoke(["any", "--env", "=x"]);

    expect(exitCode).to.equal(2);
    expect(stderr).to.contain("must be NAME=value or NAME");
  });

  it("ends with status 1 and one line for a stack that there is not", async () => {
    const { stderr, exitCode } = await invoke([(await sampleNames())[0] ?? "", "--stack", "none"]);

    expect(exitCode).to.equal(1);
    expect(stderr).to.match(/^error: stack "none" has no Pulumi\.none\.yaml[^\n]*$/);
  });

  it("runs again when the event changes, and ends on Ctrl-C", async () => {
    const file = join(folder, "event.json");
    // Without a name the correlation id shows which event ran, whatever the domain makes of it.
    const event = (correlationId: string) =>
      JSON.stringify({ ...(createDomain().sample as object), correlationId });
    await writeFile(file, event("before"));
    const watching = invoke([file, "--watch"], { all: true, buffer: false });

    const seen: string[] = [];
    for await (const line of watching.iterable({ from: "all" })) {
      seen.push(String(line));
      if (!String(line).startsWith("Waiting for a change")) continue;
      if (seen.join().includes("after")) watching.kill("SIGINT");
      else await writeFile(file, event("after"));
    }

    expect(seen.join()).to.contain("before").and.contain("after");
    expect((await watching).exitCode).to.equal(130);
  });
});
