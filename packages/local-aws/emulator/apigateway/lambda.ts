/**
 * How API Gateway calls a function: which one an integration means, whether the function's own policy lets the API in,
 * and for how long the answer is waited for.
 */
import { admitsService } from "../policy.ts";
import type { Target } from "../lambda/front.ts";

export interface LambdaOptions {
  /** Calls a function or alias as Lambda itself does: by weight, and counted. Rejects when Lambda refuses the call. */
  readonly invoke: (target: Target, event: string) => Promise<LambdaEnd>;
  /** The text of the policy of a function, version or alias; empty where there is none. */
  readonly policyOf: (target: Target) => Promise<string>;
  /** Resolves after so many milliseconds, or as soon as `signal` is aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface LambdaEnd {
  readonly failed: boolean;
  readonly payload: string;
}

export type LambdaOutcome =
  | { readonly kind: "answered"; readonly payload: string }
  | { readonly kind: "not allowed" | "refused" | "failed" | "timed out" };

export interface LambdaCall {
  /** ARN of the function, or the URI of an integration that holds it. */
  readonly uri: string;
  readonly event: object;
  readonly timeoutMs: number;
  /** `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`. */
  readonly sourceArn: string;
  readonly accountId: string;
}

/** Calls the function of an integration. Never throws. */
export async function callLambda(
  { uri, event, timeoutMs, sourceArn, accountId }: LambdaCall,
  { invoke, policyOf, wait }: LambdaOptions,
): Promise<LambdaOutcome> {
  const functionArn = functionArnOf(uri);
  const target = targetOf(functionArn);
  const policy = await policyOf(target).catch(() => "");
  const isAllowed = admitsService(policy, {
    service: "apigateway.amazonaws.com",
    action: "lambda:InvokeFunction",
    resource: functionArn,
    context: { "aws:sourcearn": sourceArn, "aws:sourceaccount": accountId },
  });
  if (!isAllowed) return { kind: "not allowed" };
  const ended = new AbortController();
  const called = invoke(target, JSON.stringify(event)).then(
    ({ failed, payload }): LambdaOutcome =>
      failed ? { kind: "failed" } : { kind: "answered", payload },
    (): LambdaOutcome => ({ kind: "refused" }),
  );
  // The function goes on; nobody waits for it any more.
  const timedOut = wait(timeoutMs, ended.signal).then((): LambdaOutcome => ({ kind: "timed out" }));
  try {
    return await Promise.race([called, timedOut]);
  } finally {
    ended.abort();
  }
}

/** The ARN within `arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations`, or the ARN itself. */
export const functionArnOf = (uri: string): string =>
  /\/functions\/(.+)\/invocations$/.exec(uri)?.[1] ?? uri;

function targetOf(functionArn: string): Target {
  const [, , , , , , functionName = "", qualifier] = functionArn.split(":");
  return { functionName, ...(qualifier !== undefined && { qualifier }) };
}
