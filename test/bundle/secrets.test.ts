import { randomUUID } from "node:crypto";
import { expect } from "chai";
import type { Sandbox } from "local-aws/lambda/sandbox.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { awsCalls, type Service } from "../../function/platform/aws/call.ts";
import { unsampled } from "../../function/platform/tracing.ts";
import { type Bundle, bundleHandler } from "../../infra/function/bundle.ts";
import { OWN_FEATURES } from "../../infra/function/features.ts";
import { describeInRuntimeClient, parsedLines, start } from "./support.ts";

const MANAGER: Service = {
  name: "secretsmanager",
  target: "secretsmanager",
  json: "1.1",
  endpointVariable: "-",
};
const STORE: Service = { name: "ssm", target: "AmazonSSM", json: "1.1", endpointVariable: "-" };

describe("the shipped bundle", () => {
  it("has nothing of secrets, nor of calls to AWS, as long as handler.ts does not import them", async () => {
    // A table that config turns on makes calls of its own.
    const features = { ...OWN_FEATURES, api: false, database: false };
    const { metafile } = await bundleHandler({ features });
    const inputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));
    expect(inputs.filter((file) => /secrets|platform\/aws|node:https?\b/.test(file))).to.deep.equal(
      [],
    );
  });
});

describeInRuntimeClient("a handler with secrets", () => {
  const account = useEmulator();
  const password = `correct horse ${randomUUID()}`;
  const limit = `parameter ${randomUUID()}`;
  const names = {
    bank: `ledger/${randomUUID()}/bank`,
    limit: `/ledger/${randomUUID()}/limit`,
    absent: "ledger/staging/absent",
  };
  let bundle: Bundle;
  let sandbox: Sandbox;

  const aws = (service: Service, operation: string, input: object) =>
    awsCalls(account().environment)({
      service,
      operation,
      input,
      signal: AbortSignal.timeout(10_000),
      trace: unsampled(),
    });
  const invoke = async (event: object) => {
    sandbox.lines.length = 0;
    sandbox.daemon.datagrams.length = 0;
    return sandbox.invoke(JSON.stringify(event));
  };

  before(async function () {
    this.timeout(30_000);
    bundle = await bundleHandler({ entryPoint: "test/bundle/fixtures/secret-handler.ts" });
    await aws(MANAGER, "CreateSecret", { Name: names.bank, SecretString: password });
    await aws(STORE, "PutParameter", { Name: names.limit, Value: limit, Type: "SecureString" });
    sandbox = await start({
      code: bundle.code,
      variables: { ...account().environment, SECRETS: JSON.stringify(names) },
    });
  });
  after(() => sandbox.stop());

  it("gets them from Secrets Manager and from Parameter Store", async () => {
    for (const [key, value] of [
      ["bank", password],
      ["limit", limit],
    ] as const) {
      const outcome = await invoke({ key });
      expect(outcome).to.deep.include({ kind: "response" });
      expect(JSON.stringify(outcome)).to.contain(String(value.length));
    }
  });

  // Read, logged under a harmless name and thrown by a driver: in the log, the trace, the answer and the metrics.
  for (const and of [undefined, "log", "throw", "take"] as const) {
    it(`shows no value anywhere when the domain means to ${and ?? "do nothing"} with it`, async () => {
      const outcome = await invoke({ key: "bank", and });
      expect(outcome.kind).to.equal(and === "throw" || and === "take" ? "error" : "response");
      const written = [JSON.stringify(outcome), ...sandbox.lines, ...sandbox.daemon.datagrams].join(
        "\n",
      );
      expect(sandbox.lines).not.to.be.empty;
      expect(sandbox.daemon.datagrams).not.to.be.empty;
      expect(written).not.to.contain(password);
      if (and !== undefined) expect(written).to.contain("[secret]");
    });
  }

  it("works on with the new value after a rotation", async () => {
    await aws(MANAGER, "PutSecretValue", {
      SecretId: names.bank,
      SecretString: `${password} taken`,
    });
    expect(await invoke({ key: "bank", and: "take" })).to.deep.include({ kind: "response" });
  });

  it("says in the log, and to nobody else, which key of the config is wrong", async () => {
    const outcome = await invoke({ key: "absent" });
    const lines = JSON.stringify(parsedLines(sandbox));
    expect(outcome.kind).to.equal("error");
    expect(JSON.stringify(outcome)).not.to.contain(names.absent);
    expect(lines).to.contain(names.absent).and.contain("secrets.absent");
  });
});
