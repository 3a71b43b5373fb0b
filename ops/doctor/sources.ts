/** The part of the doctor for event sources: does each still call the function, and what did it give up? */
import { GetEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { allSources } from "../../infra/sources/all.ts";
import type { SourceOutput } from "../../infra/sources.ts";
import type { Unwrap } from "@pulumi/pulumi";
import { type AwsClients, openStackAccount } from "../support/aws.ts";
import { isRefusal } from "../support/refused.ts";
import { readStackOutputs } from "../support/stack-outputs.ts";
import { count } from "../support/words.ts";
import type { Check, Finding } from "./check.ts";

type SourceInfo = Unwrap<SourceOutput>;

/** What is known of one source. */
export interface SourceFacts {
  readonly name: string;
  /** Messages that were given up; absent when their queue is not there. */
  readonly deadLetters?: number | undefined;
  /** Absent where there is none by design: a schedule. */
  readonly mapping?: { readonly state: string; readonly lastResult: string } | undefined;
  readonly mappingIsMissing: boolean;
}

export const sourcesCheck: Check = {
  name: "sources",
  run: async ({ stack, settings }) => {
    if (allSources(settings).length === 0) return [];
    const outputs = await readStackOutputs(stack).catch((error: unknown) => {
      // The release part says why they cannot be read.
      if (isRefusal(error)) return undefined;
      throw error;
    });
    if (!outputs?.sources) return [];
    const clients = await openStackAccount(outputs);
    const facts = await Promise.all(outputs.sources.map((source) => readSource(clients, source)));
    return facts.flatMap((source) => judgeSource(stack, source));
  },
};

export async function readSource(
  { sqs, lambda }: Pick<AwsClients, "sqs" | "lambda">,
  { name, mappingId, deadLetterQueueUrl: QueueUrl }: SourceInfo,
): Promise<SourceFacts> {
  const command = new GetQueueAttributesCommand({
    QueueUrl,
    AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
  });
  const queue = await unlessAbsent(sqs.send(command));
  const mapping =
    mappingId === undefined
      ? undefined
      : await unlessAbsent(lambda.send(new GetEventSourceMappingCommand({ UUID: mappingId })));
  const counts = Object.values(queue?.Attributes ?? {}).map(Number);
  return {
    name,
    ...(queue && { deadLetters: counts.reduce((sum, number) => sum + number, 0) }),
    ...(mapping && {
      mapping: { state: mapping.State ?? "", lastResult: mapping.LastProcessingResult ?? "" },
    }),
    mappingIsMissing: mappingId !== undefined && mapping === undefined,
  };
}

/** What is wrong with one source, in words. Pure. */
export function judgeSource(
  stack: string,
  { name, deadLetters, mapping, mappingIsMissing }: SourceFacts,
): readonly Finding[] {
  const up = `pulumi up --stack ${stack}`;
  const findings: Finding[] = [];
  if (mappingIsMissing) {
    findings.push({
      severity: "error",
      problem: `the mapping of source ${name} is not there: nothing of it reaches the function`,
      remedy: `make it again: ${up} --refresh`,
    });
  }
  if (mapping && mapping.state.startsWith("Disabl")) {
    findings.push({
      severity: "error",
      problem: `the mapping of source ${name} is switched off: nothing of it reaches the function`,
      remedy: `switch it on: ${up} --refresh`,
    });
  }
  if (mapping?.lastResult.startsWith("PROBLEM")) {
    findings.push({
      severity: "warning",
      problem: `Lambda says of source ${name}: ${mapping.lastResult}`,
      remedy: `see npm run logs -- --stack ${stack}`,
    });
  }
  if (deadLetters === undefined) {
    findings.push({
      severity: "error",
      problem: `the dead-letter queue of source ${name} is not there: what fails at every try is lost`,
      remedy: `an administrator makes it again: ${up} --refresh`,
    });
  } else if (deadLetters > 0) {
    findings.push({
      severity: "warning",
      problem: `${count(deadLetters, "dead letter")} of source ${name} ${deadLetters === 1 ? "waits" : "wait"}`,
      remedy: `npm run replay -- --stack ${stack} --source ${name} --dry-run`,
    });
  }
  return findings;
}

const ABSENT =
  /^(ResourceNotFoundException|QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue)$/;

async function unlessAbsent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && ABSENT.test(error.name)) return undefined;
    throw error;
  }
}
