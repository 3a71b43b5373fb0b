/**
 * The domain: all that a team replaces to make the service its own, as the flow gets to see it.
 * Put here: the order of rules, logic and ports. docs/handler.md says how to replace the folder.
 */
import type { Call, Domain } from "../platform/domain.ts";
import { RefusedError } from "../platform/errors.ts";
import "../platform/features.ts";
import { queueMessage } from "../platform/sources.ts";
import { type LambdaEvent, parseEvent } from "./event.ts";
import { type ProcessResult, processEvent } from "./process-event.ts";
import { ROUTES } from "./routes.ts";
import { SMOKE_EVENTS } from "./smoke-events.ts";
import type { Store } from "./store.ts";
import { carryOut } from "./versions.ts";

/**
 * Builds the domain. Without arguments it keeps nothing and reaches nothing outside, which is what priming runs at
 * init.
 */
export const createDomain = (store?: Store): Domain<LambdaEvent, ProcessResult> => ({
  sample: { action: "create", data: { name: "sample" } },
  smokeEvents: SMOKE_EVENTS,
  sources: { sqs: queueMessage },
  routes: FEATURES.api ? ROUTES : undefined,
  parse: parseEvent,
  ...(FEATURES.database && { isRead: ({ action }) => action === "read", over: createDomain }),
  async handle(event, call) {
    call.annotate("eventType", event.action);
    if (typeof event.data.userId === "string") call.annotate("userId", event.data.userId);
    const result =
      FEATURES.database && store ? await carryOut(store, event, call) : await answer(event, call);
    call.annotate("id", result.id);
    call.count("BusinessMetric");
    return result;
  },
});

/** The service as it is shipped: it only answers, so it needs no permission and no table. */
function answer(event: LambdaEvent, call: Call): Promise<ProcessResult> {
  if (event.expectedVersion !== undefined) {
    const message = "cannot be compared: the service keeps no records";
    throw new RefusedError([{ path: "expectedVersion", message }]);
  }
  return call.trace.step("logic", () => processEvent(event, call));
}
