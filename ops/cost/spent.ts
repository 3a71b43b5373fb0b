/** What the account has paid for a stack, as Cost Explorer says it. Every request to it costs money. */
import {
  CostExplorerClient,
  type Expression,
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandOutput,
} from "@aws-sdk/client-cost-explorer";
import { ENVIRONMENT_TAG, SERVICE_TAG } from "../../infra/names.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import { explained } from "../support/aws.ts";
import { isRefusal, Refused } from "../support/refused.ts";
import { day, type Days } from "./measure.ts";

export interface Spent {
  /** By Cost Explorer's names of services, such as `AWS Lambda`. Empty: it knows nothing of the tags. */
  readonly services: Readonly<Record<string, number>>;
  /** `USD`, or what the account pays in. */
  readonly currency: string;
  /** Requests that were made, each of which is paid for. */
  readonly requests: number;
}

/** Cost Explorer as far as it is used here. */
export type CostExplorer = Pick<CostExplorerClient, "send">;

/** Cost Explorer has one endpoint a partition; the SDK finds it by the region. */
export const openCostExplorer = (region: string): CostExplorerClient =>
  new CostExplorerClient({ region, maxAttempts: 1 });

/** Not the service's doing: what is given back, and what is added to every bill. */
const LEFT_OUT = ["Credit", "Refund", "Tax"];

/**
 * What carries the stack's tags, by service, without credits, refunds and taxes. Throws `Refused` where the caller
 * may not ask.
 */
export async function readSpent(
  costExplorer: CostExplorer,
  outputs: Pick<StackOutputs, "serviceName" | "environment" | "accountId">,
  { fromMs, untilMs }: Days,
): Promise<Spent> {
  const services: Record<string, number> = {};
  let currency = "USD";
  let requests = 0;
  let NextPageToken: string | undefined;
  do {
    requests += 1;
    const page: GetCostAndUsageCommandOutput = await costExplorer
      .send(
        new GetCostAndUsageCommand({
          TimePeriod: { Start: day(fromMs), End: day(untilMs) },
          Granularity: "MONTHLY",
          Metrics: ["UnblendedCost"],
          GroupBy: [{ Type: "DIMENSION", Key: "SERVICE" }],
          Filter: filterOf(outputs),
          NextPageToken,
        }),
      )
      .catch((error: unknown) => {
        throw refusal(error);
      });
    for (const { Groups = [] } of page.ResultsByTime ?? []) {
      for (const { Keys = [], Metrics } of Groups) {
        const { Amount = "0", Unit = currency } = Metrics?.["UnblendedCost"] ?? {};
        const [service = "other"] = Keys;
        services[service] = (services[service] ?? 0) + Number(Amount);
        currency = Unit;
      }
    }
    ({ NextPageToken } = page);
  } while (NextPageToken !== undefined);
  return { services, currency, requests };
}

const filterOf = ({
  serviceName,
  environment,
  accountId,
}: Pick<StackOutputs, "serviceName" | "environment" | "accountId">): Expression => ({
  And: [
    { Tags: { Key: SERVICE_TAG, Values: [serviceName] } },
    { Tags: { Key: ENVIRONMENT_TAG, Values: [environment] } },
    { Dimensions: { Key: "LINKED_ACCOUNT", Values: [accountId] } },
    { Not: { Dimensions: { Key: "RECORD_TYPE", Values: LEFT_OUT } } },
  ],
});

function refusal(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === "DataUnavailableException") {
    return new Refused(
      "Cost Explorer has no figures of this account",
      "turn it on in the account that pays, and wait for a day",
      { cause: error },
    );
  }
  const known = explained(error);
  return isRefusal(known) && known.reason === "permission"
    ? new Refused(
        "these credentials may not ask Cost Explorer (ce:GetCostAndUsage)",
        "give them the operator policy of this stack; the account must let IAM see its billing, too",
        { reason: "permission", cause: error },
      )
    : known;
}
