/**
 * The Pulumi runtime keeps a stack trace with each of its promises, to name one that never ends: nine tenths of
 * what a program costs in a test. Here it keeps the promise and what it was for, which it reports as before.
 */
import { createRequire } from "node:module";

type Wrap = <T>(promise: Promise<T>, context: string) => Promise<T>;

const runtime = createRequire(import.meta.url)("@pulumi/pulumi/runtime/debuggable.js") as {
  debuggablePromise: Wrap;
};
const { debuggablePromise } = runtime;

runtime.debuggablePromise = (promise, context) => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return debuggablePromise(promise, context);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
};
