/**
 * What SQS says of queues once a minute (SQS developer guide, "Available CloudWatch metrics for Amazon SQS"): how many
 * messages wait, are being read, and were sent. How old the oldest is, the emulator does not say; so nothing does.
 */
import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Metric } from "../cloudwatch/metrics.ts";

export interface QueueMetricsOptions {
  readonly sqs: SQSClient;
  readonly minuteMs: number;
  /** The time of the local cloud, milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly record: (metric: Metric, value: number, atMs: number) => void;
}

/** A queue's attributes, and what CloudWatch calls them. */
const GAUGES = [
  ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesVisible"],
  ["ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesNotVisible"],
  ["ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesDelayed"],
] as const;

export class QueueMetrics {
  readonly #options: QueueMetricsOptions;
  /** Queues that are active, and the minute in which they last reported. */
  readonly #active = new Map<string, number>();

  constructor(options: QueueMetricsOptions) {
    this.#options = options;
  }

  /** Somebody uses the queue. An idle one stops reporting. */
  touch(queueName: string): void {
    if (queueName !== "" && !this.#active.has(queueName)) this.#active.set(queueName, -1);
  }

  sent(queueName: string, messages: number): void {
    this.touch(queueName);
    const { record, nowMs } = this.#options;
    record(metric("NumberOfMessagesSent", queueName), messages, nowMs());
  }

  /** Has the active queues report, once a minute. Never throws: a queue may be gone. */
  async collect(): Promise<void> {
    const { minuteMs, nowMs } = this.#options;
    const minute = Math.floor(nowMs() / minuteMs);
    for (const [queueName, reported] of this.#active) {
      if (reported === minute) continue;
      this.#active.set(queueName, minute);
      await this.#report(queueName).catch(() => this.#active.delete(queueName));
    }
  }

  async #report(queueName: string): Promise<void> {
    const { sqs, record, nowMs } = this.#options;
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queueName }));
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: GAUGES.map(([attribute]) => attribute),
      }),
    );
    const atMs = nowMs();
    let messages = 0;
    for (const [attribute, name] of GAUGES) {
      const value = Number(Attributes[attribute] ?? 0);
      messages += value;
      record(metric(name, queueName), value, atMs);
    }
    if (messages === 0) this.#active.delete(queueName);
  }
}

const metric = (metricName: string, QueueName: string): Metric => ({
  namespace: "AWS/SQS",
  metricName,
  dimensions: { QueueName },
});
