/**
 * What the flow knows of the domain: how to read an event and how to carry it out.
 * Put here: the interface alone. The domain itself is in ../domain, which a team replaces as a whole.
 */
import type { Logger } from "./logger.ts";
import type { Unit } from "./metrics.ts";
import type { Route } from "./route.ts";
import type { SmokeEvent } from "./smoke.ts";
import type { Table, Ticket } from "./table.ts";
import type { Label, Step } from "./tracing.ts";

/** What a domain gets with every event. */
export interface Call {
  /** Aborts a margin before the function's timeout: hand it to whatever waits for the outside. */
  readonly signal: AbortSignal;
  readonly correlationId: string;
  /** `http`, `direct`, `sqs` … : see source.ts. */
  readonly source: string;
  readonly now: Date;
  /**
   * Identifier for what comes without one, and the key by which a repetition is known. The same at every retry of an
   * event and at every delivery and replay of a message, so that none of them makes a second record.
   */
  readonly newId: string;
  /** A value by which logs and traces of this event are found. Never anything secret or personal. */
  readonly annotate: (key: string, value: Label) => void;
  /** Log lines of one's own, with the invocation's keys. */
  readonly log: Pick<Logger, "debug" | "info" | "warn" | "error">;
  /**
   * A metric of one's own, for example `count("OrderValue", 12.5, "None")`. Default: 1, in `Count`. Smoke events
   * count nothing. A name or value that CloudWatch does not take is a warning in the log.
   */
  readonly count: (name: string, value?: number, unit?: Unit) => void;
  /** Steps of the trace, with metadata and the header for calls to others. */
  readonly trace: Step;
  /** Where the service has a table: whether the event is a smoke event, which leaves nothing behind. */
  readonly isSmoke?: boolean;
  /** Where the service has a table: when Lambda ends the invocation. */
  readonly endsAt?: Date;
  /** Where the service has a table: the ticket of this event, which the table takes. See once.ts. */
  readonly ticket?: Ticket;
}

/**
 * Takes the payload out of what AWS wraps around it. Throws `RefusedError`. Where the wrapping holds an id that
 * outlasts a delivery, such as the id of EventBridge's event, it says so by `identify`: that is `Call.newId` then.
 */
export type Unwrap = (
  wrapped: Readonly<Record<string, unknown>>,
  identify: (id: unknown) => void,
) => unknown;

/** A service's own part. `function/domain/index.ts` exports `createDomain`, which makes one. */
export interface Domain<Event, Result extends object> {
  /** An event as most callers send it: run at init to warm the code up, and by the benchmark. */
  readonly sample: unknown;
  /** Further keys whose values never get into a log line: see redact.ts. */
  readonly secretKeys?: readonly string[];
  /** The events that check a deployment: sent word for word, they count in no business metric. */
  readonly smokeEvents: readonly SmokeEvent[];
  /**
   * Sources beside HTTP and direct invocations that events may come from, by AWS's name of them, each with the way
   * from its event (`eventbridge`) or record (`sqs`, `sns`, `s3`, `kinesis`, `dynamodb`) to the payload:
   * `sources: { sqs: queueMessage }`, from sources.ts. An event of any other source fails.
   */
  readonly sources?: Readonly<Record<string, Unwrap>>;
  /**
   * What the service offers over HTTP: see route.ts. Only where config turns an API on: `FEATURES.api ? ROUTES : undefined`.
   * Without routes, and for a path that is none of theirs, an event is posted as JSON.
   */
  readonly routes?: readonly Route[] | undefined;
  /**
   * Turns unknown input into an event. It is JSON of bounded size and depth already: see structure.ts.
   * Throws a `RefusedError` that lists every fault, not only the first.
   */
  parse(input: unknown): Event;
  /** Whether an event only reads: it is carried out as often as it is sent. Default: none does. */
  isRead?(event: Event): boolean;
  /** The same domain over the service's table, where config has one. Without it the domain keeps nothing there. */
  over?(table: Table): Domain<Event, Result>;
  /**
   * Carries the event out and returns what the caller gets, as JSON. Safe to repeat: Lambda retries events.
   * Throws `RefusedError` for the caller's fault and `DependencyError` for the outside's.
   */
  handle(event: Event, call: Call): Promise<Result>;
}
