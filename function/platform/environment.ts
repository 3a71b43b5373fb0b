/**
 * What the environment decides beside telemetry, read and checked once, at init.
 * Put here: variables that the stack sets for the flow. A wrong value keeps the function from loading, which the
 * trial before traffic finds.
 */
import type { CallerSettings } from "../flow.ts";
import "./features.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** How callers are treated: docs/handler.md#who-calls. Throws an `Error` that names the variable and the rule. */
export const callerSettings = (env: Environment): CallerSettings => ({
  httpFronts: list(env.HTTP_FRONTS ?? "*"),
  answerDirect: flag(env, "ANSWER_REFUSED_DIRECT_CALLS"),
  partialBatches: flag(env, "PARTIAL_BATCH_RESPONSES"),
  ...(FEATURES.api ? { corsOrigins: list(env.CORS_ORIGINS ?? "") } : {}),
});

const list = (text: string): string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

function flag(env: Environment, name: string): boolean {
  const value = env[name] ?? "false";
  if (value !== "true" && value !== "false") {
    throw new Error(`${name} is "${value}"; it must be true or false`);
  }
  return value === "true";
}
