/** What calls the function beside direct invocations: queues, rules, streams and schedules, as config states them. */
import * as pulumi from "@pulumi/pulumi";
import type { AwsLocation } from "./arns.ts";
import { isOutbox } from "./database/outbox.ts";
import type { Settings } from "./settings.ts";
import { allSources } from "./sources/all.ts";
import { makeQueued, type MadeSource, type SourceContext } from "./sources/queue.ts";
import { makeClock, makeSchedule } from "./sources/schedule.ts";
import { isFifo, isQueued, recordSource, type Source } from "./sources/source.ts";
import { makeStream } from "./sources/stream.ts";

export interface EventSourcesArgs {
  readonly settings: Settings;
  readonly location: AwsLocation;
  /** Bounds what the role of schedules can ever be given. */
  readonly boundaryArn: pulumi.Input<string>;
  /** The alias that every source calls. */
  readonly aliasArn: pulumi.Input<string>;
  /** Streams of tables of the program by their names, without service and environment: `{ orders: table.streamArn }`. */
  readonly streams: Readonly<Record<string, pulumi.Input<string>>>;
  /** What the domain takes, by AWS's name of it: the keys of its `sources`. */
  readonly taken: readonly string[];
}

/** One source as commands know it. */
export interface SourceOutput {
  readonly name: string;
  readonly kind: Source["kind"];
  readonly fifo: boolean;
  /** The queue that feeds the function; absent for streams and schedules. */
  readonly queueUrl?: pulumi.Output<string>;
  readonly deadLetterQueueUrl: pulumi.Output<string>;
  /** Id of the mapping by which Lambda polls; absent for schedules. */
  readonly mappingId?: pulumi.Output<string>;
}

/** Every event source of the service, each on the alias: a release decides which version answers. */
export class EventSources extends pulumi.ComponentResource {
  readonly outputs: readonly SourceOutput[];

  constructor(name: string, args: EventSourcesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lambda-service:infra:Sources", name, {}, opts);
    const { settings, location, aliasArn } = args;
    const { timeoutSeconds, deadLetterRetentionDays } = settings;
    const sources = allSources(settings);
    const context: SourceContext = {
      scope: settings,
      location,
      timeoutSeconds,
      deadLetterRetentionDays,
      aliasArn,
      child: { parent: this },
    };
    const clock = sources.some(({ kind }) => kind === "schedule")
      ? makeClock(context, sources, args.boundaryArn)
      : undefined;
    const make = (source: Source): MadeSource => {
      if (isQueued(source)) return makeQueued(context, source);
      if (source.kind === "stream") {
        return makeStream(context, source, streamArn(source.table, args.streams));
      }
      if (clock === undefined) throw new Error("a schedule without the role of schedules");
      return makeSchedule(context, source, clock);
    };
    this.outputs = sources.map((source) => {
      const { queue, deadLetters, mapping } = make(source);
      return {
        name: source.name,
        kind: source.kind,
        fifo: isFifo(source),
        ...(queue && { queueUrl: queue.url }),
        deadLetterQueueUrl: deadLetters.url,
        ...(mapping && { mappingId: mapping.uuid }),
      };
    });
    this.registerOutputs({});
  }
}

/** The streams that a team's own tables have: `streams` of `makeOwnResources`, where it hands any over. */
export const ownStreams = (own: {
  readonly environment: unknown;
  readonly streams?: EventSourcesArgs["streams"];
}): EventSourcesArgs["streams"] => own.streams ?? {};

const streamArn = (table: string, streams: EventSourcesArgs["streams"]): pulumi.Input<string> =>
  table.startsWith("arn:") ? table : (streams[table] ?? "");

/**
 * Makes the sources, or nothing where config states none. Throws `pulumi.RunError` where the program lacks what a
 * source needs: every event of it would fail.
 */
export function openSources(
  args: EventSourcesArgs,
  opts: pulumi.ComponentResourceOptions,
): EventSources | undefined {
  const { environment } = args.settings;
  const sources = allSources(args.settings);
  if (sources.length === 0) return undefined;
  const faults = sources.flatMap((source) => [
    ...notTaken(source, args.taken),
    ...noStream(source, args.streams),
  ]);
  if (faults.length > 0) {
    const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
    throw new pulumi.RunError(
      [
        `${count} between the sources of stack ${environment} and the program:`,
        ...faults.map((fault) => `  ${fault}`),
      ].join("\n"),
    );
  }
  return new EventSources("sources", args, opts);
}

/** How a domain takes the payload out of a record, as messages show it. */
const UNWRAPS = { sqs: "queueMessage", dynamodb: "wholeRecord" } as const;

/** Changes of the service's own table are published before the domain is asked. */
function notTaken(source: Source, taken: readonly string[]): readonly string[] {
  const record = recordSource(source.kind);
  if (record === undefined || taken.includes(record) || isOutbox(source)) return [];
  const { name, kind } = source;
  return [
    `sources "${name}" kind: "${kind}"; function/domain/index.ts names no way into events of ${record}, so each would fail; add sources: { ${record}: ${UNWRAPS[record]} } there (docs/handler.md#who-calls)`,
  ];
}

function noStream(source: Source, streams: EventSourcesArgs["streams"]): readonly string[] {
  if (source.kind !== "stream" || source.table.startsWith("arn:")) return [];
  if (streams[source.table] !== undefined) return [];
  const known = Object.keys(streams);
  return [
    `sources "${source.name}" table: "${source.table}"; ${known.length > 0 ? `the own tables with a stream are ${known.join(", ")}` : "no own table has a stream"}; name its stream in makeOwnResources of infra/own/resources.ts, as streams: { ${JSON.stringify(source.table)}: table.streamArn }, or give the stream's ARN`,
  ];
}
