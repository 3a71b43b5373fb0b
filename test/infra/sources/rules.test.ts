/** What the config key `sources` takes and refuses: every fault at once, each with what it is, its rule and a remedy. */
import { expect } from "chai";
import { parseSettings, SettingsError } from "../../../infra/settings/parse.ts";
import { rawSettings } from "../../../ops/support/stack-config.ts";
import { ALL_SOURCES } from "../../support/all-sources.ts";
import { testConfig, type Value } from "../../support/settings.ts";

const parse = (sources: readonly unknown[], config: Readonly<Record<string, Value>> = {}) =>
  parseSettings(rawSettings(testConfig("staging", { ...config, sources })));

const faults = (
  sources: readonly unknown[],
  config: Readonly<Record<string, Value>> = {},
): readonly string[] => {
  try {
    parse(sources, config);
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
  return [];
};

const queue = (more: object = {}) => ({ name: "orders", kind: "queue", ...more });
const fifo = (more: object = {}) => queue({ fifo: true, ...more });
const rule = (pattern: unknown) => ({ name: "paid", kind: "rule", pattern });
const schedule = (more: object) => ({ name: "nightly", kind: "schedule", event: {}, ...more });
const stream = (more: object = {}) => ({
  name: "changes",
  kind: "stream",
  table: "orders",
  ...more,
});

describe("the config of event sources", () => {
  it("takes one of each kind, and fills in what is left out", () => {
    const { sources } = parse(ALL_SOURCES);

    expect(sources.map(({ kind }) => kind)).to.deep.equal(ALL_SOURCES.map(({ kind }) => kind));
    expect(sources[1]).to.deep.equal({
      kind: "queue",
      name: "entries",
      fifo: true,
      deduplicateByContent: false,
      batchSize: 10,
      batchingWindowSeconds: 0,
      maxReceives: 6,
      filters: [],
    });
  });

  it("takes a pattern as a mapping and as its text in JSON", () => {
    const pattern = { source: ["shop"], detail: { amount: [{ numeric: [">", 100] }] } };
    const [asMapping] = parse([rule(pattern)]).sources;
    const [asText] = parse([rule(JSON.stringify(pattern))]).sources;
    expect(asText).to.deep.equal(asMapping);
  });

  for (const expression of [
    "rate(1 minute)",
    "rate(5 minutes)",
    "cron(0/15 * * * ? *)",
    "cron(0 8 ? * MON-FRI *)",
    "cron(0 8 ? * 6L *)",
    "cron(30 3 L * ? *)",
  ]) {
    it(`takes ${expression}`, () => {
      expect(faults([schedule({ expression })])).to.deep.equal([]);
    });
  }

  for (const [what, source, expected] of [
    ["no kind", { name: "orders" }, /^sources "orders" kind: no value; must be one of queue, rule/],
    ["an unknown kind", { name: "orders", kind: "topic" }, /kind: "topic"; must be one of queue/],
    ["no name", { kind: "queue" }, /^sources\[0\] name: no value; must begin with a letter/],
    ["a name with capitals", queue({ name: "Orders" }), /name: "Orders"; must begin with a letter/],
    ["the name of dead letters", queue({ name: "dlq-a" }), /name: "dlq-a"; must not be dlq/],
    ["the function's name", queue({ name: "function" }), /name: "function"; must not be dlq/],
    [
      "a name too long",
      queue({ name: "n".repeat(70) }),
      /queue \S+ has 89 of at most 80 characters/,
    ],
    [
      "a rule's name too long",
      { ...rule({ source: ["a"] }), name: "n".repeat(50) },
      /rule \S+ has 65 of at most 64 characters; choose a shorter one/,
    ],
    [
      "a misspelt key",
      queue({ batchsize: 5 }),
      /batchsize: 5; no such key; the keys are name, kind/,
    ],
    [
      "a visibility of one's own",
      queue({ visibilityTimeoutSeconds: 30 }),
      /visibilityTimeoutSeconds: 30; no such key/,
    ],
    ["a key of another kind", stream({ fifo: true }), /fifo: true; no such key/],
    ["a batch too large", queue({ batchSize: 20_000 }), /batchSize: 20000; .* 1 to 10000 messages/],
    ["a FIFO batch too large", fifo({ batchSize: 11 }), /batchSize: 11; .* 1 to 10 messages/],
    [
      "a large batch without a window",
      queue({ batchSize: 100 }),
      /batchSize: 100; above 10 needs batchingWindowSeconds of 1 or more; set it/,
    ],
    [
      "a window on a FIFO queue",
      fifo({ batchingWindowSeconds: 5 }),
      /batchingWindowSeconds: 5; a FIFO queue has no batching window; remove it/,
    ],
    ["a concurrency of one", queue({ maxConcurrency: 1 }), /maxConcurrency: 1; .* 2 to 1000/],
    ["too few tries", queue({ maxReceives: 2 }), /maxReceives: 2; .* 5 to 1000 times/],
    [
      "duplicates of a standard queue",
      queue({ deduplicateByContent: true }),
      /only FIFO queues drop duplicates/,
    ],
    [
      "six filters",
      queue({ filters: Array.from({ length: 6 }, () => ({ body: { a: ["b"] } })) }),
      /at most 5 patterns/,
    ],
    [
      "a filter that is no JSON",
      queue({ filters: ["{body"] }),
      /filters\[0\]: "\{body"; must be a mapping/,
    ],
    [
      "a filter on a field that no record has",
      queue({ filters: [{ Body: { a: ["b"] } }] }),
      /filters\[0\]: .*; has no field "Body"; a record has body/,
    ],
    [
      "a value without its list",
      queue({ filters: [{ body: { a: "b" } }] }),
      /body\.a must be a list of values/,
    ],
    [
      "an unknown comparison",
      queue({ filters: [{ body: { a: [{ like: "b" }] } }] }),
      /no \{"like":"b"\}/,
    ],
    [
      "a rule without a pattern",
      { name: "paid", kind: "rule" },
      /pattern: no value; must be a mapping/,
    ],
    [
      "a pattern that is no JSON",
      rule("{source: [shop]}"),
      /pattern: .*; must be a mapping, or its text/,
    ],
    ["a pattern of nothing", rule({}), /must name at least one field, else every event of the bus/],
    ["an empty list", rule({ source: [] }), /source must hold at least one value/],
    [
      "half a comparison of numbers",
      rule({ detail: { amount: [{ numeric: [">"] }] } }),
      /detail\.amount\.numeric must be such as/,
    ],
    ["a bus by its ARN", { ...rule({ source: ["a"] }), bus: "arn:aws:events:x" }, /name of a bus/],
    [
      "no bucket",
      { name: "files", kind: "bucket" },
      /bucket: no value; must be the name of a bucket/,
    ],
    [
      "an event that S3 has not",
      { name: "files", kind: "bucket", bucket: "acme-in", events: ["s3:ObjectCreated:*"] },
      /events: .*; must be a list of Object Created/,
    ],
    [
      "a stream without a table",
      { name: "c", kind: "stream" },
      /table: no value; must be the name/,
    ],
    [
      "numbers in a stream's filter",
      stream({ filters: [{ dynamodb: { NewImage: { n: { N: [{ numeric: ["=", 1] }] } } } }] }),
      /knows the comparisons prefix/,
    ],
    ["eleven lanes", stream({ parallelization: 11 }), /parallelization: 11; .* 1 to 10/],
    ["a position that is none", stream({ startingPosition: "NOW" }), /startingPosition: "NOW"/],
    ["no expression", schedule({}), /expression: no value; must be such as rate/],
    [
      "a rate of one in the plural",
      schedule({ expression: "rate(1 minutes)" }),
      /rate\(1 minute\)/,
    ],
    ["five fields", schedule({ expression: "cron(0 3 * * *)" }), /has 5 fields; write six/],
    ["both days", schedule({ expression: "cron(0 3 1 * MON *)" }), /must have \? as either/],
    ["a cron that never fires", schedule({ expression: "cron(0 0 31 2 ? *)" }), /never fires/],
    [
      "an hour that is none",
      schedule({ expression: "cron(0 25 * * ? *)" }),
      /is no cron expression/,
    ],
    ["a moment", schedule({ expression: "at(2026-01-01T00:00:00)" }), /must be such as rate/],
    [
      "a time zone that is none",
      schedule({ expression: "rate(1 day)", timeZone: "Berlin" }),
      /timeZone: "Berlin"; must be an IANA/,
    ],
    ["no mapping", "orders", /^sources\[0\]: "orders"; must be a mapping with name and kind/],
  ] as const) {
    it(`refuses ${what}, with the rule and a remedy`, () => {
      const found = faults([source]);
      expect(found.join("\n")).to.match(expected);
      for (const fault of found) {
        expect(fault).to.match(/^sources(?:\[0\]| ")/);
        expect(fault.endsWith(" in Pulumi.staging.yaml"), fault).to.equal(true);
        expect(fault.split("; "), fault).to.have.length.at.least(3);
      }
    });
  }

  it("refuses two sources of one name", () => {
    expect(faults([queue(), rule({ source: ["a"] }), queue()])).to.deep.equal([
      'sources[2] name: "orders"; is another source\'s already; name it otherwise in Pulumi.staging.yaml',
    ]);
  });

  it("refuses more calls at a time than the function may run", () => {
    const sources = [
      queue({ maxConcurrency: 40 }),
      { ...queue({ maxConcurrency: 30 }), name: "b" },
    ];
    expect(faults(sources, { reservedConcurrency: 60 }).join()).to.match(
      /^sources maxConcurrency: 70 in all \(orders 40, b 30\); must not be above reservedConcurrency \(60\)/,
    );
    expect(faults(sources, { reservedConcurrency: 70 })).to.deep.equal([]);
  });

  it("refuses tries that outlast the message: it would be deleted, and be no dead letter", () => {
    const sources = [queue({ maxReceives: 1000 })];
    expect(faults(sources, { timeoutSeconds: 25 })).to.deep.equal([]);
    expect(faults(sources, { timeoutSeconds: 60 }).join()).to.match(
      /maxReceives: 1000; so many tries take up to 100 h .* the queue keeps a message for 96 h.*; lower it/,
    );
  });

  it("reports everything that is wrong at once", () => {
    const found = faults([queue({ batchSize: 0, maxConcurrency: 1 }), schedule({}), { kind: "x" }]);
    expect(found).to.have.length(4);
  });

  it("refuses what is no list", () => {
    expect(() => parseSettings(rawSettings(testConfig("staging", { sources: "orders" })))).to.throw(
      /sources: "orders"; must be a list of mappings/,
    );
  });
});
