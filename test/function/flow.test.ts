import { expect } from "chai";
import { DependencyError } from "../../function/platform/errors.ts";
import type { Echo, Outside } from "./support/domain.ts";
import { expectValidEmf } from "./support/emf.ts";
import { context, harness, httpEvent, NOW, rejection } from "./support/harness.ts";

const event = { word: "hello" };

const failing =
  (thrown: unknown): Outside =>
  () =>
    Promise.reject(thrown);

describe("the request flow", () => {
  describe("of an event that is fine", () => {
    it("answers with the result and the correlation id", async () => {
      const response = await harness().handler({ ...event, correlationId: "c-1" }, context());

      expect(response.statusCode).to.equal(200);
      expect(response.headers).to.deep.equal({
        "content-type": "application/json",
        "x-correlation-id": "c-1",
      });
      expect(JSON.parse(response.body)).to.deep.equal({
        id: "request-1",
        word: "hello",
        at: NOW.toISOString(),
      });
    });

    it("makes the same record when Lambda retries it", async () => {
      const { handler } = harness();

      const ids = await Promise.all(
        [1, 2].map(async () => (JSON.parse((await handler(event, context())).body) as Echo).id),
      );

      expect(ids[0]).to.equal(ids[1]);
    });

    it("hands a signal, the time and the ids to the domain", async () => {
      const calls: unknown[] = [];
      const outside: Outside = (_event, { signal, correlationId, newId, now }) => {
        calls.push({ aborted: signal.aborted, correlationId, newId, now });
      };

      await harness({ outside }).handler({ ...event, correlationId: "c-1" }, context());

      expect(calls).to.deep.equal([
        { aborted: false, correlationId: "c-1", newId: "request-1", now: NOW },
      ]);
    });

    it("counts one success in one line", async () => {
      const { handler, metrics } = harness();

      await handler(event, context());

      expect(metrics()).to.have.length(1);
      expect(metrics()[0]).to.include({ SuccessCount: 1, ProcessedEvents: 1 });
      expect(metrics()[0]?.ProcessingDuration).to.be.a("number");
      expect(metrics()[0]?._aws.CloudWatchMetrics[0]?.Dimensions).to.deep.equal([
        ["service", "environment"],
      ]);
      expect(metrics()[0]).not.to.have.any.keys("ErrorCount", "ColdStart");
    });

    it("logs one line with what is needed to find it", async () => {
      const { handler, logs } = harness();

      await handler(event, context());

      expect(logs()).to.have.length(1);
      expect(logs()[0]).to.include({
        level: "INFO",
        message: "Event processed",
        service: "lambda",
        correlation_id: "request-1",
        function_request_id: "request-1",
        word: "hello",
      });
    });

    it("is traced step by step", async () => {
      const { handler, documents } = harness();

      await handler(event, context());

      expect(documents()).to.have.length(1);
      expect(documents()[0]?.annotations).to.deep.equal({
        word: "hello",
        success: true,
        ColdStart: false,
        Service: "lambda",
      });
      expect(documents()[0]?.subsegments?.map(({ name }) => name)).to.deep.equal([
        "validate",
        "outside",
      ]);
    });
  });

  it("counts a cold start once, in log, metric and trace", async () => {
    const flow = harness({
      startsCold: true,
      variables: { AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand" },
    });

    await flow.handler(event, context());
    await flow.handler(event, context());

    expect(flow.metrics().map(({ ColdStart }) => ColdStart)).to.deep.equal([1, undefined]);
    expect(flow.logs().map(({ cold_start }) => cold_start)).to.deep.equal([true, false]);
    expect(flow.documents().map((it) => it.annotations?.["ColdStart"])).to.deep.equal([
      true,
      false,
    ]);
  });

  describe("lets a team's own code observe", () => {
    const outside: Outside = ({ word }, { log, count, trace }) => {
      log.info("Looked up", { rows: 3, password: "p" });
      count("OrderValue", 12.5, "None");
      count("Lookups");
      count("Lookups");
      count("service");
      count("Lookups", Number.NaN);
      trace.metadata("query", { word, token: "t" });
      return trace.step("inner", (inner) => inner.annotate("rows", 3));
    };

    it("by log lines with the invocation's keys and without secrets", async () => {
      const { handler, logs } = harness({ outside });

      await handler(event, context());

      expect(logs()[0]).to.include({
        message: "Looked up",
        correlation_id: "request-1",
        rows: 3,
        password: "[redacted]",
      });
    });

    it("by metrics of its own, and says which it cannot write", async () => {
      const { handler, metrics, logs } = harness({ outside });

      await handler(event, context());

      expect(metrics()[0]).to.deep.include({
        OrderValue: 12.5,
        Lookups: [1, 1],
        service: "lambda",
      });
      expect(
        logs()
          .filter(({ level }) => level === "WARN")
          .map(({ name }) => name),
      ).to.deep.equal(["service", "Lookups"]);
    });

    it("by no metrics in a smoke call", async () => {
      const { handler, metrics } = harness({ outside });

      await handler({ word: "smoke", source: "smoke" }, context());

      expect(metrics()[0]).not.to.have.any.keys("OrderValue", "Lookups");
    });

    it("by metadata and steps within its step", async () => {
      const { handler, documents } = harness({ outside });

      await handler(event, context());

      const [document] = documents();
      expect(document?.annotations).to.include({ rows: 3 });
      const [, step] = document?.subsegments ?? [];
      expect(step).to.have.nested.property("metadata.default.query.token", "[redacted]");
      expect(step?.subsegments?.map(({ name }) => name)).to.deep.equal(["inner"]);
    });
  });

  it("counts a smoke call in no business metric, and treats it like any other", async () => {
    const carriedOut: unknown[] = [];
    const flow = harness({ outside: (event) => void carriedOut.push(event) });

    const response = await flow.handler({ word: "smoke", source: "smoke" }, context());

    expect(response.statusCode).to.equal(200);
    expect(carriedOut).to.have.length(1);
    expect(flow.metrics()[0]).to.include({ SuccessCount: 1 });
    expect(flow.metrics()[0]).not.to.have.any.keys("ProcessedEvents", "ProcessingDuration");
    expect(flow.documents()).to.have.length(1);
  });

  it("counts a call that only says it was a smoke call like any other", async () => {
    const flow = harness();

    await flow.handler({ word: "of a customer", source: "smoke" }, context());

    expect(flow.metrics()[0]).to.include({ ProcessedEvents: 1 });
  });

  it("answers the caller's fault where somebody reads it, with a warning and counts", async () => {
    const flow = harness();

    const response = await flow.handler(httpEvent({ word: 7 }), context());

    expect(response.statusCode).to.equal(400);
    expect(JSON.parse(response.body)).to.deep.equal({
      message: "Invalid event",
      faults: [{ path: "word", message: "must be a string" }],
      correlationId: "request-1",
    });
    expect(flow.metrics()[0]).to.include({ ErrorCount: 1, RefusedCount: 1, outcome: "refused" });
    expect(flow.logs().map(({ level }) => level)).to.deep.equal(["WARN"]);
    expect(flow.documents()[0]).to.include({ error: true });
    expect(flow.documents()[0]?.annotations).to.include({ success: false });
  });

  it("refuses what attacks objects or is too deep before the domain sees it", async () => {
    const flow = harness({ outside: () => expect.fail("reached") });
    const attack: unknown = JSON.parse(`{"word":"w","a":[{"__proto__":{}}]}`);

    const response = await flow.handler(httpEvent(attack), context());

    expect(JSON.parse(response.body)).to.deep.include({
      faults: [{ path: "a.0", message: "must not have a key __proto__" }],
    });
  });

  it("fails a direct invocation that it refuses, with the fields at fault and nothing that they hold", async () => {
    const flow = harness();

    const error = await rejection(flow.handler({ word: { secret: 1 }, more: "secret" }, context()));

    expect(error.name).to.equal("RefusedInvocationError");
    expect(error.message).to.equal(
      "Event refused, correlation id request-1: word must be a string",
    );
    expect(`${error.stack}`).not.to.match(/secret|\.ts/);
    expect(flow.metrics()[0]).to.include({ ErrorCount: 1, RefusedCount: 1, outcome: "refused" });
    expect(flow.documents()[0]).to.include({ error: true });
  });

  it("repeats no key of the caller's that is no name", async () => {
    const attack = JSON.parse(`{"word":"w","4711 of a@b.example":{"__proto__":{}}}`) as object;

    const error = await rejection(harness().handler(attack, context()));

    expect(error.message).to.match(/: the event must not have a key __proto__$/);
  });

  it("answers a smoke event of another version that it refuses, and counts it like any other", async () => {
    const flow = harness();

    const response = await flow.handler({ word: ["unknown"], source: "smoke" }, context());

    expect(response.statusCode).to.equal(400);
    expect(flow.metrics()[0]).to.include({ RefusedCount: 1 });
  });

  it("answers a refused direct invocation where the setting says that callers read it", async () => {
    const { handler } = harness({ callers: { answerDirect: true } });

    expect(await handler({ word: 7 }, context())).to.include({ statusCode: 400 });
  });

  it("takes no HTTP from a front that is none of the service's", async () => {
    const event = { ...httpEvent({ word: "w" }), requestContext: { http: {}, apiId: "other" } };
    const flow = harness({ callers: { httpFronts: ["api-1"] } });

    const error = await rejection(flow.handler(event, context()));
    const own = { ...event, requestContext: { http: {}, apiId: "api-1" } };

    expect(error.message).to.contain(`front "other"`).and.contain("HTTP_FRONTS");
    expect(await flow.handler(own, context())).to.include({ statusCode: 200 });
  });

  it("counts failures and refusals by version too, and nothing else", async () => {
    const variables = { AWS_LAMBDA_FUNCTION_VERSION: "7" };
    const flow = harness({ outside: failing(new Error("x")), variables });

    await flow.handler(httpEvent({ word: "w" }), context());
    await flow.handler(httpEvent({ word: 7 }), context());

    for (const [index, name] of ["FailedCount", "RefusedCount"].entries()) {
      const line = flow.metrics()[index];
      const [all, byVersion, ...none] = line?._aws.CloudWatchMetrics ?? [];
      expect(all?.Dimensions).to.deep.equal([["service", "environment"]]);
      expect(all?.Metrics.map(({ Name }) => Name)).to.deep.equal(["ErrorCount", name]);
      expect(byVersion?.Dimensions).to.deep.equal([["service", "environment", "version"]]);
      expect(byVersion?.Metrics.map(({ Name }) => Name)).to.deep.equal([name]);
      expect(line).to.include({ version: "7", [name]: 1 });
      expect(none).to.deep.equal([]);
    }
  });

  describe("of a failure of ours", () => {
    const cause = new Error("connection to db-7.internal refused for admin");
    const outside = failing(new DependencyError("table", cause));

    it("fails a direct invocation, and tells its caller nothing", async () => {
      const error = await rejection(harness({ outside }).handler(event, context()));

      expect(error.name).to.equal("InternalError");
      expect(error.message).to.contain("request-1");
      expect(`${error.message} ${error.stack}`).not.to.match(/table|db-7|\.ts/);
    });

    it("answers an HTTP front with 500, and tells its caller nothing", async () => {
      const response = await harness({ outside }).handler(httpEvent(event), context());

      expect(response.statusCode).to.equal(500);
      expect(response.headers?.["x-correlation-id"]).to.equal("request-1");
      expect(response.body).not.to.match(/table|db-7/);
    });

    it("tells the log everything, down to the cause", async () => {
      const { handler, logs } = harness({ outside });

      await rejection(handler(event, context()));

      expect(logs()).to.have.length(1);
      expect(logs()[0]).to.include({ level: "ERROR", correlation_id: "request-1" });
      expect(logs()[0]?.error).to.include({ name: "DependencyError", message: "table failed" });
      expect(JSON.stringify(logs()[0]?.error)).to.contain("db-7.internal").and.contain("flow.test");
    });

    it("is counted and traced before the invocation ends", async () => {
      const { handler, metrics, documents } = harness({ outside });

      await rejection(handler(event, context()));

      expect(metrics()).to.have.length(1);
      expect(metrics()[0]).to.include({ ErrorCount: 1, FailedCount: 1, outcome: "failed" });
      expect(documents()[0]).to.include({ fault: true });
      expect(documents()[0]?.subsegments?.find(({ name }) => name === "outside")).to.include({
        fault: true,
      });
    });

    it("leaves nothing of it in the next invocation", async () => {
      let failing = true;
      const flow = harness({
        outside: () => (failing ? Promise.reject(cause) : Promise.resolve()),
      });
      await rejection(flow.handler({ ...event, correlationId: "first" }, context()));
      failing = false;

      await flow.handler(event, context({ awsRequestId: "request-2" }));

      expect(flow.metrics()[1]).to.include({ correlation_id: "request-2", SuccessCount: 1 });
      expect(flow.metrics()[1]).not.to.have.any.keys("ErrorCount", "outcome");
      expect(flow.logs()[1]).to.include({ correlation_id: "request-2" });
    });
  });

  it("ends a dependency that is too slow as a failure that is logged and counted", async () => {
    let aborted: AbortSignal | undefined;
    const flow = harness({
      outside: (_event, { signal }) => {
        aborted = signal;
        return new Promise(() => {});
      },
    });

    await rejection(flow.handler(event, context({ getRemainingTimeInMillis: () => 20 })));

    expect(aborted?.aborted).to.equal(true);
    expect(flow.metrics()[0]).to.include({ ErrorCount: 1 });
    expect(flow.logs()[0]?.error).to.include({ name: "DeadlineError" });
  });

  const ring = new Error("ring");
  ring.cause = ring;
  for (const [what, thrown] of [
    ["undefined", undefined],
    ["null", null],
    ["a string", "secret"],
    ["an object without a prototype", Object.create(null)],
    ["an error that is its own cause", ring],
    [
      "an error whose message is no text",
      Object.assign(new Error(), { message: Object.create(null) }),
    ],
    ["a big integer", 10n],
  ] as const) {
    it(`survives ${what} thrown by a dependency`, async () => {
      const flow = harness({ outside: failing(thrown) });

      const response = await flow.handler(httpEvent(event), context());

      expect(response.statusCode).to.equal(500);
      expect(flow.logs().at(-1)).to.include({ level: "ERROR" });
      expect(flow.metrics()[0]).to.include({ ErrorCount: 1 });
      expect(flow.documents()[0]).to.include({ fault: true });
    });
  }

  it("logs the event only where asked to, with what is secret taken out", async () => {
    const event = { word: "w", email: "a@example.org", token: "t", colour: "red" };
    const debug = { POWERTOOLS_LOG_LEVEL: "debug" };
    const asked = harness({ variables: { ...debug, POWERTOOLS_LOGGER_LOG_EVENT: "true" } });
    const others = [harness({ variables: debug }), harness()];

    for (const { handler } of [asked, ...others]) await handler(event, context());

    expect(asked.logs()[0]).to.deep.include({
      level: "DEBUG",
      event: { word: "w", email: "[redacted]", token: "[redacted]", colour: "red" },
    });
    for (const { lines } of others) expect(lines.join()).not.to.match(/example\.org|red/);
  });

  it("writes metrics that CloudWatch takes, in every outcome", async () => {
    const flow = harness({ startsCold: true });
    await flow.handler(event, context());
    await flow.handler(httpEvent({}), context());

    for (const line of flow.metrics()) expectValidEmf(line);
  });
});

describe("the log level", () => {
  const levels = async (variables: Record<string, string>): Promise<string[]> => {
    const flow = harness({ variables });
    await flow.handler(event, context());
    await flow.handler(httpEvent({}), context());
    return flow.logs().map(({ level }) => level);
  };

  it("is the stack's where Lambda filters nothing", async () => {
    expect(await levels({ POWERTOOLS_LOG_LEVEL: "warn" })).to.deep.equal(["WARN"]);
  });

  it("is the stack's where that is quieter than Lambda's filter", async () => {
    expect(
      await levels({ POWERTOOLS_LOG_LEVEL: "error", AWS_LAMBDA_LOG_LEVEL: "INFO" }),
    ).to.deep.equal([]);
  });

  it("is Lambda's where that is quieter", async () => {
    expect(
      await levels({ POWERTOOLS_LOG_LEVEL: "debug", AWS_LAMBDA_LOG_LEVEL: "WARN" }),
    ).to.deep.equal(["WARN"]);
  });

  it("leaves metrics alone", async () => {
    const flow = harness({ variables: { POWERTOOLS_LOG_LEVEL: "silent" } });

    await flow.handler(event, context());

    expect(flow.logs()).to.deep.equal([]);
    expect(flow.metrics()).to.have.length(1);
  });
});
