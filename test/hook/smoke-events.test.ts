import { expect } from "chai";
import { type Answer, faultOf, SMOKE_EVENTS, SMOKE_SOURCE } from "../../hook/smoke-events.ts";

const [create] = SMOKE_EVENTS;
if (!create) throw new Error("there are no smoke events");

const http = (statusCode: number, body: unknown): Answer => ({
  payload: JSON.stringify({ statusCode, headers: {}, body: JSON.stringify(body) }),
});
const right = { id: "1", name: "smoke", status: "created" };

describe("a smoke event", () => {
  it("is marked, so that it counts in no business metric", () => {
    for (const { event } of SMOKE_EVENTS) expect(event["source"]).to.equal(SMOKE_SOURCE);
  });

  it("takes the right answer", () => {
    expect(faultOf(create, http(200, right))).to.equal(undefined);
  });

  const wrong: [what: string, answer: Answer, fault: string][] = [
    ["another status", http(500, right), "create: answered status 500 instead of 200"],
    ["another result", http(200, { ...right, status: "lost" }), "answered status lost"],
    ["a result without its members", http(200, {}), "answered name undefined instead of smoke"],
    ["a body that is no JSON", { payload: '{"statusCode":200,"body":"oops"}' }, "undefined"],
    ["no HTTP response", { payload: "null" }, "answered null, which is no HTTP response"],
    ["nothing", { payload: "" }, "which is no HTTP response"],
    [
      "a failed invocation, whatever it answered",
      {
        functionError: "Unhandled",
        payload: '{"errorType":"InternalError","errorMessage":"correlation id 7"}',
      },
      "create: the invocation failed with InternalError: correlation id 7",
    ],
  ];
  for (const [what, answer, fault] of wrong) {
    it(`refuses ${what}`, () => {
      expect(faultOf(create, answer)).to.contain(fault);
    });
  }
});
