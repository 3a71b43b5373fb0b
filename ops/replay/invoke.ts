/** Delivers messages by invoking the function through its alias. */
import { InvokeCommand, type InvokeCommandOutput, type LambdaClient } from "@aws-sdk/client-lambda";
import { explained } from "../support/aws.ts";
import { Refused } from "../support/refused.ts";
import type { Delivery } from "./drain.ts";
import type { DeadLetter } from "./dead-letter.ts";

export interface Target {
  readonly functionName: string;
  readonly aliasName: string;
  /**
   * False: waits for the function's answer. True: hands the event over to Lambda's own queue, which tries
   * it three times and then puts a new message into the dead-letter queue.
   */
  readonly asynchronous: boolean;
}

/** Throws `Refused` when no message could be delivered (no such function, no permission). */
export async function invoke(
  lambda: LambdaClient,
  target: Target,
  deadLetter: Pick<DeadLetter, "event">,
): Promise<Delivery> {
  if (deadLetter.event === undefined)
    return { ok: false, error: "the message holds no JSON event" };
  try {
    const answer = await lambda.send(
      new InvokeCommand({
        FunctionName: target.functionName,
        Qualifier: target.aliasName,
        InvocationType: target.asynchronous ? "Event" : "RequestResponse",
        Payload: Buffer.from(deadLetter.event),
      }),
    );
    return target.asynchronous ? { ok: answer.StatusCode === 202, error: "" } : judged(answer);
  } catch (error) {
    return failure(error, target);
  }
}

/**
 * A message has succeeded when the function returned and, where it answers with an HTTP status, that is
 * below 400: a refused event would otherwise be deleted without having been processed.
 */
export function judged({
  FunctionError,
  Payload,
}: Pick<InvokeCommandOutput, "FunctionError" | "Payload">): Delivery {
  const answer = parse(Buffer.from(Payload ?? []).toString());
  if (FunctionError !== undefined) {
    return { ok: false, error: field(answer, "errorMessage") ?? FunctionError };
  }
  const status = (answer as { statusCode?: unknown } | null | undefined)?.statusCode;
  if (typeof status === "number" && status >= 400) {
    const said = field(parse(field(answer, "body") ?? ""), "message");
    return { ok: false, error: `answered ${status}${said ? `: ${said}` : ""}` };
  }
  return { ok: true };
}

function failure(error: unknown, target: Target): Delivery {
  if (error instanceof Error) {
    if (error.name === "ResourceNotFoundException") {
      throw new Refused(
        `${target.functionName}:${target.aliasName} does not exist; deploy it first: pulumi up`,
      );
    }
    // Throttling is this message's bad luck and AWS's other refusals are everyone's.
    const plain = explained(error);
    if (plain instanceof Refused && !/throttl/i.test(plain.message)) throw plain;
    return { ok: false, error: `not invoked: ${error.name}` };
  }
  throw error;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): string | undefined {
  const found = (value as Record<string, unknown> | null | undefined)?.[name];
  return typeof found === "string" ? found : undefined;
}
