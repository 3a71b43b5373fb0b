/** Lambda's own part of a canary: which version answers a call of an alias, and what is counted. */
import { GetAliasCommand, InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Invocation } from "../cloudwatch/lambda-metrics.ts";
import type { Metric } from "../cloudwatch/metrics.ts";
import { type Answer, AwsError, type Call } from "../http.ts";
import { AsynchronousCalls } from "./asynchronous.ts";
import { checkPayload, checkProvisioned, checkUpdate } from "./limits.ts";

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** What a call names. */
export interface Target {
  readonly functionName: string;
  /** Alias or version; absent for an unqualified call. */
  readonly qualifier?: string | undefined;
}

/** The version that a call was given. */
export interface Chosen {
  /** Absent for an unqualified call. */
  readonly version: string | undefined;
  /** Whether the alias had weights then. */
  readonly weighted: boolean;
}

export interface FrontLambdaOptions {
  readonly lambda: LambdaClient;
  readonly sqs: SQSClient;
  /** Takes an invocation that has ended. */
  readonly count: (invocation: Invocation) => void;
  /** Takes a value of a metric. */
  readonly record: (metric: Metric, value: number, atMs: number) => void;
  /** A dead letter has been sent to this queue. */
  readonly sent: (queueName: string) => void;
  readonly minuteMs: number;
  /** The time of the local cloud, milliseconds since 1970. */
  readonly nowMs: () => number;
  /**
   * A number from 0 up to 1, which decides the version of a call. Lambda draws at random for each call, so
   * ten calls at ten percent may all be one version's (developer guide, "Weighted aliases").
   */
  readonly pick: () => number;
}

export class FrontLambda {
  readonly #options: FrontLambdaOptions;
  readonly #asynchronous: AsynchronousCalls;

  constructor(options: FrontLambdaOptions) {
    this.#options = options;
    this.#asynchronous = new AsynchronousCalls({
      ...options,
      attempt: async (target, chosen, event) => {
        const { executedVersion, failed, payload } = await this.#invoke(
          target,
          chosen,
          event,
          "None",
        );
        const failure = failed ? Buffer.from(payload).toString() : undefined;
        return { version: executedVersion, failure };
      },
    });
  }

  stop(): Promise<void> {
    return this.#asynchronous.stop();
  }

  /** A call that waits for its answer, as Lambda's own pollers and other services make it: by weight, and counted. */
  async call(target: Target, event: string): Promise<{ failed: boolean; payload: string }> {
    const chosen = await this.#choose(target);
    const body = Buffer.from(event);
    checkPayload("RequestResponse", body);
    const { failed, payload } = await this.#invoke(target, chosen, body, "None");
    return { failed, payload: Buffer.from(payload).toString() };
  }

  /** An asynchronous call, as schedules make it; rejects when there is nothing to call. */
  async callLater(target: Target, event: string): Promise<void> {
    const chosen = await this.#choose(target);
    await this.#mustExist(target, chosen);
    this.#asynchronous.accept(target, chosen, Buffer.from(event));
  }

  /** Answers Invoke. Throws what Lambda refuses of other calls, and leaves those to the emulator. */
  async answer(call: Call): Promise<Answer | undefined> {
    if (call.service !== "lambda") return undefined;
    const { method, path, query, headers, body } = call;
    const named = decodeURIComponent(INVOKE.exec(path)?.[1] ?? "");
    if (method !== "POST" || !named) {
      await checkUpdate(this.#options.lambda, call);
      await checkProvisioned(this.#options.lambda, call);
      return undefined;
    }
    const kind = headers["x-amz-invocation-type"] ?? "RequestResponse";
    if (kind !== "RequestResponse" && kind !== "Event") return undefined;
    // A name, or an ARN that may end with a qualifier.
    const [, , , , , , arnName, arnQualifier] = named.split(":");
    const target = {
      functionName: arnName ?? named,
      qualifier: query.get("Qualifier") ?? arnQualifier,
    };
    checkPayload(kind, body);
    if (kind === "Event") {
      const chosen = await this.#choose(target);
      await this.#mustExist(target, chosen);
      this.#asynchronous.accept(target, chosen, body);
      return { status: 202, body: new Uint8Array() };
    }
    const logType = headers["x-amz-log-type"] === "Tail" ? "Tail" : "None";
    const chosen = await this.#choose(target);
    const { executedVersion, failed, payload, log } = await this.#invoke(
      target,
      chosen,
      body,
      logType,
    );
    return {
      status: 200,
      body: payload,
      headers: {
        "content-type": "application/json",
        "x-amz-executed-version": executedVersion,
        ...(failed && { "x-amz-function-error": "Unhandled" }),
        ...(log !== undefined && { "x-amz-log-result": log }),
      },
    };
  }

  /** One invocation, counted. */
  async #invoke(
    { functionName, qualifier }: Target,
    { version, weighted }: Chosen,
    body: Buffer,
    logType: "Tail" | "None",
  ) {
    const { lambda, count, minuteMs } = this.#options;
    const begunMs = performance.now();
    const { FunctionError, ExecutedVersion, Payload, LogResult } = await lambda.send(
      new InvokeCommand({
        FunctionName: functionName,
        ...(version && { Qualifier: version }),
        Payload: body,
        LogType: logType,
      }),
    );
    const executedVersion = version ?? ExecutedVersion ?? "$LATEST";
    const failed = FunctionError !== undefined;
    // A function runs as long as it does, however short a minute is: in the time of the alarms that is less.
    const durationMs = performance.now() - begunMs;
    const endedMs = this.#options.nowMs();
    const startedMs = endedMs - durationMs * (minuteMs / 60_000);
    count({
      functionName,
      qualifier,
      executedVersion,
      weighted,
      failed,
      throttled: false,
      startedMs,
      endedMs,
      durationMs,
    });
    return { executedVersion, failed, payload: Payload ?? new Uint8Array(), log: LogResult };
  }

  /** Lambda takes no event for what is not there. */
  async #mustExist({ functionName }: Target, { version }: Chosen): Promise<void> {
    const probe = new InvokeCommand({
      FunctionName: functionName,
      ...(version && { Qualifier: version }),
      InvocationType: "DryRun",
    });
    await this.#options.lambda.send(probe).catch((error: Error) => {
      if (error.name !== "ResourceNotFoundException") return;
      throw new AwsError(404, error.name, error.message);
    });
  }

  /** The version that an alias sends this call to; a version's number, or nothing, stays what it is. */
  async #choose({ functionName, qualifier }: Target): Promise<Chosen> {
    if (qualifier === undefined || /^(\d+|\$LATEST)$/.test(qualifier)) {
      return { version: qualifier, weighted: false };
    }
    const alias = await this.#options.lambda
      .send(new GetAliasCommand({ FunctionName: functionName, Name: qualifier }))
      .catch(() => undefined);
    // Unknown: the emulator says so itself.
    if (!alias) return { version: qualifier, weighted: false };
    const weights = Object.entries(alias.RoutingConfig?.AdditionalVersionWeights ?? {});
    const [[canary, share] = ["", 0]] = weights;
    const drawn = weights.length > 0 && this.#options.pick() < share;
    return { version: drawn ? canary : alias.FunctionVersion, weighted: weights.length > 0 };
  }
}
