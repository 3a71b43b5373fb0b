/**
 * The domain: all that a team replaces to make the service its own, as the flow gets to see it.
 * Put here: the order of rules, logic and ports. docs/handler.md says how to replace the folder.
 */
import type { Call, Domain } from "../platform/domain.ts";
import { queueMessage } from "../platform/sources.ts";
import { type LambdaEvent, parseEvent } from "./event.ts";
import { type ProcessResult, processEvent } from "./process-event.ts";
import { SMOKE_EVENTS } from "./smoke-events.ts";
import { noStore, type Store } from "./store.ts";

/** Builds the domain. Without arguments it reaches nothing outside, which is what priming runs at init. */
export const createDomain = (store: Store = noStore): Domain<LambdaEvent, ProcessResult> => ({
  sample: { action: "create", data: { name: "sample" } },
  smokeEvents: SMOKE_EVENTS,
  sources: { sqs: queueMessage },
  parse: parseEvent,
  async handle(event, call) {
    call.annotate("eventType", event.action);
    if (typeof event.data.userId === "string") call.annotate("userId", event.data.userId);
    const result = await call.trace.step("logic", () => processEvent(event, call));
    call.annotate("id", result.id);
    await call.trace.step(store.name, (trace) => keep(store, event, result, { ...call, trace }));
    call.count("BusinessMetric");
    return result;
  },
});

const keep = (store: Store, { data }: LambdaEvent, result: ProcessResult, call: Call) => {
  const { id, status, timestamp: changedAt } = result;
  return status === "deleted" ? store.remove(id, call) : store.keep({ id, data, changedAt }, call);
};
