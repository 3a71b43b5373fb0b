/** Delivers messages by invoking the function through its alias. */
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type InvokeCommandOutput,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { explained } from "../support/aws.ts";
import { Refused } from "../support/refused.ts";
import type { DeadLetter } from "./dead-letter.ts";
import type { Delivery } from "./drain.ts";
import { parse } from "./json-text.ts";

export interface Target {
  readonly functionName: string;
  readonly aliasName: string;
  /**
   * False: waits for the function's answer. True: hands the event over to Lambda's own queue, which tries
   * it three times and then puts a new message into the dead-letter queue.
   */
  readonly asynchronous: boolean;
}

/** Lambda's refusals of an event that no retry and no release can change. */
const UNSENDABLE = [
  "InvalidRequestContentException",
  "RequestTooLargeException",
  "RequestEntityTooLargeException",
  "SerializedRequestEntityTooLargeException",
  "UnsupportedMediaTypeException",
];

/** No answer or a refusal for now: the next message, or the same one later, may be taken. */
const FOR_NOW = [
  "TooManyRequestsException",
  "ThrottlingException",
  "Throttling",
  "RequestLimitExceeded",
  "EC2ThrottledException",
  "TimeoutError",
  "AbortError",
];

/** How long one call of the function may take. Throws `Refused` when there is no such function. */
export async function timeoutOf(
  lambda: LambdaClient,
  target: Target,
  abortSignal: AbortSignal,
): Promise<number> {
  const command = new GetFunctionConfigurationCommand({
    FunctionName: target.functionName,
    Qualifier: target.aliasName,
  });
  const answer = lambda.send(command, { abortSignal }).catch((error: unknown) => {
    throw missing(error, target) ?? explained(error);
  });
  // Lambda's longest, should it ever not say.
  const { Timeout = 900 } = await answer;
  return Timeout;
}

/** Throws `Refused` when no message could be delivered (no such function, no permission). */
export async function invoke(
  lambda: LambdaClient,
  target: Target,
  { event, error }: Pick<DeadLetter, "event" | "error">,
  abortSignal?: AbortSignal,
): Promise<Delivery> {
  if (event === undefined) return { ok: false, error, unsendable: true };
  const command = new InvokeCommand({
    FunctionName: target.functionName,
    Qualifier: target.aliasName,
    InvocationType: target.asynchronous ? "Event" : "RequestResponse",
    Payload: Buffer.from(event),
  });
  try {
    const answer = await lambda.send(command, { ...(abortSignal && { abortSignal }) });
    return target.asynchronous ? accepted(answer) : judged(answer);
  } catch (error) {
    return failure(error, target);
  }
}

const accepted = ({ StatusCode }: InvokeCommandOutput): Delivery =>
  StatusCode === 202 ? { ok: true } : { ok: false, error: `not accepted: status ${StatusCode}` };

/**
 * A message has succeeded when the function returned and, where it answers with an HTTP status, that is
 * below 400: a refused event would otherwise be deleted without having been processed. An answer that names
 * failed items of a batch is a failure too.
 */
export function judged({
  FunctionError,
  Payload,
}: Pick<InvokeCommandOutput, "FunctionError" | "Payload">): Delivery {
  const answer = parse(Buffer.from(Payload ?? []).toString());
  if (FunctionError !== undefined) {
    return { ok: false, error: textOf(answer, "errorMessage") ?? FunctionError };
  }
  const { statusCode, batchItemFailures } = (answer ?? {}) as Record<string, unknown>;
  if (typeof statusCode === "number" && statusCode >= 400) {
    const said = textOf(parse(textOf(answer, "body") ?? ""), "message");
    return { ok: false, error: `answered ${statusCode}${said ? `: ${said}` : ""}` };
  }
  if (Array.isArray(batchItemFailures) && batchItemFailures.length > 0) {
    return { ok: false, error: "answered with batchItemFailures" };
  }
  return { ok: true };
}

function failure(error: unknown, target: Target): Delivery {
  if (!(error instanceof Error)) throw error;
  const none = missing(error, target);
  if (none) throw none;
  const why = `not invoked: ${error.name}`;
  if (UNSENDABLE.includes(error.name)) return { ok: false, error: why, unsendable: true };
  if (FOR_NOW.includes(error.name)) return { ok: false, error: why };
  // What else AWS refuses in words that we know (credentials, permissions, network) holds for all messages.
  const plain = explained(error);
  if (plain instanceof Refused) throw plain;
  return { ok: false, error: why };
}

const missing = (error: unknown, { functionName, aliasName }: Target): Refused | undefined =>
  error instanceof Error && error.name === "ResourceNotFoundException"
    ? new Refused(`${functionName}:${aliasName} does not exist`, "deploy it first: pulumi up")
    : undefined;

function textOf(value: unknown, name: string): string | undefined {
  const found = (value as Record<string, unknown> | null | undefined)?.[name];
  return typeof found === "string" ? found : undefined;
}
