/**
 * Lambda's queue of asynchronous calls: attempts, retries, and dead letters in Lambda's own form.
 *
 * The emulator has one too, but counts no metrics, ignores weights and an alias's settings, and writes a
 * destination's record into the dead-letter queue, where Lambda writes the event itself.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { GetQueueUrlCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Metric } from "../cloudwatch/metrics.ts";
import type { Chosen, Target } from "./front.ts";

/** How one attempt ended. */
export interface Attempt {
  readonly version: string;
  /** The function's answer, when it failed. */
  readonly failure?: string | undefined;
}

export interface AsynchronousOptions {
  readonly lambda: LambdaClient;
  readonly sqs: SQSClient;
  readonly minuteMs: number;
  /** The time of the local cloud, milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Takes a value of a metric. */
  readonly record: (metric: Metric, value: number, atMs: number) => void;
  /** A dead letter has been sent to this queue. */
  readonly sent: (queueName: string) => void;
  /** Calls the function once and counts it: every attempt is an invocation, and an error if it fails. */
  readonly attempt: (target: Target, chosen: Chosen, event: Buffer) => Promise<Attempt>;
}

/** Lambda developer guide, "Asynchronous invocation": two retries, after one and two minutes. */
const RETRIES = 2;

/** Lambda developer guide, "Dead-letter queues": the first 1 KB of the error message. */
const MOST_ERROR_CHARACTERS = 1024;

export class AsynchronousCalls {
  readonly #options: AsynchronousOptions;
  readonly #underWay = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: AsynchronousOptions) {
    this.#options = options;
  }

  /**
   * Takes a call over; its answer is nobody's. All its attempts are those of the version that it was given at
   * first: one poisoned event is three errors of one version.
   */
  accept(target: Target, chosen: Chosen, event: Buffer): void {
    const work = this.#run(target, chosen, event)
      // What is under way when the local cloud ends is lost with it.
      .catch(() => undefined)
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#underWay);
  }

  async #run(target: Target, chosen: Chosen, event: Buffer): Promise<void> {
    const { attempt, minuteMs, nowMs } = this.#options;
    const acceptedMs = nowMs();
    this.#record(target, "AsyncEventsReceived", 1);
    const retries = await this.#retries(target);
    for (let retry = 0; ; retry++) {
      // In the time of the alarms, as every duration.
      this.#record(target, "AsyncEventAge", (nowMs() - acceptedMs) * (60_000 / minuteMs));
      const { version, failure } = await attempt(target, chosen, event);
      if (failure === undefined) return;
      if (retry >= retries) {
        // Counted with or without a queue to put it into (developer guide, "Asynchronous invocation metrics").
        this.#record(target, "AsyncEventsDropped", 1);
        return this.#bury(target, version, event, failure).catch(() => {
          this.#record(target, "DeadLetterErrors", 1);
        });
      }
      const { signal } = this.#stopping;
      await sleep((retry + 1) * minuteMs, undefined, { signal });
    }
  }

  /** Lambda's metrics of asynchronous events are the function's as a whole. */
  #record({ functionName }: Target, metricName: string, value: number): void {
    const { record, nowMs } = this.#options;
    const dimensions = { FunctionName: functionName };
    record({ namespace: "AWS/Lambda", metricName, dimensions }, value, nowMs());
  }

  async #retries({ functionName, qualifier }: Target): Promise<number> {
    const command = new GetFunctionEventInvokeConfigCommand({
      FunctionName: functionName,
      ...(qualifier !== undefined && { Qualifier: qualifier }),
    });
    const settings = await this.#options.lambda.send(command).catch(() => undefined);
    return settings?.MaximumRetryAttempts ?? RETRIES;
  }

  /** The event as it came, and why it failed in the message's attributes. */
  async #bury(
    { functionName }: Target,
    version: string,
    event: Buffer,
    failure: string,
  ): Promise<void> {
    const { lambda, sqs, sent } = this.#options;
    const { DeadLetterConfig } = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName, Qualifier: version }),
    );
    const [, , service, , , queueName] = DeadLetterConfig?.TargetArn?.split(":") ?? [];
    if (service !== "sqs" || queueName === undefined) return;
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queueName }));
    const text = (StringValue: string) => ({ DataType: "String", StringValue });
    await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: event.toString(),
        MessageAttributes: {
          RequestID: text(randomUUID()),
          ErrorCode: { DataType: "Number", StringValue: "200" },
          ErrorMessage: text(errorMessage(failure).slice(0, MOST_ERROR_CHARACTERS)),
        },
      }),
    );
    sent(queueName);
  }
}

/** An attribute may not be empty. */
function errorMessage(failure: string): string {
  try {
    const { errorMessage: message } = JSON.parse(failure) as { readonly errorMessage?: string };
    return message ?? failure;
  } catch {
    return failure || "unknown";
  }
}
