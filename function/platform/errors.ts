/**
 * Every error that the handler knows, each with a `name`, because minifying renames the classes.
 * Put here: new kinds of failure. Whose fault it is decides what the caller sees: see failure.ts.
 */

/** One thing that is wrong with an event, and where: `data.id`. */
export interface Fault {
  readonly path: string;
  readonly message: string;
  /** Of a record that was changed meanwhile: the version that it has now. */
  readonly currentVersion?: number;
}

/** The caller's fault. Everything in it is shown to the caller. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  /** HTTP status: 400 to 499. */
  readonly statusCode: number;
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[], statusCode = 400) {
    super(statusCode === 404 ? "Not found" : statusCode === 409 ? "Conflict" : "Invalid event");
    this.faults = faults;
    this.statusCode = statusCode;
  }
}

/** Something that the service depends on failed; `cause` says how. Ours, so the caller learns nothing of it. */
export class DependencyError extends Error {
  override readonly name = "DependencyError";
  constructor(dependency: string, cause: unknown) {
    super(`${dependency} failed`, { cause });
  }
}

/** Somebody else changed the record meanwhile. What that means to the caller is the domain's to say. */
export class ConflictError extends Error {
  override readonly name = "ConflictError";
  constructor(id: string) {
    super(`Record ${id} was changed meanwhile`);
  }
}

/** The work was not done a margin before Lambda would have killed the sandbox. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
  constructor(limitMs: number) {
    super(`Not done after ${limitMs} ms, close to the function's timeout`);
  }
}

/**
 * An error as the invocation ends with it. The runtime sends name, message and stack to whoever invoked the
 * function, and writes them to dead letters, so none of them holds anything of the service or of the event.
 */
abstract class FinalError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
    this.stack = `${name}: ${message}`;
  }
}

/**
 * All that a caller may learn of a failure of ours: the id to search the logs for and, where nobody waits for
 * an answer, the error's type. A dead letter keeps the message alone, and dead letters have to be told apart
 * by their cause.
 */
export class InternalError extends FinalError {
  // The runtime logs the name of the class, and that is what minifying changes.
  static override readonly name = "InternalError";
  constructor(correlationId: string, type?: string) {
    super(
      "InternalError",
      `Internal error${type ? ` (${type})` : ""}, correlation id ${correlationId}`,
    );
  }
}

/** An event of a source that the service does not take: a failure, because nobody may acknowledge it. */
export class UnhandledSourceError extends FinalError {
  static override readonly name = "UnhandledSourceError";
  constructor(source: string, front: string) {
    super(
      "UnhandledSourceError",
      source === "http"
        ? `HTTP events of front "${front.slice(0, 200)}" are not taken; add its id to HTTP_FRONTS: docs/handler.md#who-calls`
        : `Events of source "${source}" are not taken; add it to "sources" in function/domain/index.ts`,
    );
  }
}

/** Longest message of a refused invocation in characters: SQS keeps 1 KB of it with a dead letter. */
const MAX_REFUSAL = 900;

/** A refusal that nobody reads: which fields are at fault by which rule, and nothing of what they hold. */
export class RefusedInvocationError extends FinalError {
  static override readonly name = "RefusedInvocationError";
  constructor({ faults }: RefusedError, correlationId: string) {
    const reasons = faults.map(({ path, message }) => `${shown(path)} ${message}`).join("; ");
    super(
      "RefusedInvocationError",
      `Event refused, correlation id ${correlationId}: ${reasons}`.slice(0, MAX_REFUSAL),
    );
  }
}

/** A path's keys may be the caller's own text: only what looks like a name is repeated. */
const shown = (path: string): string => (/^[\w.-]{1,100}$/.test(path) ? path : "the event");

/** Names that only a type has. Anything else that somebody put into `name` could be data. */
const TYPE_NAME = /^[A-Za-z]{0,60}(?:Error|Exception|Fault)$/;

/** The error's type, and that of its direct cause: `DependencyError caused by TimeoutError`. Never its message. */
export function typeOf(error: unknown): string {
  const own = typeName(error);
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? `${own} caused by ${typeName(cause)}` : own;
}

function typeName(error: unknown): string {
  const name: unknown = error instanceof Error ? error.name : undefined;
  return typeof name === "string" && TYPE_NAME.test(name) ? name : "Error";
}
