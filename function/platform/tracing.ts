/**
 * What the flow knows of tracing: a trace of an invocation, made of steps.
 * Put here: the interface alone. xray.ts speaks X-Ray; another tracer would be a file beside it.
 */

/** The trace of one invocation. No method of it throws for a reason of its own. */
export interface Trace {
  /** Marks the invocation with a value that traces can be searched by. */
  annotate(key: string, value: string | number | boolean): void;
  /** Runs a step and records its time and its error. */
  step<T>(name: string, run: () => T | Promise<T>): Promise<T>;
  /** Closes and sends the trace; `error` is why the invocation did not succeed. */
  end(error?: unknown): void;
}

export interface Tracer {
  begin(name: string): Trace;
}

/** Where nobody records. */
const unsampled: Trace = {
  annotate: () => {},
  step: async (_name, run) => run(),
  end: () => {},
};

export const noTracer: Tracer = { begin: () => unsampled };
