import { expect } from "chai";
import { smokeBatch, smokeEvent } from "../../function/platform/smoke.ts";
import { type Answer, faultOf } from "../../hook/smoke-events.ts";

const smoke = smokeEvent("greet", { word: "hello" }, 200, { word: "hello", done: true });

const http = (statusCode: number, body: unknown): Answer => ({
  payload: JSON.stringify({ statusCode, headers: {}, body: JSON.stringify(body) }),
});
const right = { id: "1", word: "hello", done: true };

describe("a smoke event", () => {
  it("says what it is, beside the event", () => {
    expect(smoke.event).to.deep.equal({ word: "hello", source: "smoke" });
  });

  it("takes the right answer", () => {
    expect(faultOf(smoke, http(200, right))).to.equal(undefined);
  });

  const wrong: [what: string, answer: Answer, fault: string][] = [
    ["another status", http(500, right), "greet: answered status 500 instead of 200"],
    ["another result", http(200, { ...right, done: false }), "answered done false"],
    ["a result without its members", http(200, {}), "answered word undefined instead of hello"],
    ["a body that is no JSON", { payload: '{"statusCode":200,"body":"oops"}' }, "undefined"],
    ["no HTTP response", { payload: "null" }, "answered null, which is no HTTP response"],
    ["nothing", { payload: "" }, "which is no HTTP response"],
    [
      "a failed invocation, whatever it answered",
      {
        functionError: "Unhandled",
        payload: '{"errorType":"InternalError","errorMessage":"correlation id 7"}',
      },
      "greet: the invocation failed with InternalError: correlation id 7",
    ],
  ];
  for (const [what, answer, fault] of wrong) {
    it(`refuses ${what}`, () => {
      expect(faultOf(smoke, answer)).to.contain(fault);
    });
  }
});

describe("a smoke batch", () => {
  const batch = smokeBatch("batch", [{ messageId: "m1" }, { messageId: "m2" }], ["m2"]);
  const payload = (...ids: string[]) =>
    JSON.stringify({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

  it("takes an answer that reports exactly the records that had to fail", () => {
    expect(faultOf(batch, { payload: payload("m2") })).to.equal(undefined);
    expect(faultOf(smokeBatch("all", [{}]), { payload: payload() })).to.equal(undefined);
  });

  for (const [what, answer] of [
    ["one that reports none", { payload: payload() }],
    ["one that reports all", { payload: payload("m1", "m2") }],
    ["a response of HTTP", http(200, {})],
    ["nothing", { payload: "" }],
    ["a failed invocation", { payload: payload("m2"), functionError: "Unhandled" }],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(faultOf(batch, answer)).to.match(/^batch: /);
    });
  }
});
