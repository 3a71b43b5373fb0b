/** Opens what a dashboard's data is read from. */
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { Settings } from "../../infra/settings.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import { type AwsClients, openStackAccount } from "../../ops/support/aws.ts";
import { inLocalCloud, minuteMs } from "../../ops/support/pace.ts";
import { readStackOutputs } from "../../ops/support/stack-outputs.ts";
import { awsSource } from "./aws-source.ts";
import type { Source, Span } from "./data.ts";
import type { PlannedResource } from "./planned.ts";
import { playIncident } from "./sample/incident.ts";
import { sampleSource } from "./sample/source.ts";

export type SourceName = "samples" | "aws";

export interface OpenedSource {
  readonly source: Source;
  /** In words, for people. */
  readonly describedAs: string;
  /** What is shown at a moment. */
  readonly span: (nowMs: number) => Span;
}

interface OpenOptions {
  readonly stack: string;
  readonly settings: Settings;
  /** Name of the project: the namespace of the handler's own metrics. */
  readonly project: string;
  readonly signal: AbortSignal;
}

/** An account, or a local cloud, that can be read. */
export interface OpenedAws extends OpenedSource {
  readonly outputs: StackOutputs;
  readonly clients: AwsClients;
  readonly logs: CloudWatchLogsClient;
}

/** A function, because what the samples' alarms are is known only after the plan. */
export async function openSource(
  name: SourceName,
  options: OpenOptions,
): Promise<(resources: readonly PlannedResource[], minutes: number) => OpenedSource> {
  if (name === "samples") {
    const { settings, project } = options;
    return (resources, minutes) => {
      const incident = playIncident(settings, project);
      const { fromMs, toMs } = incident.span;
      const span = { fromMs: Math.max(fromMs, toMs - minutes * 60_000), toMs };
      return {
        source: sampleSource(incident, resources),
        describedAs: "samples",
        span: () => span,
      };
    };
  }
  const open = await openAws(options);
  return (_resources, minutes) => open(minutes);
}

/** Throws `Refused` when the stack's outputs cannot be had, or the credentials are those of another account. */
export async function openAws({
  stack,
  signal,
}: Pick<OpenOptions, "stack" | "signal">): Promise<(minutes: number) => OpenedAws> {
  const outputs = await readStackOutputs(stack);
  const clients = await openStackAccount(outputs);
  const logs = new CloudWatchLogsClient({ region: outputs.region });
  const minute = minuteMs();
  const source = awsSource({ clients, logs, outputs, minuteMs: minute, signal });
  const describedAs = inLocalCloud()
    ? `the local cloud, where a minute takes ${minute / 1000} s`
    : `account ${outputs.accountId}, ${outputs.region}`;
  return (minutes) => ({
    source,
    describedAs,
    outputs,
    clients,
    logs,
    span: (nowMs) => ({ fromMs: nowMs - minutes * minute, toMs: nowMs }),
  });
}
