/**
 * The smoke events: the few calls that show whether a version works, and what a right answer to each is.
 * Shared by the pre-traffic hook, `npm run smoke` and the release's guard for low traffic. Pure.
 *
 * Replace them together with the handler's own logic: one for each thing that the service does, and
 * none that changes anything which outlives it.
 */

/** `source: "smoke"` marks a call as ours: the handler emits no business metric for it. */
export const SMOKE_SOURCE = "smoke";

/** One call and its right answer. */
export interface SmokeEvent {
  /** Shown in reports. */
  readonly name: string;
  readonly event: Readonly<Record<string, unknown>>;
  /** HTTP status of a right answer. */
  readonly statusCode: number;
  /** Members that a right answer's body has, with these values. */
  readonly body: Readonly<Record<string, unknown>>;
}

const smoke = (
  name: string,
  event: Record<string, unknown>,
  statusCode: number,
  body: Record<string, unknown> = {},
): SmokeEvent => ({ name, event: { ...event, source: SMOKE_SOURCE }, statusCode, body });

export const SMOKE_EVENTS: readonly SmokeEvent[] = [
  smoke("create", { action: "create", data: { name: "smoke" } }, 200, {
    name: "smoke",
    status: "created",
  }),
  smoke("update", { action: "update", data: { id: "smoke", name: "smoke" } }, 200, {
    id: "smoke",
    status: "updated",
  }),
  smoke("delete", { action: "delete", data: { id: "smoke" } }, 200, {
    id: "smoke",
    status: "deleted",
  }),
  // A version that accepts anything is as broken as one that accepts nothing.
  smoke("refusal", { action: "no such action", data: {} }, 400),
];

/** What one invocation gave. */
export interface Answer {
  /** Lambda's `FunctionError`: the invocation failed. */
  readonly functionError?: string | undefined;
  /** The answer's payload as text. */
  readonly payload: string;
}

/** What is wrong with an answer, in words; `undefined` when it is right. */
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

function parse(text: unknown): Record<string, unknown> | undefined {
  try {
    const value: unknown = typeof text === "string" ? JSON.parse(text) : text;
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

const shorten = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text);
