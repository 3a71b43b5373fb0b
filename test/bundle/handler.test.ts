import { readFileSync } from "node:fs";
import { expect } from "chai";
import { createDomain } from "../../function/domain/index.ts";
import type { HttpResponse } from "../../function/platform/response.ts";
import { bundleHandler } from "../../infra/function/bundle.ts";
import { Sandbox, type SandboxOutcome } from "local-aws/lambda/sandbox.ts";
import { describeInRuntimeClient, description, parsedLines, start } from "./support.ts";

/** An event of the shipped domain, whatever that is. */
const { sample } = createDomain();
const event = JSON.stringify(sample);

const REFUSED = { errorType: "RefusedInvocationError" };

function response(outcome: SandboxOutcome): HttpResponse {
  if (outcome.kind !== "response") throw new Error(JSON.stringify(outcome));
  return JSON.parse(outcome.body) as HttpResponse;
}

/** The error that Lambda hands to the caller. */
function failure(outcome: SandboxOutcome): Record<string, unknown> {
  if (outcome.kind !== "error") throw new Error(JSON.stringify(outcome));
  return JSON.parse(outcome.body) as Record<string, unknown>;
}

describeInRuntimeClient("the built bundle", () => {
  let sandbox: Sandbox;
  before(async () => {
    const { code } = await bundleHandler();
    sandbox = await start({ code });
  });
  after(() => sandbox.stop());

  it("has written and sent nothing while it was primed", () => {
    expect(sandbox.lines).to.deep.equal([]);
    expect(sandbox.daemon.datagrams).to.deep.equal([]);
  });

  it("answers its first call, which is a cold start in log, metric and trace", async () => {
    const { statusCode } = response(await sandbox.invoke(event, { requestId: "r-1" }));

    expect(statusCode).to.equal(200);
    const [log, metric] = parsedLines(sandbox);
    expect(log).to.include({ level: "INFO", cold_start: true, function_request_id: "r-1" });
    expect(metric).to.include({ ColdStart: 1, SuccessCount: 1, service: "lambda" });
    expect(sandbox.daemon.documents[0]?.annotations).to.include({ ColdStart: true });
  });

  it("answers its next call warm", async () => {
    sandbox.lines.length = 0;

    await sandbox.invoke(event);

    const [log, metric] = parsedLines(sandbox);
    expect(log).to.include({ cold_start: false });
    expect(metric).not.to.have.property("ColdStart");
  });

  it("refuses 6 MB", async () => {
    const payload = JSON.stringify({ ...(sample as object), blob: "x".repeat(6_000_000) });

    expect(failure(await sandbox.invoke(payload))).to.include(REFUSED);
  });

  it("refuses a key __proto__ and deep nesting", async () => {
    const deep = "[".repeat(50_000) + "]".repeat(50_000);
    for (const value of [`{"__proto__":{}}`, deep]) {
      const outcome = await sandbox.invoke(event.replace("{", `{"further":${value},`));

      expect(failure(outcome)).to.include(REFUSED);
    }
  });

  it("sends no trace of a call that is not sampled", async () => {
    sandbox.daemon.datagrams.length = 0;

    await sandbox.invoke(event, { sampled: false });
    await sandbox.invoke(event, { requestId: "sampled" });

    expect(sandbox.daemon.documents).to.have.length(1);
  });

  it("keeps its memory flat over a thousand calls", async () => {
    const residentMb = (): number =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${sandbox.pid}/status`, "utf8"))?.[1]) /
      1024;
    for (let call = 0; call < 200; call++) await sandbox.invoke(event);
    const beforeMb = residentMb();

    for (let call = 0; call < 1000; call++) await sandbox.invoke(event);

    expect(residentMb() - beforeMb).to.be.below(5);
  });
});

describeInRuntimeClient("a failing dependency", () => {
  let code: string;
  let sandbox: Sandbox;
  before(async () => {
    ({ code } = await bundleHandler({ entryPoint: "test/bundle/fixtures/word-handler.ts" }));
    sandbox = await start({ code });
  });
  after(() => sandbox.stop());

  const wordEvent = (word: string) => JSON.stringify({ word });

  it("is no refused event, whose invocation fails with what is wrong about it", async () => {
    expect(failure(await sandbox.invoke("{}", { requestId: "r-0" }))).to.include({
      ...REFUSED,
      errorMessage: "Event refused, correlation id r-0: word must be a string",
    });
    expect(JSON.stringify(sandbox.lines)).to.contain('errorType\\":\\"RefusedInvocationError');
  });

  it("fails the invocation, with nothing in it but where to look", async () => {
    const error = failure(await sandbox.invoke(wordEvent("throw"), { requestId: "r-1" }));

    const message = "Internal error (TypeError), correlation id r-1";
    expect(error).to.deep.equal({
      errorType: "InternalError",
      errorMessage: message,
      trace: [`InternalError: ${message}`],
    });
    const log = parsedLines(sandbox).find(({ message }) => message === "Event failed");
    expect(JSON.stringify(log)).to.contain("db-7.internal");
    // What the runtime itself logs of it, by the name of its class.
    expect(JSON.stringify(sandbox.lines)).to.contain('errorType\\":\\"InternalError');
  });

  it("answers an HTTP front with 500", async () => {
    const { requestContext, headers, body } = {
      requestContext: { http: { method: "POST" } },
      headers: {},
      body: wordEvent("throw"),
    };

    const outcome = await sandbox.invoke(JSON.stringify({ requestContext, headers, body }));

    expect(response(outcome)).to.include({ statusCode: 500 });
    expect(response(outcome).body).not.to.contain("db-7");
  });

  it("ends a margin before Lambda's timeout, logged and counted", async () => {
    sandbox.lines.length = 0;

    // A margin of a tenth, 300 ms: enough to log and answer in, also on a busy machine.
    const error = failure(await sandbox.invoke(wordEvent("hang"), { timeoutMs: 3000 }));

    expect(error).to.include({ errorType: "InternalError" });
    const lines = JSON.stringify(parsedLines(sandbox));
    expect(lines).to.contain("DeadlineError").and.contain('"ErrorCount":1');
  });

  it("may end the process, which is an invocation that failed", async () => {
    const own = await start({ code });
    const outcome = await own.invoke(wordEvent("exit"));
    await own.stop();

    expect(outcome).to.deep.equal({ kind: "exit", reason: "exited with status 7" });
  });
});

describeInRuntimeClient("without an X-Ray daemon", () => {
  it("the built bundle answers all the same", async () => {
    const { code } = await bundleHandler();
    // Port 9 refuses, so that the second send meets the error of the first.
    const sandbox = await start({ code, variables: { AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:9" } });

    const outcomes = [await sandbox.invoke(event), await sandbox.invoke(event)];
    await sandbox.stop();

    expect(outcomes.map((outcome) => response(outcome).statusCode)).to.deep.equal([200, 200]);
  });
});

describe("the built bundle, in a plain Node process", () => {
  it("answers, refuses and fails as in AWS's runtime client", async () => {
    const { code } = await bundleHandler({
      entryPoint: "test/bundle/fixtures/word-handler.ts",
    });
    const sandbox = await Sandbox.start({ code, description });

    const refused = await sandbox.invoke("{}");
    const failed = await sandbox.invoke(`{"word":"throw"}`);
    await sandbox.stop();

    expect(failure(refused)).to.include(REFUSED);
    expect(failure(failed)).to.include({ errorType: "InternalError" });
  });
});
