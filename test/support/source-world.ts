/** A service in the local cloud with a queue, its dead letters and a mapping on the alias, over the shipped flow. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
} from "@aws-sdk/client-lambda";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
} from "@aws-sdk/client-sqs";
import { bundleHandler } from "../../infra/function/bundle.ts";
import { reproducibleZip } from "../../infra/function/zip.ts";
import { linesOf } from "./emulated-service.ts";
import type { World, WorldOptions } from "./release-world.ts";

export interface SourceWorld extends World {
  /** Makes a queue with dead letters, and lets it call the alias. */
  readonly source: (options?: SourceOptions) => Promise<Source>;
  /** What the handler wrote down, in the order in which it did. */
  readonly written: () => Promise<Written>;
}

export interface SourceOptions {
  readonly fifo?: boolean;
  readonly maxReceives?: number;
  readonly mapping?: Partial<CreateEventSourceMappingCommandInput>;
}

export interface Source {
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly deadLettersUrl: string;
  readonly send: (
    entries: readonly Omit<SendMessageBatchRequestEntry, "Id">[],
  ) => Promise<readonly string[]>;
  /** Waits until nothing is in the queue, and reads the dead letters. */
  readonly deadLetters: () => Promise<readonly Message[]>;
}

interface Entry {
  readonly word: string;
  readonly newId: string;
}

export interface Written {
  readonly deliveries: readonly (Entry & {
    readonly source: string;
    readonly version: string;
    readonly correlationId: string;
  })[];
  /** What was done, once a key. */
  readonly entries: readonly Entry[];
  /** Keys of what came again after it was done. */
  readonly repeated: readonly string[];
}

export interface SourceWorldOptions extends WorldOptions {
  /** Entry point of the handler. Default: the one that writes down what it does. */
  readonly entryPoint?: string;
}

const codes = new Map<string, Promise<string>>();

/** The handler's code, with what makes each version its own. */
async function versionOf(entryPoint: string, marker: number): Promise<Uint8Array> {
  const needed = ["database"];
  const code = codes.get(entryPoint) ?? bundleHandler({ entryPoint, needed }).then((it) => it.code);
  codes.set(entryPoint, code);
  return reproducibleZip({ "dist/index.mjs": `// ${marker}\n${await code}` });
}

/** Queues of a world, counted: names are the account's. */
let queues = 0;

/** Makes such a world, from what makes worlds of releases. */
export async function makeSourceWorld(
  newWorld: (options?: WorldOptions) => Promise<World>,
  {
    entryPoint = "test/fixtures/ledger-handler.ts",
    variables = {},
    ...options
  }: SourceWorldOptions = {},
): Promise<SourceWorld> {
  const folder = mkdtempSync(join(tmpdir(), "ledger-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const world = await newWorld({
    ...options,
    codeOf: (marker) => versionOf(entryPoint, marker),
    variables: { ...variables, FOLDER: folder },
  });
  const parsed = async <T>(file: string): Promise<readonly T[]> =>
    (await linesOf(join(folder, file))).map((line) => JSON.parse(line) as T);
  return {
    ...world,
    source: (sourceOptions) => makeSource(world, sourceOptions),
    written: async () => ({
      deliveries: await parsed("deliveries"),
      entries: await parsed("entries"),
      repeated: await linesOf(join(folder, "repeated")),
    }),
  };
}

async function makeSource(
  world: World,
  { fifo = false, maxReceives = 5, mapping = {} }: SourceOptions = {},
): Promise<Source> {
  const { sqs, lambda } = world.clients;
  const { accountId, region, aliasArn, timeoutSeconds } = world.outputs();
  const name = `source-${(queues += 1)}`;
  const ending = fifo ? ".fifo" : "";
  const arn = (queue: string) => `arn:aws:sqs:${region}:${accountId}:${queue}`;
  const create = async (QueueName: string, attributes: Record<string, string>) => {
    const Attributes = { ...attributes, ...(fifo && { FifoQueue: "true" }) };
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    return QueueUrl;
  };
  const deadLettersUrl = await create(`${name}-dlq${ending}`, {});
  const queueUrl = await create(`${name}${ending}`, {
    VisibilityTimeout: String(6 * timeoutSeconds),
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: arn(`${name}-dlq${ending}`),
      maxReceiveCount: maxReceives,
    }),
  });
  const queueArn = arn(`${name}${ending}`);
  await lambda.send(
    new CreateEventSourceMappingCommand({
      EventSourceArn: queueArn,
      FunctionName: aliasArn,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ...mapping,
    }),
  );
  const depth = async (QueueUrl: string): Promise<number> => {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
      }),
    );
    return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
  };
  return {
    queueUrl,
    queueArn,
    deadLettersUrl,
    send: async (entries) => {
      const ids: string[] = [];
      for (let at = 0; at < entries.length; at += 10) {
        const Entries = entries
          .slice(at, at + 10)
          .map((entry, index) => ({ ...entry, Id: String(index) }));
        const { Successful = [] } = await sqs.send(
          new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }),
        );
        ids.push(...Successful.map(({ MessageId = "" }) => MessageId));
      }
      return ids;
    },
    deadLetters: async () => {
      while ((await depth(queueUrl)) > 0) await sleep(50);
      const found: Message[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: deadLettersUrl,
            MaxNumberOfMessages: 10,
            VisibilityTimeout: 600,
            MessageAttributeNames: ["All"],
            MessageSystemAttributeNames: ["All"],
          }),
        );
        if (Messages.length === 0) return found;
        found.push(...Messages);
        // A FIFO queue hands out no more of a group before these are gone.
        if (fifo) return found;
      }
    },
  };
}
