import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import { RefusedError, UnhandledSourceError } from "../../../function/platform/errors.ts";
import { type Callers, readRequest } from "../../../function/platform/request.ts";
import { httpEvent } from "../support/harness.ts";

const read = (event: unknown, callers: Partial<Callers> = {}) =>
  readRequest(event, "r", {
    httpFronts: ["*"],
    answerDirect: false,
    sources: {},
    isSmoke: () => false,
    ...callers,
  });

const restEvent = { httpMethod: "POST", requestContext: {}, headers: {}, body: "{}" };

/** As a load balancer with multi-value headers sends it. */
const balancerEvent = {
  requestContext: { elb: { targetGroupArn: "arn:aws:elasticloadbalancing:group" } },
  httpMethod: "POST",
  path: "/records",
  multiValueHeaders: { "X-Correlation-Id": ["first", "order-7"] },
  body: `{"a":1}`,
  isBase64Encoded: false,
};

describe("readRequest", () => {
  it("takes the payload of a direct call as it is, and that of HTTP from its body", () => {
    expect(read("x").payload()).to.equal("x");
    for (const event of [httpEvent({ a: 1 }), { ...restEvent, body: `{"a":1}` }, balancerEvent]) {
      expect(read(event).payload()).to.deep.equal({ a: 1 });
    }
  });

  it("knows who reads the answer", () => {
    const reads = (event: unknown, callers?: Partial<Callers>) => {
      const { refusalIsRead, failureIsRead } = read(event, callers);
      return [refusalIsRead, failureIsRead];
    };
    const queue = { Records: [{ eventSource: "aws:sqs" }] };

    expect(reads(httpEvent({}))).to.deep.equal([true, true]);
    expect(reads({})).to.deep.equal([false, false]);
    expect(reads({}, { answerDirect: true })).to.deep.equal([true, false]);
    expect(reads({ source: "smoke" })).to.deep.equal([true, false]);
    for (const callers of [{}, { answerDirect: true, isSmoke: () => true }]) {
      expect(reads(queue, { ...callers, sources: { sqs: () => 1 } })).to.deep.equal([false, false]);
    }
  });

  it("takes only the sources that the service names, however they are called", () => {
    const bus = { "detail-type": "t", source: "s", detail: { a: 1 } };

    expect(() => read(bus).payload())
      .to.throw(UnhandledSourceError)
      .with.property("message")
      .that.contains("eventbridge");
    expect(read(bus, { sources: { eventbridge: ({ detail }) => detail } }).payload()).to.deep.equal(
      { a: 1 },
    );
    expect(() => read({ Records: [{ eventSource: "aws:constructor" }] }).payload()).to.throw(
      UnhandledSourceError,
    );
  });

  it("takes the test of a notification, which has no records, for an empty batch", () => {
    const test = { Event: "s3:TestEvent" };

    expect(read(test, { sources: { s3: (record) => record } }).records).to.deep.equal([]);
    expect(() => read(test).payload()).to.throw(UnhandledSourceError);
  });

  it("loses no record of a batch, whatever it is", () => {
    const Records = [{ eventSource: "aws:sqs" }, null, 7];

    expect(read({ Records }, { sources: { sqs: () => 1 } }).records).to.have.length(3);
  });

  describe("the body", () => {
    const compressed = (bytes: Buffer, encoding: string, isBase64Encoded = true) => ({
      ...httpEvent({}, { "Content-Encoding": encoding }),
      body: bytes.toString("base64"),
      isBase64Encoded,
    });
    const text = Buffer.from('{"a":"é"}');
    const refusal = (event: object) => {
      try {
        read(event).payload();
      } catch (error) {
        if (error instanceof RefusedError) return error.statusCode;
        throw error;
      }
      return "taken";
    };

    it("is decoded from base64 and from every encoding that clients use", () => {
      for (const event of [
        { ...httpEvent({}), body: text.toString("base64"), isBase64Encoded: true },
        compressed(text, "identity"),
        compressed(gzipSync(text), "gzip"),
        compressed(gzipSync(text), " GZIP "),
        compressed(deflateSync(text), "deflate"),
        compressed(brotliCompressSync(text), "br"),
      ]) {
        expect(read(event).payload()).to.deep.equal({ a: "é" });
      }
    });

    for (const [what, event, status] of [
      ["an encoding that is not read here", compressed(text, "compress"), 415],
      ["two encodings", compressed(gzipSync(gzipSync(text)), "gzip, gzip"), 415],
      ["bytes that are not what the header says", compressed(text, "gzip"), 400],
      ["compressed bytes that came as text", compressed(gzipSync(text), "gzip", false), 400],
      ["a truncated gzip", compressed(gzipSync(text).subarray(0, 20), "gzip"), 400],
      ["a gzip of gigabytes", compressed(gzipSync(Buffer.alloc(50_000_000)), "gzip"), 413],
      ["what is no base64", { ...httpEvent({}), body: "e30*", isBase64Encoded: true }, 400],
      [
        "bytes that are no UTF-8",
        {
          ...httpEvent({}),
          body: Buffer.from([0x22, 0xe9, 0x22]).toString("base64"),
          isBase64Encoded: true,
        },
        400,
      ],
      [
        "another charset",
        httpEvent({}, { "content-type": "application/json; charset=iso-8859-1" }),
        415,
      ],
    ] as const) {
      it(`is refused for ${what}`, () => expect(refusal(event)).to.equal(status));
    }

    for (const charset of ["utf-8", "UTF8", '"utf-8"', "us-ascii"]) {
      it(`may say that its charset is ${charset}`, () => {
        expect(
          refusal(httpEvent({}, { "content-type": `application/json;charset=${charset}` })),
        ).to.equal("taken");
      });
    }

    it("may begin with a byte-order mark", () => {
      const body = `\uFEFF{"a":1}`;
      const base64 = Buffer.from(body).toString("base64");

      expect(read({ ...httpEvent({}), body }).payload()).to.deep.equal({ a: 1 });
      expect(
        read({ ...httpEvent({}), body: base64, isBase64Encoded: true }).payload(),
      ).to.deep.equal({ a: 1 });
    });

    for (const body of [undefined, null, "", "{", "no json", 7]) {
      it(`is refused where it is ${JSON.stringify(body)}`, () => {
        expect(refusal({ ...httpEvent({}), body })).to.equal(400);
      });
    }

    it("is refused for its size before it is parsed", () => {
      expect(refusal({ ...httpEvent({}), body: "{".repeat(3_000_000) })).to.equal(413);
    });
  });

  describe("the answer", () => {
    it("has the headers in the form that the front reads", () => {
      const both = { ...balancerEvent, headers: {} };

      expect(read(balancerEvent).respond(200, {}))
        .to.deep.include({
          multiValueHeaders: {
            "content-type": ["application/json"],
            "x-correlation-id": ["order-7"],
          },
        })
        .and.not.have.property("headers");
      for (const event of [httpEvent({}), restEvent, both]) {
        expect(read(event).respond(200, {}))
          .to.have.property("headers")
          .that.includes({ "content-type": "application/json" });
        expect(read(event).respond(200, {})).not.to.have.property("multiValueHeaders");
      }
    });

    const asked = (method: string, path: string, headers = {}) =>
      read({ requestContext: { http: { method, path } }, rawPath: path, headers }).reply;

    it("to OPTIONS says what the service does", () => {
      expect(asked("OPTIONS", "/any")).to.deep.include({
        statusCode: 204,
        headers: { "x-correlation-id": "r", allow: "GET, HEAD, OPTIONS, POST" },
        body: "",
      });
    });

    it("to a health check is ok, to HEAD without a body", () => {
      for (const path of ["/", "/health", "/prod/health", ""]) {
        expect(asked("GET", path)).to.include({ statusCode: 200, body: `{"status":"ok"}` });
        expect(asked("HEAD", path)).to.include({ statusCode: 200, body: "" });
      }
      expect(asked("GET", "/status.php", { "User-Agent": "ELB-HealthChecker/2.0" })).to.include({
        statusCode: 200,
      });
      const rest = { ...restEvent, httpMethod: "get", path: "/health", headers: null, body: null };
      expect(read(rest).reply).to.include({ statusCode: 200 });
    });

    it("to a look at anything else is that events are posted", () => {
      expect(asked("GET", "/records/7")).to.deep.include({
        statusCode: 405,
        headers: { "x-correlation-id": "r", allow: "GET, HEAD, OPTIONS, POST" },
      });
      expect(asked("POST", "/")).to.equal(undefined);
    });

    it("to a load balancer's check has the headers that it reads", () => {
      expect(read({ ...balancerEvent, httpMethod: "OPTIONS" }).reply).to.have.property(
        "multiValueHeaders",
      );
    });
  });

  describe("the correlation id", () => {
    it("is the caller's header, however it is written", () => {
      expect(read(httpEvent({}, { "X-Correlation-ID": "abc-1" })).correlationId).to.equal("abc-1");
      expect(read(balancerEvent).correlationId).to.equal("order-7");
    });

    it("is the event's own in a direct call", () => {
      expect(read({ correlationId: "abc-1" }).correlationId).to.equal("abc-1");
    });

    for (const unsafe of ["", "a b", "a\nb", 'a"b', "<script>", "x".repeat(129), 7, null, {}]) {
      it(`is the request id where the caller's is ${JSON.stringify(unsafe)}`.slice(0, 80), () => {
        const event = { ...httpEvent({}), headers: { "x-correlation-id": unsafe } };

        expect(read(event).correlationId).to.equal("r");
        expect(read({ correlationId: unsafe }).correlationId).to.equal("r");
      });
    }
  });
});
