/** What the table's adapter makes of DynamoDB's answers; test/function/domain/table.test.ts has what a real one does. */
import { expect } from "chai";
import { dynamoDbTable } from "../../../function/adapters/table.ts";
import { type AwsCall, AwsError } from "../../../function/platform/aws/call.ts";
import { ConflictError, DependencyError, RefusedError } from "../../../function/platform/errors.ts";
import type { Change, TableCall, Ticket } from "../../../function/platform/table.ts";
import { unsampled } from "../../../function/platform/tracing.ts";
import { NOW, rejection } from "../support/harness.ts";

interface Put {
  readonly Item: Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;
  readonly ConditionExpression?: string;
}

/** A table whose calls are answered by a script; the last one for all that come after. */
function scripted(...script: readonly (object | AwsError)[]) {
  const sent: AwsCall[] = [];
  const table = dynamoDbTable("parcels", async (call) => {
    const step = script[Math.min(sent.length, script.length - 1)] ?? {};
    sent.push(call);
    if (step instanceof AwsError) throw step;
    return step as Readonly<Record<string, unknown>>;
  });
  const inputs = <T>() => sent.map(({ input }) => input as T);
  const puts = () =>
    inputs<{ TransactItems: { Put: Put }[] }>().flatMap(({ TransactItems }) =>
      TransactItems.map(({ Put }) => Put),
    );
  return { table, sent, inputs, puts };
}

const warnings: unknown[] = [];
const call = (more: Partial<TableCall> = {}): TableCall => ({
  signal: new AbortController().signal,
  trace: unsampled(),
  now: NOW,
  newId: "event-1",
  correlationId: "correlation-1",
  log: { debug() {}, info() {}, warn: (...line) => void warnings.push(line), error() {} },
  ...more,
});

const change = (more: Partial<Change> = {}): Change => ({
  id: "a",
  version: 2,
  data: { name: "n" },
  type: "RecordUpdated",
  answer: { done: true },
  ...more,
});

const ticket = (more: Partial<Ticket> = {}): Ticket => ({
  key: "event-1",
  hash: "hash-1",
  owner: "owner-1",
  endsAtMs: 5000,
  isAnswered: false,
  ...more,
});

const refusal = (code: string, answer: object = {}): AwsError =>
  new AwsError(code, 400, "why", answer as Record<string, unknown>);

/** A transaction that was cancelled, with a code or more for each of its items. */
const cancelled = (...reasons: readonly (string | object)[]): AwsError =>
  refusal("TransactionCanceledException", {
    CancellationReasons: reasons.map((reason) =>
      typeof reason === "string" ? { Code: reason } : reason,
    ),
  });

describe("the table", () => {
  it("writes a change, its event and the answer together, each by its condition", async () => {
    const { table, sent, puts } = scripted({});
    const held = ticket();

    await table.write(change(), call({ ticket: held }));

    expect(sent).to.have.length(1);
    expect(sent[0]?.operation).to.equal("TransactWriteItems");
    const [record, event, once] = puts();
    expect(record?.ConditionExpression).to.equal("#version = :before");
    expect(record?.Item["version"]).to.deep.equal({ N: "2" });
    expect(event?.ConditionExpression).to.equal("attribute_not_exists(pk)");
    expect(event?.Item["sk"]).to.deep.equal({ S: "000000000002" });
    expect(once?.ConditionExpression).to.equal("#owner = :owner");
    expect(once?.Item["answer"]).to.deep.equal({ S: '{"done":true}' });
    expect(held.isAnswered).to.equal(true);
  });

  it("writes the first version only where there is nothing", async () => {
    const { table, puts } = scripted({});
    await table.write(change({ version: 1 }), call());
    expect(puts()[0]?.ConditionExpression).to.equal("attribute_not_exists(pk)");
    expect(puts()).to.have.length(2);
  });

  it("has a token for each change, by which DynamoDB knows its repetition", async () => {
    const { table, sent } = scripted({});
    await table.write(change(), call());
    await table.write(change(), call());
    const tokens = sent.map(
      ({ input }) => (input as { ClientRequestToken: string }).ClientRequestToken,
    );
    expect(new Set(tokens).size).to.equal(2);
    for (const token of tokens) expect(token).to.match(/^[\w-]{1,36}$/);
  });

  for (const [what, error, kind] of [
    [
      "another version",
      cancelled({ Code: "ConditionalCheckFailed", Item: { version: { N: "5" } } }, "None"),
      ConflictError,
    ],
    ["no record any more", cancelled("ConditionalCheckFailed", "None"), ConflictError],
    ["another transaction at it", cancelled("TransactionConflict", "None"), ConflictError],
    ["an event of that version", cancelled("None", "ConditionalCheckFailed"), DependencyError],
    ["a fault in what was sent", cancelled("ValidationError", "None"), DependencyError],
    [
      "a ticket that another invocation took over",
      cancelled("None", "None", "ConditionalCheckFailed"),
      DependencyError,
    ],
    ["no right", refusal("AccessDeniedException"), DependencyError],
  ] as const) {
    it(`does not write where there is ${what}, and says so by a ${kind.name}`, async () => {
      const held = ticket();
      const error_ = await rejection(scripted(error).table.write(change(), call({ ticket: held })));
      expect(error_).to.be.instanceOf(kind);
      expect(held.isAnswered).to.equal(false);
    });
  }

  it("is done where an earlier delivery of the same event wrote this very version", async () => {
    const Item = { version: { N: "2" }, changedBy: { S: "event-1" } };
    await scripted(cancelled({ Code: "ConditionalCheckFailed", Item })).table.write(
      change(),
      call(),
    );

    const other = { ...Item, changedBy: { S: "event-2" } };
    expect(
      await rejection(
        scripted(cancelled({ Code: "ConditionalCheckFailed", Item: other })).table.write(
          change(),
          call(),
        ),
      ),
    ).to.be.instanceOf(ConflictError);
  });

  it("lets the client try again what only conflicts or throttles cancelled, and nothing else", async () => {
    const { table, sent } = scripted({});
    await table.write(change(), call());
    const passes = sent[0]?.passes;
    for (const [reasons, isPassing] of [
      [["TransactionConflict", "None"], true],
      [["None", "ThrottlingError"], true],
      [["ProvisionedThroughputExceeded", "TransactionConflict"], true],
      [["TransactionConflict", "ConditionalCheckFailed"], false],
      [["ValidationError", "None"], false],
      [["None", "None"], false],
      [[], false],
    ] as const) {
      expect(passes?.(cancelled(...reasons)), reasons.join()).to.equal(isPassing);
    }
    expect(passes?.(refusal("ConditionalCheckFailedException"))).to.equal(false);
  });

  it("writes of a smoke event what nobody reads and is gone in an hour, and no event of it", async () => {
    const { table, puts } = scripted({});
    await table.write(change(), call({ isSmoke: true }));
    const [put, ...more] = puts();
    expect(more).to.deep.equal([]);
    expect(put?.Item["pk"]).to.deep.equal({ S: "smoke#a" });
    expect(Number(put?.Item["expiresAt"]?.N)).to.be.at.most(Date.now() / 1000 + 3600);
    expect(put).not.to.have.property("ConditionExpression");
  });

  it("keeps a record for good, what is left of a removed one for 90 days, events for 7 and answers for 15", async () => {
    const { table, puts } = scripted({});
    const held = () => call({ ticket: ticket() });
    await table.write(change(), held());
    await table.write({ id: "a", version: 3, type: "RecordDeleted", answer: {} }, held());
    const days = puts().map(({ Item: { expiresAt } }) =>
      expiresAt ? Math.round((Number(expiresAt.N) - Date.now() / 1000) / 86_400) : undefined,
    );
    expect(days).to.deep.equal([undefined, 7, 15, 90, 7, 15]);
    expect(puts()[3]?.Item).not.to.have.property("data");
  });

  it("takes records of 240 KB, and refuses larger ones before anything is sent", async () => {
    const { table, sent } = scripted({});
    const of = (bytes: number) => change({ data: { text: "x".repeat(bytes - 11) } });
    await table.write(of(240 * 1024), call());
    const error = await rejection(table.write(of(240 * 1024 + 1), call()));
    expect(error).to.be.instanceOf(RefusedError).and.include({ statusCode: 413 });
    expect(sent).to.have.length(1);
  });

  it("keeps an answer of up to 350 KB, and says when one is larger", async () => {
    warnings.length = 0;
    const { table, sent } = scripted({});
    const answer = (bytes: number) => ({ text: "x".repeat(bytes - 11) });
    await table.finish(ticket(), answer(350 * 1024), call());
    expect(warnings).to.deep.equal([]);
    await table.finish(ticket(), answer(350 * 1024 + 1), call());
    expect(JSON.stringify(warnings)).to.contain("too large");
    const [, put] = sent.map(({ input }) => input as Put);
    const kept = put?.Item["answer"]?.S ?? "";
    expect(JSON.parse(kept)).to.include({ repeated: true });
  });

  describe("of what was carried out", () => {
    const taken = (Item: object) =>
      scripted(refusal("ConditionalCheckFailedException", { Item })).table.begin(ticket(), call());

    it("hands out a ticket that is void when the invocation has ended, or by TTL's own time", async () => {
      const { table, inputs } = scripted({});
      expect(await table.begin(ticket(), call())).to.equal(undefined);
      const [put] = inputs<Put>();
      expect(put?.Item["pk"]).to.deep.equal({ S: "once#event-1" });
      expect(put?.Item["endsAt"]).to.deep.equal({ N: "5000" });
      expect(put?.ConditionExpression)
        .to.contain("endsAt <= :nowMs")
        .and.contain("expiresAt <= :now");
    });

    it("answers a repetition", async () => {
      const answer = await taken({ hash: { S: "hash-1" }, answer: { S: '{"id":"a"}' } });
      expect(answer).to.deep.equal({ id: "a" });
    });

    for (const [what, item, status] of [
      ["while another invocation is at it", { hash: { S: "hash-1" }, endsAt: { N: "9" } }, 409],
      ["for another event", { hash: { S: "hash-2" }, answer: { S: "{}" } }, 422],
    ] as const) {
      it(`refuses ${what}: ${status}`, async () => {
        const error = await rejection(taken(item));
        expect(error).to.be.instanceOf(RefusedError).and.include({ statusCode: status });
      });
    }

    it("gives back only its own ticket, and only while it is not answered", async () => {
      const { table, sent } = scripted({});
      await table.forget(ticket(), call());
      expect(sent[0]?.operation).to.equal("DeleteItem");
      expect(sent[0]?.input).to.include({
        ConditionExpression: "#owner = :owner AND attribute_exists(endsAt)",
      });
    });
  });

  it("never takes an old value for the current one", async () => {
    const { table, sent } = scripted({});
    expect(await table.read("a", call())).to.deep.equal({ version: 0 });
    expect(sent[0]?.input).to.include({ ConsistentRead: true });
  });
});
