/**
 * What the environment decides beside telemetry, read and checked once, at init.
 * Put here: variables that the stack sets for the flow. A wrong value keeps the function from loading, which the
 * trial before traffic finds.
 */
import type { CallerSettings } from "../flow.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** How callers are treated: docs/handler.md#who-calls. Throws an `Error` that names the variable and the rule. */
export const callerSettings = (env: Environment): CallerSettings => ({
  httpFronts: (env.HTTP_FRONTS ?? "*").split(",").map((id) => id.trim()),
  answerDirect: flag(env, "ANSWER_REFUSED_DIRECT_CALLS"),
  partialBatches: flag(env, "PARTIAL_BATCH_RESPONSES"),
});

function flag(env: Environment, name: string): boolean {
  const value = env[name] ?? "false";
  if (value !== "true" && value !== "false") {
    throw new Error(`${name} is "${value}"; it must be true or false`);
  }
  return value === "true";
}
