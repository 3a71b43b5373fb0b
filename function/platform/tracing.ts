/**
 * What the service knows of tracing: a trace of an invocation, made of steps that may have steps of their own.
 * Put here: the interface alone. xray.ts speaks X-Ray; adapters/powertools-tracer.ts is another one.
 */

export type Label = string | number | boolean;

/** What AWS's services and HTTP know of a call: see "X-Ray segment documents". */
export interface CallDetails {
  readonly aws?: Readonly<Record<string, unknown>>;
  readonly http?: { readonly response: { readonly status: number | undefined } };
}

/** A part of a trace. No method of it throws for a reason of its own. */
export interface Step {
  /** Marks the invocation with a value that traces can be searched by. */
  annotate(key: string, value: Label): void;
  /** Adds a value to the step that cannot be searched by, without secrets and cut to size. */
  metadata(key: string, value: unknown): void;
  /**
   * Runs a step within this one, and records its time and its error. `namespace` says that it calls somebody
   * else: `aws` for AWS's own services, `remote` for others.
   */
  step<T>(
    name: string,
    run: (step: Step) => T | Promise<T>,
    namespace?: "aws" | "remote",
  ): Promise<T>;
  /** What is known of the call that this step makes. */
  details(details: CallDetails): void;
  /** Value of the header `X-Amzn-Trace-Id` for calls that are part of this step; empty where nobody traces. */
  header(): string;
}

/** The trace of one invocation. */
export interface Trace extends Step {
  /** Closes and sends the trace; `error` is why the invocation did not succeed. */
  end(error?: unknown): void;
}

export interface Tracer {
  begin(name: string): Trace;
}

/** Where nobody records; `header` tells those who are called that nobody does. */
export function unsampled(header = ""): Trace {
  const trace: Trace = {
    annotate: () => {},
    metadata: () => {},
    step: async (_name, run) => run(trace),
    details: () => {},
    header: () => header,
    end: () => {},
  };
  return trace;
}

export const noTracer: Tracer = { begin: () => unsampled() };
