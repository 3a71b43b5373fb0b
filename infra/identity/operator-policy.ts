/**
 * What people need besides `view` and `release`: dead letters, logs, costs, clearing out old versions. A pipeline gets
 * none of it, because dead letters and logs hold customers' data.
 */
import type { AwsLocation } from "../arns.ts";
import { optionRoleRights } from "../options.ts";
import type { Settings } from "../settings/parse.ts";
import { allow, ANY, of, type PolicyDocument, policy } from "./document.ts";
import { inOwnAccount, targets } from "./targets.ts";

export function operatorPolicy(location: AwsLocation, settings: Settings): PolicyDocument {
  const on = targets(location, settings);
  return policy(
    allow(
      "DeadLetters",
      of("sqs", "ChangeMessageVisibility", "DeleteMessage", "ReceiveMessage", "SendMessage"),
      on.queue,
    ),
    allow("Logs", of("logs", "FilterLogEvents", "GetQueryResults", "StartQuery"), on.logGroups),
    // IAM knows no resource for this one.
    allow("EndQuery", of("logs", "StopQuery"), ANY),
    allow("Traces", of("xray", "BatchGetTraces", "GetTraceSummaries"), ANY),
    // Of the whole account: a cost has no resource that IAM could tell apart.
    allow("Costs", of("ce", "GetCostAndUsage"), ANY),
    // Versions only: without a qualifier this would delete the function.
    allow("PruneVersions", of("lambda", "DeleteFunction"), on.versions),
    allow("FindVersionsInUse", of("lambda", "ListAliases"), on.handler),
    // Their old versions stay until the bucket expires them, so this can be undone.
    allow("PruneArtifacts", of("s3", "DeleteObject"), on.artifacts, inOwnAccount(location)),
    ...optionRoleRights("operator", location, settings),
  );
}
