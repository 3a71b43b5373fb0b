/** Writes access logs into their groups. Lines for a group that does not exist are dropped: callers of an API could not help it. */
import {
  CloudWatchLogsClient,
  type CloudWatchLogsClientConfig,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { randomUUID } from "node:crypto";

export interface LogWriterOptions {
  /** Where logs are written to, once that is known. */
  readonly client: () => CloudWatchLogsClientConfig;
  readonly nowMs: () => number;
}

export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #streamName = randomUUID().replaceAll("-", "");
  readonly #streams = new Map<string, Promise<void>>();
  #client: CloudWatchLogsClient | undefined;
  #written: Promise<void> = Promise.resolve();

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  write(logGroupName: string, message: string): void {
    const timestamp = this.#options.nowMs();
    // One after the other, so that lines stand in the order of their requests.
    this.#written = this.#written
      .then(() => this.#put(logGroupName, message, timestamp))
      .catch(() => undefined);
  }

  async stop(): Promise<void> {
    await this.#written;
    this.#client?.destroy();
  }

  async #put(logGroupName: string, message: string, timestamp: number): Promise<void> {
    this.#client ??= new CloudWatchLogsClient({ ...this.#options.client(), maxAttempts: 1 });
    const client = this.#client;
    const logStreamName = this.#streamName;
    const made =
      this.#streams.get(logGroupName) ??
      client
        .send(new CreateLogStreamCommand({ logGroupName, logStreamName }))
        .then(() => undefined);
    this.#streams.set(logGroupName, made);
    made.catch(() => this.#streams.delete(logGroupName));
    await made;
    const logEvents = [{ message, timestamp }];
    await client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
  }
}
