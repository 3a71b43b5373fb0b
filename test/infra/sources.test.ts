/** What each kind of event source is made of, and that nothing is made where there is none. */
import { expect } from "chai";
import { failure } from "../support/failure.ts";
import { ALL_SOURCES, STREAM_ARN } from "../support/all-sources.ts";
import { type MockRun, runProgram } from "../support/mocks.ts";

const QUEUE = "aws:sqs/queue:Queue";
const POLICY = "aws:sqs/queuePolicy:QueuePolicy";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const ALIAS = "arn:aws:lambda:eu-central-1:123456789012:function:ledger-function-staging:live";
const sqs = (name: string) => `arn:aws:sqs:eu-central-1:123456789012:${name}`;

interface Statement {
  readonly Effect: string;
  readonly Principal: Readonly<Record<string, string>>;
  readonly Action: readonly string[];
  readonly Condition: object;
}

describe("event sources", () => {
  let run: MockRun<Readonly<Record<string, unknown>>>;
  before(async () => {
    run = await runProgram({ config: { sources: ALL_SOURCES } });
  });

  const inputs = (type: string, name: string) => run.find(type, name).inputs;
  const statements = (name: string): readonly Statement[] =>
    (JSON.parse(String(inputs(POLICY, name)["policy"])) as { Statement: Statement[] }).Statement;

  it("all call the alias, so that a release decides which version answers", () => {
    for (const { inputs: mapping, name } of run.all(MAPPING)) {
      expect(mapping["functionName"], name).to.equal(ALIAS);
    }
    const { target } = inputs("aws:scheduler/schedule:Schedule", "nightly-schedule");
    expect(target).to.include({ arn: ALIAS });
  });

  it("ask for partial failures, replace a mapping by deleting it first, and tell the handler", () => {
    expect(run.all(MAPPING)).to.have.length(5);
    for (const { inputs: mapping, options, name } of run.all(MAPPING)) {
      expect(mapping["functionResponseTypes"], name).to.deep.equal(["ReportBatchItemFailures"]);
      expect(options.deleteBeforeReplace, name).to.equal(true);
    }
    const { environment } = inputs("aws:lambda/function:Function", "function");
    expect(environment).to.nested.include({ "variables.PARTIAL_BATCH_RESPONSES": "true" });
  });

  it("hide a message for six times the function's timeout, and the window", () => {
    // The tests' staging has a timeout of 25 s; the orders wait for two.
    expect(inputs(QUEUE, "orders-queue")["visibilityTimeoutSeconds"]).to.equal(152);
    expect(inputs(QUEUE, "entries-queue")["visibilityTimeoutSeconds"]).to.equal(150);
  });

  it("have dead letters of their own, which keep longer than the queue and which no other queue fills", () => {
    for (const { name, kind } of ALL_SOURCES) {
      const dead = inputs(QUEUE, `${name}-dead-letters`);
      expect(dead["messageRetentionSeconds"], name).to.equal(9 * 86_400);
      expect(dead["sqsManagedSseEnabled"], name).to.equal(true);
      const allowed = JSON.parse(String(dead["redriveAllowPolicy"])) as object;
      const isQueued = kind !== "stream" && kind !== "schedule";
      if (!isQueued) {
        expect(allowed, name).to.deep.equal({ redrivePermission: "denyAll" });
        continue;
      }
      const queue = inputs(QUEUE, `${name}-queue`);
      expect(queue["messageRetentionSeconds"], name).to.equal(4 * 86_400);
      expect(allowed, name).to.deep.equal({
        redrivePermission: "byQueue",
        sourceQueueArns: [sqs(String(queue["name"]))],
      });
      expect(JSON.parse(String(queue["redrivePolicy"])), name).to.deep.equal({
        deadLetterTargetArn: sqs(String(dead["name"])),
        maxReceiveCount: name === "entries" ? 6 : 5,
      });
    }
  });

  it("know a FIFO queue by its name, with dead letters of the same kind, and groups for themselves", () => {
    for (const name of ["entries-queue", "entries-dead-letters"]) {
      expect(inputs(QUEUE, name)).to.include({
        fifoQueue: true,
        contentBasedDeduplication: false,
        deduplicationScope: "messageGroup",
        fifoThroughputLimit: "perMessageGroupId",
      });
      expect(inputs(QUEUE, name)["name"]).to.match(/-staging\.fifo$/);
    }
    expect(inputs(MAPPING, "entries-mapping")).to.not.have.property(
      "maximumBatchingWindowInSeconds",
    );
  });

  it("bound the calls at a time, and filter, where config says so", () => {
    expect(inputs(MAPPING, "orders-mapping")).to.deep.include({
      batchSize: 50,
      maximumBatchingWindowInSeconds: 2,
      scalingConfig: { maximumConcurrency: 5 },
      filterCriteria: { filters: [{ pattern: '{"body":{"word":["placed"]}}' }] },
    });
    expect(inputs(MAPPING, "entries-mapping")).to.not.have.any.keys(
      "scalingConfig",
      "filterCriteria",
    );
  });

  it("let exactly its rule into a queue that a rule feeds, and nobody into others", () => {
    for (const [name, arn] of [
      ["payments", "arn:aws:events:eu-central-1:123456789012:rule/shop/ledger-payments-staging"],
      ["uploads", "arn:aws:events:eu-central-1:123456789012:rule/ledger-uploads-staging"],
    ] as const) {
      for (const policy of [`${name}-queue-policy`, `${name}-dead-letters-policy`]) {
        const allowed = statements(policy).filter(({ Effect }) => Effect === "Allow");
        expect(
          allowed.map(({ Principal, Action }) => [Principal, Action]),
          policy,
        ).to.deep.equal([[{ Service: "events.amazonaws.com" }, ["sqs:SendMessage"]]]);
        expect(allowed[0]?.Condition, policy).to.deep.equal({
          ArnEquals: { "aws:SourceArn": arn },
          StringEquals: { "aws:SourceAccount": "123456789012" },
        });
      }
      expect(inputs("aws:cloudwatch/eventTarget:EventTarget", `${name}-target`)).to.deep.include({
        arn: sqs(`ledger-${name}-staging`),
        deadLetterConfig: { arn: sqs(`ledger-dlq-${name}-staging`) },
      });
    }
    for (const name of [
      "orders-queue-policy",
      "entries-queue-policy",
      "changes-dead-letters-policy",
    ]) {
      expect(
        statements(name).map(({ Effect }) => Effect),
        name,
      ).to.deep.equal(["Deny"]);
    }
  });

  it("match a bucket's objects by the events that S3 sends", () => {
    const { eventPattern } = inputs("aws:cloudwatch/eventRule:EventRule", "uploads-rule");
    expect(JSON.parse(String(eventPattern))).to.deep.equal({
      source: ["aws.s3"],
      "detail-type": ["Object Created"],
      detail: { bucket: { name: ["acme-incoming"] }, object: { key: [{ prefix: "in/" }] } },
    });
  });

  it("bound the tries of a stream, halve what fails, and keep where it was", () => {
    expect(inputs(MAPPING, "changes-mapping")).to.deep.include({
      eventSourceArn: STREAM_ARN,
      startingPosition: "TRIM_HORIZON",
      maximumRetryAttempts: 5,
      maximumRecordAgeInSeconds: 43_200,
      bisectBatchOnFunctionError: true,
      destinationConfig: { onFailure: { destinationArn: sqs("ledger-dlq-changes-staging") } },
    });
  });

  it("call at their time by a bounded role of their own, with a correlation id that stays", () => {
    const schedule = inputs("aws:scheduler/schedule:Schedule", "nightly-schedule");
    expect(schedule).to.deep.include({
      groupName: "ledger-schedules-staging",
      scheduleExpression: "cron(0 3 * * ? *)",
      scheduleExpressionTimezone: "Europe/Berlin",
      flexibleTimeWindow: { mode: "OFF" },
    });
    const target = schedule["target"] as Readonly<Record<string, unknown>>;
    expect(JSON.parse(String(target["input"]))).to.deep.equal({
      correlationId: "nightly.<aws.scheduler.scheduled-time>",
      word: "nightly",
    });
    expect(target["deadLetterConfig"]).to.deep.equal({ arn: sqs("ledger-dlq-nightly-staging") });
    const role = inputs("aws:iam/role:Role", "scheduler-role");
    expect(role["permissionsBoundary"]).to.match(/policy\/ledger-boundary-staging$/);
    expect(String(role["assumeRolePolicy"])).to.contain('"aws:SourceAccount":"123456789012"');
  });

  it("tell commands where each queue is", () => {
    const sources = run.outputs["sources"] as unknown as readonly Readonly<
      Record<string, unknown>
    >[];
    expect(sources.find(({ name }) => name === "entries")).to.include({
      kind: "queue",
      fifo: true,
      queueUrl: "https://sqs.eu-central-1.amazonaws.com/123456789012/ledger-entries-staging.fifo",
      deadLetterQueueUrl:
        "https://sqs.eu-central-1.amazonaws.com/123456789012/ledger-dlq-entries-staging.fifo",
    });
  });

  it("make nothing and say nothing where there are none", async () => {
    const off = await runProgram();
    const own = off.resources.filter(
      ({ type, options }) =>
        [type, options.parent?.type].includes("lambda-service:infra:Sources") || type === MAPPING,
    );
    expect(own).to.deep.equal([]);
    expect(off.outputs).to.not.have.property("sources");
    const all = [...off.resources].map(({ inputs: given }) => JSON.stringify(given)).join("\n");
    expect(all).to.not.match(/PARTIAL_BATCH|dlq-\*|event-source-mapping/);
  });

  it("change nothing but rights and the handler's environment besides what they make", async () => {
    const off = await runProgram();
    const keyed = (all: typeof off.resources) =>
      new Map(all.map((one) => [`${one.type} ${one.name}`, JSON.stringify(one.inputs)]));
    const [before, after] = [keyed(off.resources), keyed(run.resources)];

    expect([...before.keys()].filter((key) => !after.has(key))).to.deep.equal([]);
    const changed = [...before].flatMap(([key, inputs]) =>
      after.get(key) === inputs ? [] : [key.split(" ")[1]],
    );
    expect(changed).to.have.members([
      "identity-boundary",
      "identity-operator",
      "execution-permissions",
      "function",
      // It shows the alarms.
      "dashboard",
    ]);
    const ours =
      /^(?:orders|entries|payments|uploads|changes|nightly|schedules?r?|iterator-age|sources|identity-(?:\w+-)?options)/;
    const made = run.resources.filter(({ type, name }) => !before.has(`${type} ${name}`));
    expect(made.filter(({ name }) => !ours.test(name)).map(({ name }) => name)).to.deep.equal([]);
  });

  it("are refused in a plan where the domain takes no such event, each with what to write", async () => {
    const error = await failure(
      runProgram({
        config: { sources: ALL_SOURCES },
        domain: new URL("../support/domain-of-no-source.ts", import.meta.url).href,
      }),
    );
    expect(error).to.match(/^5 faults between the sources of stack staging and the program:/);
    expect(error).to.contain(
      'sources "changes" kind: "stream"; function/domain/index.ts names no way into events of dynamodb, so each would fail; add sources: { dynamodb: wholeRecord } there',
    );
  });

  it("are refused where an own table hands no stream over", async () => {
    const sources = [{ name: "changes", kind: "stream", table: "orders" }];
    const error = await failure(runProgram({ config: { sources } }));
    expect(error).to.contain(
      'sources "changes" table: "orders"; no own table has a stream; name its stream in makeOwnResources',
    );
  });
});
