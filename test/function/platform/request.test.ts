import { expect } from "chai";
import { RefusedError } from "../../../function/platform/errors.ts";
import { readRequest } from "../../../function/platform/request.ts";
import { httpEvent } from "../support/harness.ts";

const restEvent = { httpMethod: "POST", requestContext: {}, headers: {}, body: "{}" };

describe("readRequest", () => {
  for (const [what, event, front] of [
    ["an HTTP API or function URL", httpEvent({}), "http"],
    ["a REST API", restEvent, "http"],
    ["a load balancer", { ...restEvent, requestContext: { elb: {} } }, "http"],
    ["a direct call", { action: "create", data: {} }, "direct"],
    ["a direct call that has headers", { headers: {}, body: "{}" }, "direct"],
    ["a direct call with a request context of its own", { requestContext: {} }, "direct"],
    ["no object", "text", "direct"],
  ] as const) {
    it(`takes ${what} for ${front}`, () => {
      expect(readRequest(event, "r").front).to.equal(front);
    });
  }

  it("takes the payload of a direct call as it is, and that of an HTTP front from its body", () => {
    expect(readRequest("x", "r").payload()).to.equal("x");
    expect(readRequest(httpEvent({ a: 1 }), "r").payload()).to.deep.equal({ a: 1 });
  });

  it("decodes a base64 body", () => {
    const body = Buffer.from('{"a":"é"}').toString("base64");

    const { payload } = readRequest({ ...httpEvent({}), body, isBase64Encoded: true }, "r");

    expect(payload()).to.deep.equal({ a: "é" });
  });

  for (const body of [undefined, null, "", "{", "no json", 7]) {
    it(`refuses the body ${JSON.stringify(body)}`, () => {
      const { payload } = readRequest({ ...httpEvent({}), body }, "r");

      expect(payload).to.throw(RefusedError).with.nested.property("faults[0].path", "body");
    });
  }

  it("refuses a huge body before it parses it", () => {
    const { payload } = readRequest({ ...httpEvent({}), body: "{".repeat(3_000_000) }, "r");

    expect(payload).to.throw(RefusedError).with.property("statusCode", 413);
  });

  describe("the correlation id", () => {
    it("is the caller's header, however it is written", () => {
      expect(
        readRequest(httpEvent({}, { "X-Correlation-ID": "abc-1" }), "r").correlationId,
      ).to.equal("abc-1");
    });

    it("is the event's own in a direct call", () => {
      expect(readRequest({ correlationId: "abc-1" }, "r").correlationId).to.equal("abc-1");
    });

    for (const unsafe of ["", "a b", "a\nb", 'a"b', "<script>", "x".repeat(129), 7, null, {}]) {
      it(`is the request id where the caller's is ${JSON.stringify(unsafe)}`.slice(0, 80), () => {
        const event = { ...httpEvent({}), headers: { "x-correlation-id": unsafe } };

        expect(readRequest(event, "r").correlationId).to.equal("r");
        expect(readRequest({ correlationId: unsafe }, "r").correlationId).to.equal("r");
      });
    }
  });
});
