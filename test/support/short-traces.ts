/**
 * The Pulumi runtime keeps a stack trace with each of its promises, to name one that is left when the process ends:
 * nine tenths of what a program costs in a test. The processes of tests are ended from outside, so nobody would read it.
 */
import { createRequire } from "node:module";

const runtime = createRequire(import.meta.url)("@pulumi/pulumi/runtime/debuggable.js") as {
  debuggablePromise: <T>(promise: Promise<T>) => Promise<T>;
};

runtime.debuggablePromise = (promise) => promise;
