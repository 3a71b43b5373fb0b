/** What was paid, beside the estimate of the same usage, as people read it. Pure. */
import { ENVIRONMENT_TAG, SERVICE_TAG } from "../../infra/names.ts";
import type { Actual } from "./actual.ts";
import { SMALLEST_USD, table, usd } from "./render.ts";

/** `span` is the days in words, `asked` what asking has cost in USD. */
export function renderActual(actual: Actual, span: string, asked: number): string {
  const { by, services, currency, untaggedUsd } = actual;
  const shown = services.filter(
    ({ spent = 0, estimatedUsd }) => Math.max(spent, estimatedUsd) >= SMALLEST_USD,
  );
  const total = (of: (one: (typeof services)[number]) => number) =>
    services.reduce((sum, one) => sum + of(one), 0);
  const estimated = total(({ estimatedUsd }) => estimatedUsd);
  if (by === "metrics") {
    return [
      `${span}: by metrics, usage as CloudWatch counted it at list prices`,
      `Cost Explorer knows nothing of the tags ${SERVICE_TAG} and ${ENVIRONMENT_TAG} of this stack in these days: activate both as cost allocation tags in the account that pays; it counts from then on`,
      "",
      ...table(shown.map(({ service, estimatedUsd }) => [usd(estimatedUsd), service])),
      "",
      `${usd(estimated)} at list prices; asking cost ${usd(asked)}`,
    ].join("\n");
  }
  const amount = (value: number) =>
    currency === "USD" ? usd(value) : `${value.toFixed(2)} ${currency}`;
  const spent = total((one) => one.spent ?? 0);
  return [
    `${span}: by Cost Explorer, what carries this stack's tags, without credits, refunds and taxes`,
    "",
    ...table([
      ["paid", "estimated", "service"],
      ...shown.map((one) => [amount(one.spent ?? 0), usd(one.estimatedUsd), one.service]),
    ]),
    "",
    `${amount(spent)} paid; ${usd(estimated)} estimated for the same usage at list prices`,
    ...(untaggedUsd >= SMALLEST_USD
      ? [
          `not in these figures: traces and metrics, which carry no tags, ${usd(untaggedUsd)} at list prices`,
        ]
      : []),
    `free tiers, savings plans and prices of other regions make what is paid less or more; asking cost ${usd(asked)}`,
  ].join("\n");
}
