/**
 * Carries each event out once, however often it is delivered: a domain over a memory of what was done.
 *
 * An event is known by `call.newId`. While it is carried out, its ticket says until when; a sandbox that dies leaves
 * a ticket that is void from then on. When it fails, the ticket is given back, and the event may be tried again.
 * Put here: the order of these steps. What keeps the tickets is an adapter's.
 */
import { createHash, randomUUID } from "node:crypto";
import type { Domain } from "./domain.ts";
import type { Memory, Ticket } from "./table.ts";

/** Longest that any invocation may take, where nobody says until when it may. */
const LONGEST_MS = 900_000;

/** The same domain, which meets no event twice. */
export function idempotent<Event>(
  domain: Domain<Event, object>,
  memory: Memory,
): Domain<Event, object> {
  // Of what was sent, not of what was made of it: two versions of the service may read it differently.
  const payloads = new WeakMap<object, unknown>();
  const parse = (input: unknown): Event => {
    const event = domain.parse(input);
    if (typeof event === "object" && event !== null) payloads.set(event, input);
    return event;
  };
  const handle: Domain<Event, object>["handle"] = async (event, call) => {
    if (domain.isRead?.(event)) return domain.handle(event, call);
    const sent = (typeof event === "object" && event !== null && payloads.get(event)) || event;
    const ticket: Ticket = {
      key: call.newId,
      hash: createHash("sha256").update(JSON.stringify(sent)).digest("hex"),
      owner: randomUUID(),
      endsAtMs: call.endsAt?.getTime() ?? Date.now() + LONGEST_MS,
      isAnswered: false,
    };
    const earlier = await call.trace.step("begin", (trace) =>
      memory.begin(ticket, { ...call, trace }),
    );
    if (earlier) {
      call.annotate("repeated", true);
      return earlier;
    }
    let result: object;
    try {
      result = await domain.handle(event, { ...call, ticket });
    } catch (error) {
      // Past the deadline nothing can be sent any more, and the ticket is void in a moment.
      if (!call.signal.aborted) await memory.forget(ticket, call).catch(() => {});
      throw error;
    }
    // The work is done: an answer that cannot be kept must not make it fail, and be done again.
    if (!ticket.isAnswered) {
      await memory.finish(ticket, result, call).catch((error: unknown) => {
        call.log.warn("Answer not kept: a repetition may be carried out again", { error });
      });
    }
    return result;
  };
  // Whatever else the domain has stays reachable, also where it is an object of a class.
  const served: Domain<Event, object> = Object.create(domain);
  return Object.assign(served, { parse, handle });
}
