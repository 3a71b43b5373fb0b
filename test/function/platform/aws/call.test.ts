import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { expect } from "chai";
import { logValue } from "../../../../function/platform/log-value.ts";
import {
  type AwsCall,
  type AwsError,
  awsCalls,
  keptConnections,
  openConnection,
} from "../../../../function/platform/aws/call.ts";
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

/**
 * "cut" closes the connection; "dead" does so where the connection was used before, as after a freeze; "half" answers
 * a part and no more.
 */
type Script = { readonly status: number; readonly body: string } | "hang" | "cut" | "dead" | "half";

/** A server that answers by a script, its last line for all that come after. */
async function serving<T>(
  script: readonly Script[],
  work: (url: string, received: readonly Received[], opened: () => number) => Promise<T>,
): Promise<T> {
  const received: Received[] = [];
  const used = new Set<unknown>();
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const step = script[Math.min(received.length, script.length - 1)];
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      if (step === "hang" || step === undefined) return;
      const isUsed = used.has(request.socket);
      used.add(request.socket);
      if (step === "cut" || (step === "dead" && isUsed)) request.socket.destroy();
      else if (step === "dead") response.end("{}");
      else if (step === "half") response.writeHead(200, { "content-length": 99 }).write('{"a":');
      else {
        response.writeHead(step.status, { "x-amzn-requestid": "request-1" });
        response.end(step.body);
      }
    });
  });
  server.on("connection", () => connections++);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    return await work(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      received,
      () => connections,
    );
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

  it("is made four times at most, and says how it failed", () =>
    serving([refused(500, "InternalServiceError")], async (url, received) => {
      const error = await failureOf(awsCalls(environment(url))(get()));
      expect(error).to.include({ code: "InternalServiceError", status: 500 });
      expect(error.message).to.equal("InternalServiceError: why");
      expect(received).to.have.length(4);
    }));

  it("is not made again where a rule refuses it", () =>
    serving([refused(400, "AccessDeniedException"), ok], async (url, received) => {
      const error = await failureOf(awsCalls(environment(url))(get()));
      expect(error.code).to.equal("AccessDeniedException");
      expect(received).to.have.length(1);
    }));

  describe("that must not be made twice", () => {
    const once = get({ isRepeatable: false });
    for (const uncertain of [
      refused(500, "InternalServerError"),
      refused(503, "x"),
      "cut",
    ] as const) {
      it(`is not made again after ${typeof uncertain === "object" ? uncertain.body : "a broken connection"}`, () =>
        serving([uncertain, ok], async (url, received) => {
          await failureOf(awsCalls(environment(url))(once));
          expect(received).to.have.length(1);
        }));
    }
    it("is not made again where a kept connection turns out closed", () =>
      serving([ok, "dead", ok], async (url, received) => {
        const send = awsCalls(environment(url));
        await send(once);
        expect(await failureOf(send(once))).to.include({ status: 0 });
        expect(received).to.have.length(2);
      }));
    it("is made again where AWS says that it did nothing", () =>
      serving(
        [refused(400, "ProvisionedThroughputExceededException"), ok],
        async (url, received) => {
          await awsCalls(environment(url))(once);
          expect(received).to.have.length(2);
        },
      ));
  });

  it("is made again after a refusal that its adapter knows to pass, of which it sees all", () =>
    serving([refused(400, "TransactionCanceledException"), ok], async (url, received) => {
      const seen: unknown[] = [];
      const passes = (error: AwsError) => seen.push(error.code, error.answer()["message"]) > 0;
      await awsCalls(environment(url))(get({ passes }));
      expect(received).to.have.length(2);
      expect(seen).to.deep.equal(["TransactionCanceledException", "why"]);
    }));

  it("drops all kept connections when one turns out closed, and is made again at once, at no cost of its tries", () =>
    serving(["dead"], async (url, received, opened) => {
      const send = awsCalls(environment(url));
      await Promise.all(Array.from({ length: 5 }, () => send(get())));
      expect(opened()).to.equal(5);
      // All five are dead now. Of as many tries as a call has, each would meet another one.
      expect(await send(get())).to.deep.equal({});
      expect([received.length, opened()]).to.deep.equal([7, 6]);
    }));

  it("opens fifty connections at most, and the others wait for one", () =>
    serving([ok], async (url, received, opened) => {
      const send = awsCalls(environment(url));
      await Promise.all(Array.from({ length: 120 }, () => send(get())));
      expect(received).to.have.length(120);
      expect(opened()).to.be.at.most(50);
    }));

  it("never shows a refusal's answer beside its message", () =>
    serving(
      [
        {
          status: 400,
          body: '{"__type":"x#Refused","message":"why","Item":{"a":{"S":"private"}}}',
        },
      ],
      async (url) => {
        const error = await failureOf(awsCalls(environment(url))(get()));
        const shown = `${error.stack}${JSON.stringify(error)}${JSON.stringify(logValue(error, () => false))}${inspect(error, { depth: 9 })}`;
        expect(shown).to.contain("why").and.not.contain("private");
        expect(error.answer()["Item"]).to.deep.equal({ a: { S: "private" } });
      },
    ));

  describe("over a connection that is opened beforehand", () => {
    it("opens none, and what was asked is not signed", () =>
      serving([{ status: 200, body: "healthy" }, ok], async (url, received, opened) => {
        const connections = keptConnections();
        await openConnection(SERVICE, environment(url), connections);
        expect(received[0]?.headers).not.to.have.property("authorization");
        await awsCalls(environment(url), connections)(get());
        expect([received.length, opened()]).to.deep.equal([2, 1]);
      }));

    for (const away of ["hang", "cut", { status: 500, body: "" }] as const) {
      it(`comes to an end without an error when the service is away: ${JSON.stringify(away)}`, () =>
        serving([away], (url) => openConnection(SERVICE, environment(url), keptConnections())));
    }

    it("comes to an end where nobody listens", async () => {
      const url = await serving([ok], (url) => Promise.resolve(url));
      await openConnection(SERVICE, environment(url), keptConnections());
    });
  });

  for (const stuck of ["hang", "half"] as const) {
    it(`ends with its signal, and is not made again then: ${stuck}`, () =>
      serving([stuck], async (url, received) => {
        const deadline = new AbortController();
        const failing = failureOf(awsCalls(environment(url))(get({ signal: deadline.signal })));
        while (received.length === 0) await new Promise((turn) => setImmediate(turn));
        deadline.abort(new Error("the deadline"));
        expect((await failing).message).to.equal("the deadline");
        expect(received).to.have.length(1);
      }));
  }

  it("is not even made when its signal is aborted before", () =>
    serving([ok], async (url, received) => {
      const signal = AbortSignal.abort(new Error("the deadline"));
      const error = await failureOf(awsCalls(environment(url))(get({ signal })));
      expect(error.message).to.equal("the deadline");
      expect(received).to.deep.equal([]);
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
