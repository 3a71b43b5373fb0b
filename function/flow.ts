/**
 * The flow of one request, from whatever came in to a response or a failed invocation.
 * Put here: the order of the steps, and what is logged and counted. Nothing of what the steps do.
 */
import type { Context } from "aws-lambda";
import { runBatch } from "./platform/batch.ts";
import { steadyMs } from "./platform/clock.ts";
import { withDeadline } from "./platform/deadline.ts";
import type { Call, Domain } from "./platform/domain.ts";
import { RefusedError } from "./platform/errors.ts";
import { decide } from "./platform/failure.ts";
import "./platform/features.ts";
import type { CountMetric } from "./platform/metric-names.ts";
import { isMetric } from "./platform/metrics.ts";
import type { Outbox } from "./platform/outbox.ts";
import { type Callers, readRequest, type Request, safeId } from "./platform/request.ts";
import type { BatchResponse, HttpResponse } from "./platform/response.ts";
import { smokeTest } from "./platform/smoke.ts";
import { isRecord, structureFaults } from "./platform/structure.ts";
import type { Telemetry } from "./platform/telemetry.ts";
import type { Trace, Tracer } from "./platform/tracing.ts";

/** What the environment says about callers. */
export interface CallerSettings
  extends Pick<Callers, "httpFronts" | "answerDirect" | "corsOrigins"> {
  /** Whether every mapping of a queue or stream asks for partial failures; else one failed record fails its batch. */
  readonly partialBatches: boolean;
}

export interface Dependencies<Event, Result extends object> extends Telemetry {
  readonly tracer: Tracer;
  readonly domain: Domain<Event, Result>;
  readonly now: () => Date;
  /** Whether the first invocation is a cold start: not under provisioned concurrency. */
  readonly startsCold: boolean;
  readonly callers: CallerSettings;
  /** Publishes the table's changes, where the service has a table and a bus. */
  readonly outbox?: Outbox | undefined;
}

export type Handler = (input: unknown, context: Context) => Promise<HttpResponse | BatchResponse>;

/** Builds the handler once; it keeps nothing from one invocation to the next but that it has started. */
export function createHandler<Event, Result extends object>(
  dependencies: Dependencies<Event, Result>,
): Handler {
  const { logger, metrics, tracer, domain } = dependencies;
  const { sources = {}, routes, smokeEvents } = domain;
  const callers = { ...dependencies.callers, sources, routes, isSmoke: smokeTest(smokeEvents) };
  let cold = dependencies.startsCold;

  return async (input, context) => {
    const request = readRequest(input, context.awsRequestId, callers);
    const trace = tracer.begin("handler");
    trace.annotate("ColdStart", cold);
    trace.annotate("Service", dependencies.service);
    if (cold) metrics.addMetric("ColdStart", "Count", 1);
    cold = false;
    metrics.addMetadata("correlation_id", request.correlationId);
    logger.addContext(context);
    const invocation: Invocation = { request, context, trace, counts: new Map() };
    let failure: unknown;
    try {
      const { reply, records, done } = request;
      if (reply) return reply;
      if (FEATURES.database) {
        const { outbox } = dependencies;
        const changes = outbox?.changesOf(input);
        if (outbox && changes) return await publish(invocation, outbox, changes);
      }
      if (!records) return done(await carryOut(invocation));
      return await runBatch(records, callers.partialBatches, (record, id) =>
        carryOut(invocation, record, id),
      );
    } catch (error) {
      failure = error ?? new Error(`${error} was thrown`);
      const outcome = decide(error, request);
      metrics.addMetadata("outcome", error instanceof RefusedError ? "refused" : "failed");
      if (outcome.kind === "failed") throw outcome.error;
      return outcome.response;
    } finally {
      for (const [name, count] of invocation.counts) {
        metrics.addMetric(name, "Count", count);
      }
      trace.annotate("success", failure === undefined);
      trace.end(failure);
      metrics.publishStoredMetrics();
      logger.resetKeys();
    }
  };

  /** One event, logged and counted whichever way it ends. Throws what it ends with. */
  async function carryOut(
    { request, context, trace, counts }: Invocation,
    record?: Record<string, unknown>,
    id = context.awsRequestId,
  ): Promise<Result> {
    const startedMs = steadyMs();
    const count = (name: CountMetric): void => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    };
    const labels: Record<string, unknown> = {};
    const annotate: Call["annotate"] = (key, value) => {
      labels[key] = value;
      trace.annotate(key, value);
    };
    let { correlationId, isSmoke } = request;
    let newId = id;
    logger.setCorrelationId(correlationId);
    try {
      const event = await trace.step("validate", () => {
        const payload = request.payload(record, (own) => {
          newId = safeId(own) ?? id;
        });
        if (record && isRecord(payload)) {
          isSmoke = callers.isSmoke(payload);
          correlationId = safeId(payload.correlationId) ?? newId;
          logger.setCorrelationId(correlationId);
        }
        return accept(payload);
      });
      // A stranger's event is logged as a whole only where somebody asked for it, by Powertools' own variable.
      logger.debug("Event accepted", logger.getLogEvent() ? { event } : { source: request.source });
      const result = await withDeadline(context.getRemainingTimeInMillis(), (signal) =>
        domain.handle(event, {
          signal,
          correlationId,
          source: request.source,
          now: dependencies.now(),
          // Lambda retries an event under the same request id, queues and streams a record under its own.
          newId,
          annotate,
          log: logger,
          count: (name, value = 1, unit = "Count") => {
            if (isSmoke) return;
            if (isMetric(name, value)) metrics.addMetric(name, unit, value);
            else logger.warn("Metric not counted: CloudWatch does not take it", { name, value });
          },
          trace,
          ...(FEATURES.database && { isSmoke, endsAt: endOf(context) }),
        }),
      );
      const durationMs = steadyMs() - startedMs;
      count("SuccessCount");
      if (!isSmoke) {
        count("ProcessedEvents");
        metrics.addMetric("ProcessingDuration", "Milliseconds", durationMs);
      }
      logger.info("Event processed", { ...labels, durationMs });
      return result;
    } catch (error) {
      count("ErrorCount");
      if (error instanceof RefusedError) {
        // A smoke event that has to be refused says nothing of callers.
        if (!isSmoke) count("RefusedCount");
        logger.warn("Event refused", { ...labels, faults: [...error.faults] });
      } else {
        count("FailedCount");
        logger.error("Event failed", {
          ...labels,
          error: error ?? new Error(`${error} was thrown`),
        });
      }
      throw error;
    }
  }

  /** The table's own changes, logged and counted as one: they are published together. */
  async function publish(
    { context, trace, counts }: Invocation,
    outbox: Outbox,
    records: readonly Readonly<Record<string, unknown>>[],
  ): Promise<BatchResponse> {
    const stopped = await withDeadline(context.getRemainingTimeInMillis(), (signal) =>
      outbox.publish(records, { signal, trace }),
    ).catch((error: unknown) => ({ record: records[0], error }));
    const published = stopped ? records.findIndex((it) => it === stopped.record) : records.length;
    counts.set("SuccessCount", published);
    logger.info("Changes published", { published });
    return runBatch(records, callers.partialBatches, (record) => {
      if (record !== stopped?.record) return Promise.resolve();
      counts.set("ErrorCount", 1).set("FailedCount", 1);
      logger.error("Change not published", { error: stopped.error });
      return Promise.reject(stopped.error);
    });
  }

  /** What no domain has to think of comes first: its size, its depth and the keys that attack objects. */
  function accept(payload: unknown): Event {
    const faults = structureFaults(payload);
    if (faults.length > 0) throw new RefusedError(faults);
    return domain.parse(payload);
  }
}

/** When Lambda ends the invocation. */
const endOf = (context: Context): Date => new Date(Date.now() + context.getRemainingTimeInMillis());

/** What the events of one invocation have in common. */
interface Invocation {
  readonly request: Request;
  readonly context: Context;
  readonly trace: Trace;
  /** Metrics of the invocation by name, for all its events. */
  readonly counts: Map<CountMetric, number>;
}
