/**
 * What is wrong with the answer to a smoke event. Shared by the pre-traffic hook, `npm run smoke` and the
 * release's guard for low traffic. Pure. The events themselves are the domain's.
 */
import type { SmokeEvent } from "../function/platform/smoke.ts";

export { SMOKE_EVENTS } from "../function/domain/smoke-events.ts";
export type { SmokeEvent } from "../function/platform/smoke.ts";

/** What one invocation gave. */
export interface Answer {
  /** Lambda's `FunctionError`: the invocation failed. */
  readonly functionError?: string | undefined;
  /** The answer's payload as text. */
  readonly payload: string;
}

/** What is wrong with an answer, in words; `undefined` when it is correct. */
export function faultOf(
  expected: SmokeEvent,
  { functionError, payload }: Answer,
): string | undefined {
  const say = (fault: string) => `${expected.name}: ${fault}`;
  const answer = parse(payload);
  if (functionError) {
    const { errorType = functionError, errorMessage = "no message" } = answer ?? {};
    return say(`the invocation failed with ${String(errorType)}: ${String(errorMessage)}`);
  }
  if (expected.failures) {
    const reported = failuresOf(answer);
    const wanted = expected.failures.join(", ") || "none";
    return reported === wanted
      ? undefined
      : say(
          `answered ${shorten(payload)}, and of its batch ${wanted} had to be reported as failed`,
        );
  }
  if (!answer) return say(`answered ${shorten(payload)}, which is no HTTP response`);
  if (answer["statusCode"] !== expected.statusCode) {
    return say(
      `answered status ${String(answer["statusCode"])} instead of ${expected.statusCode}: ${shorten(String(answer["body"]))}`,
    );
  }
  const body = parse(answer["body"]);
  for (const [key, value] of Object.entries(expected.body)) {
    if (body?.[key] !== value) {
      return say(`answered ${key} ${shorten(String(body?.[key]))} instead of ${String(value)}`);
    }
  }
  return undefined;
}

/** The ids that a batch's answer reports, as a text; `undefined` where it is no such answer. */
function failuresOf(answer: Record<string, unknown> | undefined): string | undefined {
  const failures = answer?.["batchItemFailures"];
  if (!Array.isArray(failures)) return undefined;
  const ids = failures.map((one) => (one as { itemIdentifier?: unknown }).itemIdentifier);
  return ids.join(", ") || "none";
}

function parse(text: unknown): Record<string, unknown> | undefined {
  try {
    const value: unknown = typeof text === "string" ? JSON.parse(text) : text;
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

const shorten = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text);
