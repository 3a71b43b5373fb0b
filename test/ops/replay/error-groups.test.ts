import { expect } from "chai";
import * as fc from "fast-check";
import { errorKey, groupByError, isSelected } from "../../../ops/replay/error-groups.ts";

const groupsOf = (errors: readonly string[]) =>
  groupByError(errors.map((error) => ({ error, sentAt: 0 })));

describe("errors of messages", () => {
  const keys: [error: string, key: string][] = [
    [
      "Internal error (TypeError), correlation id 6f9619ff-8b86-d011-b42d-00cf4fc964ff",
      "Internal error (TypeError), correlation id …",
    ],
    ["order 17 of customer 0xff12 not found", "order … of customer … not found"],
    ['no field "name" in input', "no field … in input"],
    ["first line\nstack", "first line"],
    ["", "unknown error"],
    [
      "2026-11-25T10:00:00.000Z 8a7b6c5d-0000-4000-8000-000000000000 Task timed out after 3.00 seconds",
      "… … Task timed out after … seconds",
    ],
    [
      "RequestId: 8a7b6c5d-0000-4000-8000-000000000000 Error: Runtime exited with error: signal: killed",
      "RequestId: … Error: Runtime exited with error: signal: killed",
    ],
    ["orderId=abc, customer_id: xyz", "orderId=…, customer_id: …"],
    ["commit deadbeefcafe is gone", "commit … is gone"],
    ["answered 400: Invalid event", "answered 400: Invalid event"],
    ["S3ServiceException: no object 12", "S3ServiceException: no object …"],
    ["invalid event", "invalid event"],
    ["bucket arn:aws:s3:::b-1/k for a7@b.example", "bucket … for …"],
  ];
  for (const [error, key] of keys) {
    it(`group ${JSON.stringify(error)}`, () => {
      expect(errorKey(error)).to.equal(key);
    });
  }

  it("of one cause are one group, whatever the ids look like", () => {
    const ids = [
      ["order-7", "order-8", "cust-abc", "cust-xyz", "01ARZ3NDEKTSV4RRFFQ69G5FAV"],
      ["alice", "x", "a.b:c", "V-StGXRZ_jmyT-BkIvQzf", "6f9619ff8b86d011b42d00cf4fc964ff"],
    ].flat();
    const errors = ids.map((id) => `Internal error, correlation id ${id}`);
    expect(groupsOf(errors)).to.have.length(1);
  });

  it("of different causes are different groups, although the ids differ too", () => {
    const types = ["TypeError", "DependencyError caused by TimeoutError", "DeadlineError"];
    const errors = types.flatMap((type) =>
      ["order-7", "abc", "01ARZ3NDEKTSV4RRFFQ69G5FAV"].map(
        (id) => `Internal error (${type}), correlation id ${id}`,
      ),
    );
    expect(groupsOf(errors).map(({ error, count }) => [error, count])).to.have.deep.members(
      types.map((type) => [`Internal error (${type}), correlation id …`, 3]),
    );
    expect(groupsOf(["answered 400: no", "answered 500: no"])).to.have.length(2);
  });

  it("are one group for any two ids of a known form", () => {
    const hex = (length: number) =>
      fc.string({
        unit: fc.constantFrom(..."0123456789abcdef".split("")),
        minLength: length,
        maxLength: 64,
      });
    const id = fc.oneof(
      fc.uuid(),
      fc.ulid(),
      fc.nat().map(String),
      hex(8),
      fc.ipV4(),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    );
    fc.assert(
      fc.property(id, id, (one, other) => {
        const key = (id: string) => errorKey(`cannot read ${id} from table`);
        expect(key(one)).to.equal("cannot read … from table");
        expect(key(one)).to.equal(key(other));
      }),
    );
  });

  it("are listed the largest group first, with the text itself where all agree", () => {
    const groups = groupByError([
      { error: "order 1 failed", sentAt: 30 },
      { error: "timed out after 30 s", sentAt: 20 },
      { error: "order 2 failed", sentAt: 10 },
    ]);
    expect(groups).to.deep.equal([
      { error: "order … failed", count: 2, oldest: 10, newest: 30 },
      { error: "timed out after 30 s", count: 1, oldest: 20, newest: 20 },
    ]);
  });

  it("and times select messages", () => {
    const deadLetter = { error: "Order 17 failed", sentAt: 100 };
    expect(isSelected(deadLetter, {})).to.be.true;
    expect(isSelected(deadLetter, { error: "order 17" })).to.be.true;
    expect(isSelected(deadLetter, { error: "order … failed" })).to.be.true;
    expect(isSelected(deadLetter, { error: "failed … order" })).to.be.false;
    expect(isSelected(deadLetter, { error: "order 18" })).to.be.false;
    expect(isSelected(deadLetter, { since: 100, until: 101 })).to.be.true;
    expect(isSelected(deadLetter, { since: 101 })).to.be.false;
    expect(isSelected(deadLetter, { until: 100 })).to.be.false;
  });

  it("are selected by what the list shows of them", () => {
    const ids = ["17", "abc-1", "01ARZ3NDEKTSV4RRFFQ69G5FAV"];
    for (const id of ids) {
      const error = `cannot find order ${id} of "x"\nat y`;
      expect(isSelected({ error, sentAt: 0 }, { error: errorKey(error) }), id).to.be.true;
    }
  });
});
