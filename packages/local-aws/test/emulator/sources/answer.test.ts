import { expect } from "chai";
import { failedIds } from "../../../emulator/sources/answer.ts";

const report = (...ids: unknown[]) =>
  JSON.stringify({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

describe("the answer to a batch of m1 and m2", () => {
  for (const [what, end, expected] of [
    ["that is empty is a success", { failed: false, payload: "" }, []],
    ["that is null is a success", { failed: false, payload: "null" }, []],
    ["without a list is a success", { failed: false, payload: "{}" }, []],
    ["with an empty list is a success", { failed: false, payload: report() }, []],
    [
      "whose list is null is a success",
      { failed: false, payload: '{"batchItemFailures":null}' },
      [],
    ],
    ["that reports one fails that one", { failed: false, payload: report("m2") }, ["m2"]],
    [
      "of a failed invocation fails all, whatever it says",
      { failed: true, payload: report() },
      "all",
    ],
    [
      "with an id that is not in the batch fails all",
      { failed: false, payload: report("m3") },
      "all",
    ],
    ["with an empty id fails all", { failed: false, payload: report("") }, "all"],
    ["with a null id fails all", { failed: false, payload: report(null) }, "all"],
    [
      "with another key fails all",
      { failed: false, payload: '{"batchItemFailures":[{"id":"m1"}]}' },
      "all",
    ],
    ["that is no JSON fails all", { failed: false, payload: "oops" }, "all"],
  ] as const) {
    it(what, () => {
      expect(failedIds(end, ["m1", "m2"], true)).to.deep.equal(expected);
    });
  }

  it("says nothing where the mapping does not ask for it", () => {
    expect(failedIds({ failed: false, payload: report("m1") }, ["m1"], false)).to.deep.equal([]);
    expect(failedIds({ failed: true, payload: "" }, ["m1"], false)).to.equal("all");
  });
});
