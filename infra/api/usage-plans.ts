/** Usage plans as config states them: what each group of API keys may ask for. Keys themselves are never in config. */
import { Reader } from "../settings/reader.ts";
import { Refusal } from "../settings/rules.ts";

/** One plan. Its limits are best effort (API Gateway guide, "Usage plans and API keys for REST APIs"). */
export interface UsagePlan {
  /** Part of the plan's name: `{service}-{name}-{environment}`. */
  readonly name: string;
  /** Requests a second that each key of the plan may send, on average. */
  readonly requestsPerSecond: number;
  /** Requests that each key may send at once. */
  readonly burstRequests: number;
  /** Requests within `quotaPeriod` that each key may send. Default: no quota. */
  readonly quotaRequests?: number;
  /** Only with a quota. */
  readonly quotaPeriod?: QuotaPeriod;
}

const PERIODS = ["day", "week", "month"] as const;
export type QuotaPeriod = (typeof PERIODS)[number];

const KEYS = ["name", "requestsPerSecond", "burstRequests", "quotaRequests", "quotaPeriod"];
const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
/** Plans of a region (API Gateway quotas, "Usage plans per account per Region"), far above what one service needs. */
const MOST_PLANS = 20;
const UNBOUNDED = Number.MAX_SAFE_INTEGER;
const MOST_QUOTA = 2_147_483_647;

/** Reads the list; every fault is reported, each with the plan, the key, the value, the rule and the remedy. */
export function readUsagePlans(value: unknown, form: string): readonly UsagePlan[] | Refusal {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > MOST_PLANS) return new Refusal(form);
  const faults: string[] = [];
  const names = new Set<string>();
  const plans = value.flatMap((one: unknown, index) => {
    if (typeof one !== "object" || one === null || Array.isArray(one)) {
      faults.push(
        `apiUsagePlans[${index}]: ${JSON.stringify(one)}; must be a mapping with ${KEYS.join(", ")}; correct it`,
      );
      return [];
    }
    const { name } = one as { readonly name?: unknown };
    const reader = new Reader(
      typeof name === "string" ? `apiUsagePlans "${name}"` : `apiUsagePlans[${index}]`,
      one as Readonly<Record<string, unknown>>,
    );
    const plan = readPlan(reader);
    if (plan.name !== "" && names.has(plan.name)) {
      reader.refuse("name", plan.name, "is another plan's already", "name it otherwise");
    }
    names.add(plan.name);
    faults.push(...reader.faults);
    return [plan];
  });
  return faults.length > 0 ? new Refusal(form, faults) : Object.freeze(plans);
}

function readPlan(reader: Reader): UsagePlan {
  const name = reader.text(
    "name",
    NAME,
    "must begin with a letter and hold only a-z, 0-9 and single hyphens",
  );
  const requestsPerSecond = reader.required("requestsPerSecond", 1, UNBOUNDED, "requests a second");
  const burstRequests = reader.required("burstRequests", 1, UNBOUNDED, "requests");
  if (burstRequests < requestsPerSecond) {
    reader.refuse(
      "burstRequests",
      burstRequests,
      `must not be below requestsPerSecond (${requestsPerSecond})`,
      "raise it",
    );
  }
  const quotaRequests = reader.optionalNumber("quotaRequests", 1, MOST_QUOTA, "requests");
  const given = reader.take("quotaPeriod");
  const quotaPeriod = PERIODS.find((period) => period === given);
  if (given !== undefined && quotaPeriod === undefined) {
    reader.refuse("quotaPeriod", given, `must be one of ${PERIODS.join(", ")}`);
  } else if (quotaRequests !== undefined && quotaPeriod === undefined) {
    reader.refuse(
      "quotaPeriod",
      given,
      `quotaRequests needs one of ${PERIODS.join(", ")}`,
      "add it",
    );
  } else if (quotaRequests === undefined && quotaPeriod !== undefined) {
    reader.refuse("quotaRequests", undefined, "quotaPeriod says of how many requests", "add it");
  }
  reader.end(KEYS);
  return {
    name,
    requestsPerSecond,
    burstRequests,
    ...(quotaRequests !== undefined && { quotaRequests }),
    ...(quotaPeriod !== undefined && { quotaPeriod }),
  };
}
