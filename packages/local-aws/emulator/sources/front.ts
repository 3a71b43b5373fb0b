/** Event source mappings in front of the emulator, whose own know no weights and count nothing for a canary. */
import type { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { randomUUID } from "node:crypto";
import type { Metric } from "../cloudwatch/metrics.ts";
import { type Answer, AwsError, type Call } from "../http.ts";
import type { BatchEnd } from "./answer.ts";
import { checkMapping, isQueue, type Mapping, type MappingInput, targetOf } from "./mapping.ts";
import { pollQueue } from "./queue.ts";
import { pollStream } from "./stream.ts";

export interface FrontSourcesOptions {
  readonly lambda: LambdaClient;
  readonly sqs: SQSClient;
  readonly streams: DynamoDBStreamsClient;
  /** Calls a function or alias as Lambda itself does: by weight, and counted. */
  readonly invoke: (
    target: { functionName: string; qualifier?: string },
    event: string,
  ) => Promise<BatchEnd>;
  readonly minuteMs: number;
  readonly record: (metric: Metric, value: number, atMs: number) => void;
  readonly nowMs: () => number;
  readonly random: () => number;
  /** Part of a standard queue's messages that are delivered once more, 0 to 1. */
  readonly duplicates: number;
}

const PATH = /^\/2015-03-31\/event-source-mappings\/?([^/]*)\/?$/;

interface Running {
  /** How far each shard of a stream is. */
  positions: Map<string, string>;
  mapping: Mapping;
  stop: AbortController;
  done: Promise<void>;
}

export class FrontSources {
  readonly #options: FrontSourcesOptions;
  readonly #running = new Map<string, Running>();

  constructor(options: FrontSourcesOptions) {
    this.#options = options;
  }

  /** Answers the calls about mappings, and leaves all others. */
  async answer(call: Call): Promise<Answer | undefined> {
    const id = call.service === "lambda" ? PATH.exec(call.path)?.[1] : undefined;
    if (id === undefined) return undefined;
    if (call.method === "POST" && id === "") {
      return { status: 202, body: await this.#create(call.json()) };
    }
    if (call.method === "GET" && id === "") return { status: 200, body: this.#list(call.query) };
    const running = this.#running.get(id);
    if (!running) {
      throw new AwsError(
        404,
        "ResourceNotFoundException",
        "The resource you requested does not exist.",
      );
    }
    if (call.method === "PUT")
      return { status: 202, body: await this.#update(running, call.json()) };
    if (call.method === "DELETE") {
      await this.#end(running);
      this.#running.delete(id);
      return { status: 202, body: { ...running.mapping, State: "Deleting" } };
    }
    return { status: 200, body: running.mapping };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((running) => this.#end(running)));
    this.#running.clear();
  }

  async #create(input: MappingInput): Promise<Mapping> {
    const { EventSourceArn = "", FunctionName = "" } = input;
    // Lambda takes one mapping of a source and a function.
    const same = [...this.#running.values()].find(
      ({ mapping }) =>
        mapping.EventSourceArn === EventSourceArn &&
        isSameTarget(targetOf(mapping.FunctionArn), targetOf(FunctionName)),
    );
    if (same) {
      throw new AwsError(
        409,
        "ResourceConflictException",
        `An event source mapping with ${EventSourceArn} and function ("${targetOf(FunctionName).functionName}") already exists. Please update or delete the existing mapping with UUID ${same.mapping.UUID}`,
      );
    }
    const mapping = mappingOf(randomUUID(), { ...input, EventSourceArn }, FunctionName);
    await checkMapping(mapping, this.#options);
    this.#running.set(mapping.UUID, this.#start(mapping, new Map()));
    return mapping;
  }

  async #update(running: Running, input: MappingInput): Promise<Mapping> {
    const { FunctionName = running.mapping.FunctionArn, ...changed } = input;
    const mapping = mappingOf(
      running.mapping.UUID,
      { ...running.mapping, ...changed, EventSourceArn: running.mapping.EventSourceArn },
      FunctionName,
    );
    await checkMapping(mapping, this.#options);
    await this.#end(running);
    this.#running.set(mapping.UUID, this.#start(mapping, running.positions));
    return mapping;
  }

  #list(query: URLSearchParams): object {
    const [source, called] = [query.get("EventSourceArn"), query.get("FunctionName")];
    const mappings = [...this.#running.values()].map(({ mapping }) => mapping);
    return {
      EventSourceMappings: mappings.filter(
        ({ EventSourceArn, FunctionArn }) =>
          (source === null || EventSourceArn === source) &&
          (called === null ||
            FunctionArn === called ||
            targetOf(FunctionArn).functionName === called),
      ),
    };
  }

  #start(mapping: Mapping, positions: Running["positions"]): Running {
    const stop = new AbortController();
    const { invoke, ...common } = this.#options;
    const options = {
      ...common,
      positions,
      invoke: ({ FunctionArn }: Mapping, event: string) => invoke(targetOf(FunctionArn), event),
      aged: (ageMs: number) => this.#recordAge(mapping, ageMs),
    };
    const poll = isQueue(mapping) ? pollQueue : pollStream;
    const done =
      mapping.State === "Disabled"
        ? Promise.resolve()
        : poll(mapping, options, stop.signal).catch(() => undefined);
    return { positions, mapping, stop, done };
  }

  /** By the function alone, whichever stream it is (Lambda developer guide, "Types of metrics for Lambda functions"). */
  #recordAge({ FunctionArn }: Mapping, ageMs: number): void {
    const { record, minuteMs, nowMs } = this.#options;
    const dimensions = { FunctionName: targetOf(FunctionArn).functionName };
    // In AWS's minutes, which are longer.
    const value = ageMs * (60_000 / minuteMs);
    record({ namespace: "AWS/Lambda", metricName: "IteratorAge", dimensions }, value, nowMs());
  }

  async #end({ stop, done }: Running): Promise<void> {
    stop.abort();
    await done;
  }
}

/** Whether both are one function and qualifier, each named by ARN or by name. */
const isSameTarget = (
  one: ReturnType<typeof targetOf>,
  other: ReturnType<typeof targetOf>,
): boolean => one.functionName === other.functionName && one.qualifier === other.qualifier;

/** Lambda's defaults (API reference, CreateEventSourceMapping). */
function mappingOf(
  UUID: string,
  input: MappingInput & { EventSourceArn: string },
  FunctionArn: string,
): Mapping {
  const { Enabled = true, BatchSize = isQueue(input) ? 10 : 100 } = input;
  return { ...input, UUID, FunctionArn, BatchSize, State: Enabled ? "Enabled" : "Disabled" };
}
