import type {
  GetCostAndUsageCommand,
  GetCostAndUsageCommandInput,
} from "@aws-sdk/client-cost-explorer";
import { expect } from "chai";
import { type CostExplorer, readSpent } from "../../../ops/cost/spent.ts";
import { refusal } from "../../support/release-context.ts";

const OUTPUTS = { serviceName: "parcels", environment: "staging", accountId: "111111111111" };
const DAYS = { fromMs: Date.parse("2026-02-28"), untilMs: Date.parse("2026-03-30") };

type Page = readonly (readonly (readonly [service: string, amount: string])[])[];

/** Cost Explorer that answers with these pages, each of so many months, and keeps what it was asked. */
function costExplorer(pages: readonly Page[], unit = "USD") {
  const asked: GetCostAndUsageCommandInput[] = [];
  const send = async ({ input }: GetCostAndUsageCommand) => {
    const page = pages[asked.length] ?? [];
    asked.push(input);
    return {
      $metadata: {},
      ...(asked.length < pages.length && { NextPageToken: `page ${asked.length + 1}` }),
      ResultsByTime: page.map((month) => ({
        Groups: month.map(([service, Amount]) => ({
          Keys: [service],
          Metrics: { UnblendedCost: { Amount, Unit: unit } },
        })),
      })),
    };
  };
  return { asked, client: { send } };
}

const failing = (name: string, message: string): CostExplorer => ({
  send: () => Promise.reject(Object.assign(new Error(message), { name })),
});

describe("what was paid", () => {
  it("is asked for by both tags and the account, without credits, refunds and taxes", async () => {
    const { client, asked } = costExplorer([[[["AWS Lambda", "1.5"]]]]);
    await readSpent(client, OUTPUTS, DAYS);

    const [request] = asked;
    expect(request).to.deep.include({
      TimePeriod: { Start: "2026-02-28", End: "2026-03-30" },
      Metrics: ["UnblendedCost"],
      GroupBy: [{ Type: "DIMENSION", Key: "SERVICE" }],
    });
    expect(request?.Filter?.And).to.deep.equal([
      { Tags: { Key: "service", Values: ["parcels"] } },
      { Tags: { Key: "environment", Values: ["staging"] } },
      { Dimensions: { Key: "LINKED_ACCOUNT", Values: ["111111111111"] } },
      { Not: { Dimensions: { Key: "RECORD_TYPE", Values: ["Credit", "Refund", "Tax"] } } },
    ]);
  });

  it("adds up the months that the days fall into, and all pages, and counts what asking has cost", async () => {
    const { client, asked } = costExplorer([
      [
        [["AWS Lambda", "1.25"]],
        [
          ["AWS Lambda", "2.25"],
          ["AWS Key Management Service", "0.9"],
        ],
      ],
      [[["AWS Lambda", "0.5"]]],
    ]);
    const spent = await readSpent(client, OUTPUTS, DAYS);

    expect(spent).to.deep.equal({
      services: { "AWS Lambda": 4, "AWS Key Management Service": 0.9 },
      currency: "USD",
      requests: 2,
    });
    expect(asked[1]?.NextPageToken).to.equal("page 2");
  });

  it("is nothing where Cost Explorer does not know the tags", async () => {
    const { client } = costExplorer([[[], []]]);
    expect((await readSpent(client, OUTPUTS, DAYS)).services).to.deep.equal({});
  });

  it("keeps the currency that the account pays in", async () => {
    const { client } = costExplorer([[[["AWS Lambda", "7"]]]], "CNY");
    expect((await readSpent(client, OUTPUTS, DAYS)).currency).to.equal("CNY");
  });

  for (const [name, message, expected] of [
    [
      "AccessDeniedException",
      "User: arn:… is not authorized to perform: ce:GetCostAndUsage",
      /^these credentials may not ask Cost Explorer \(ce:GetCostAndUsage\); give them the operator policy/,
    ],
    [
      "DataUnavailableException",
      "Data is not available.",
      /^Cost Explorer has no figures of this account; turn it on/,
    ],
    [
      "ExpiredTokenException",
      "The security token is expired",
      /the credentials have expired; sign in again/,
    ],
  ] as const) {
    it(`says what to do about ${name}`, async () => {
      expect(await refusal(readSpent(failing(name, message), OUTPUTS, DAYS))).to.match(expected);
    });
  }
});
