/**
 * Runs one operation of the engine in a process of its own: a program is evaluated once a process, and
 * expects its own folder as the current one. The request comes as JSON on standard input, the outcome goes
 * as JSON to standard output; see child.ts.
 */
import { text } from "node:stream/consumers";
import { resolveEngine } from "../engine/resolve.ts";
import { LocalAwsError } from "../errors.ts";
import type { ChildOutcome, ChildRequest } from "./child.ts";
import { runOperation } from "./operation.ts";

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    interrupted.abort();
  });
}

const { signal } = interrupted;
const request = JSON.parse(await text(process.stdin)) as ChildRequest;
try {
  const engine = await resolveEngine({ signal });
  const { plan } = await runOperation({ kind: "up", engine, signal, ...request });
  const outcome: ChildOutcome = {
    outputs: plan.outputs,
    summary: plan.summary,
    types: plan.resources.map(({ type }) => type),
    warnings: plan.warnings,
    madeUp: plan.madeUp,
  };
  process.stdout.write(JSON.stringify(outcome));
} catch (error) {
  if (!signal.aborted) {
    console.error(error instanceof LocalAwsError ? `error: ${error.message}` : error);
  }
  process.exitCode = 1;
}
