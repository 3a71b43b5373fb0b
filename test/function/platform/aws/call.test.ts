import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { type AwsCall, type AwsError, awsCalls } from "../../../../function/platform/aws/call.ts";
import { unsampled } from "../../../../function/platform/tracing.ts";

const SERVICE = {
  name: "secretsmanager",
  target: "secretsmanager",
  json: "1.1",
  endpointVariable: "AWS_ENDPOINT_URL_SECRETS_MANAGER",
} as const;

interface Received {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

type Script = { readonly status: number; readonly body: string } | "hang" | "cut";

/** A server that answers by a script, its last line for all that come after. */
async function serving<T>(
  script: readonly Script[],
  work: (url: string, received: readonly Received[]) => Promise<T>,
): Promise<T> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const step = script[Math.min(received.length, script.length - 1)];
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      if (step === "hang" || step === undefined) return;
      if (step === "cut") request.socket.destroy();
      else {
        response.writeHead(step.status, { "x-amzn-requestid": "request-1" });
        response.end(step.body);
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, received);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const environment = (url: string): Record<string, string> => ({
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "AKID",
  AWS_SECRET_ACCESS_KEY: "secret access key",
  AWS_SESSION_TOKEN: "session token",
  AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
});

const get = (more: Partial<AwsCall> = {}): AwsCall => ({
  service: SERVICE,
  operation: "GetSecretValue",
  input: { SecretId: "bank" },
  signal: new AbortController().signal,
  trace: unsampled(),
  ...more,
});

const ok = { status: 200, body: '{"SecretString":"a value"}' };
const refused = (status: number, type: string, message = "why"): Script => ({
  status,
  body: JSON.stringify({ __type: `com.amazonaws.secretsmanager#${type}`, message }),
});

async function failureOf(work: Promise<unknown>): Promise<AwsError> {
  try {
    await work;
  } catch (error) {
    return error as AwsError;
  }
  throw new Error("nothing failed");
}

describe("a call of AWS", () => {
  it("is signed, says which operation it is, and yields the answer", () =>
    serving([ok], async (url, received) => {
      expect(await awsCalls(environment(url))(get())).to.deep.equal({ SecretString: "a value" });
      const [{ headers, body } = { headers: {}, body: "" }] = received;
      expect(body).to.equal('{"SecretId":"bank"}');
      expect(headers).to.include({
        "x-amz-target": "secretsmanager.GetSecretValue",
        "content-type": "application/x-amz-json-1.1",
        "x-amz-security-token": "session token",
        host: url.slice("http://".length),
      });
      expect(headers.authorization).to.match(
        /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-central-1\/secretsmanager\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=[0-9a-f]{64}$/,
      );
    }));

  it("reads the credentials again each time", () =>
    serving([ok], async (url, received) => {
      const env = environment(url);
      const send = awsCalls(env);
      await send(get());
      env["AWS_ACCESS_KEY_ID"] = "OTHER";
      await send(get());
      expect(received[1]?.headers.authorization).to.contain("Credential=OTHER/");
    }));

  for (const passing of [
    refused(500, "InternalServiceError"),
    refused(400, "ThrottlingException"),
    { status: 503, body: "<html>busy</html>" },
    "cut",
  ] as const) {
    it(`is made again after ${typeof passing === "object" ? passing.body : "a broken connection"}`, () =>
      serving([passing, ok], async (url, received) => {
        expect(await awsCalls(environment(url))(get())).to.deep.equal({ SecretString: "a value" });
        expect(received).to.have.length(2);
      }));
  }

  it("is made three times at most, and says how it failed", () =>
    serving([refused(500, "InternalServiceError")], async (url, received) => {
      const error = await failureOf(awsCalls(environment(url))(get()));
      expect(error).to.include({ code: "InternalServiceError", status: 500 });
      expect(error.message).to.equal("InternalServiceError: why");
      expect(received).to.have.length(3);
    }));

  it("is not made again where a rule refuses it", () =>
    serving([refused(400, "AccessDeniedException"), ok], async (url, received) => {
      const error = await failureOf(awsCalls(environment(url))(get()));
      expect(error.code).to.equal("AccessDeniedException");
      expect(received).to.have.length(1);
    }));

  it("ends with its signal, and is not made again then", () =>
    serving(["hang"], async (url, received) => {
      const deadline = new AbortController();
      const failing = failureOf(awsCalls(environment(url))(get({ signal: deadline.signal })));
      while (received.length === 0) await new Promise((turn) => setImmediate(turn));
      deadline.abort(new Error("the deadline"));
      expect((await failing).message).to.equal("the deadline");
      expect(received).to.have.length(1);
    }));

  it("never repeats what it sent or got in an error", async () => {
    for (const body of ['{"SecretString":"the value', "the value", '"the value"', "[1]"]) {
      await serving([{ status: 200, body }], async (url) => {
        const error = await failureOf(awsCalls(environment(url))(get()));
        const shown = `${error.stack}${JSON.stringify(error)}${String(error.cause)}`;
        expect(shown).to.contain("no JSON object").and.not.contain("the value");
        expect(shown).not.to.contain("secret access key");
      });
    }
  });

  it("says which host cannot be reached", async () => {
    const url = await serving([ok], (url) => Promise.resolve(url));
    const error = await failureOf(awsCalls(environment(url))(get()));
    expect(error).to.include({ code: "NetworkError", status: 0 });
    expect(error.message).to.contain(url.slice("http://".length)).and.contain("ECONNREFUSED");
  });

  it("is a step of the trace, and tells AWS so", () =>
    serving([ok], async (url, received) => {
      const seen: unknown[] = [];
      const step = {
        ...unsampled("Root=1-2-3;Parent=4;Sampled=1"),
        details: (details: unknown) => seen.push(details),
      };
      const trace = {
        ...unsampled(),
        step: async <T>(name: string, run: (of: typeof step) => T | Promise<T>, of?: string) => {
          seen.push([name, of]);
          return run(step);
        },
      };
      await awsCalls(environment(url))(get({ trace }));
      expect(seen).to.deep.equal([
        ["secretsmanager", "aws"],
        { aws: { operation: "GetSecretValue", region: "eu-central-1" } },
        { aws: { request_id: "request-1" }, http: { response: { status: 200 } } },
      ]);
      expect(received[0]?.headers["x-amzn-trace-id"]).to.equal("Root=1-2-3;Parent=4;Sampled=1");
      expect(JSON.stringify(seen)).not.to.contain("a value");
    }));
});
