/** What a usage plan holds, and what a PATCH changes of it (API Gateway API reference, UpdateUsagePlan). */
import { AwsError } from "../../http.ts";
import type { Limit } from "../bucket.ts";
import type { Json } from "../definition.ts";
import { badRequest, json, textOf } from "../document.ts";
import type { Period, UsagePlan } from "../plans.ts";
import type { State } from "../state.ts";
import type { Patch } from "./operations.ts";

export const limitOf = (value: unknown): Limit | undefined =>
  value === undefined || value === null
    ? undefined
    : {
        rate: Number(json(value)["rateLimit"] ?? Infinity),
        burst: Number(json(value)["burstLimit"] ?? Infinity),
      };

export const quotaOf = (value: unknown): UsagePlan["quota"] => {
  if (value === undefined || value === null) return undefined;
  const { limit, offset, period } = json(value);
  return { limit: Number(limit), offset: Number(offset ?? 0), period: textOf(period) as Period };
};

export function planStageOf(
  state: State,
  apiId: string,
  stage: string,
  throttle: Json = {},
): UsagePlan["apiStages"][number] {
  if (!state.restApis.get(apiId)?.stages.has(stage)) {
    throw new AwsError(404, "NotFoundException", `API Stage not found: ${apiId}:${stage}`);
  }
  const limits = Object.entries(throttle).flatMap(([key, value]) => {
    const limit = limitOf(value);
    return limit ? [[key, limit] as const] : [];
  });
  return { apiId, stage, throttle: Object.fromEntries(limits) };
}

export function patchedPlan(state: State, plan: UsagePlan, { op, path, value }: Patch): UsagePlan {
  const [key = "", member = ""] = path;
  switch (key) {
    case "name":
      return { ...plan, name: value };
    case "description":
    case "productCode":
      return plan;
    case "throttle": {
      if (op === "remove") return { ...plan, throttle: undefined };
      const before = plan.throttle ?? { rate: Infinity, burst: Infinity };
      const changed = member === "rateLimit" ? { rate: Number(value) } : { burst: Number(value) };
      return { ...plan, throttle: { ...before, ...changed } };
    }
    case "quota": {
      if (op === "remove") return { ...plan, quota: undefined };
      const before = plan.quota ?? { limit: 0, offset: 0, period: "DAY" };
      const changed = { [member]: member === "period" ? value : Number(value) };
      return { ...plan, quota: { ...before, ...changed } };
    }
    case "apiStages": {
      const [apiId = "", stage = ""] = (member || value).split(":");
      const same = (one: { apiId: string; stage: string }) =>
        one.apiId === apiId && one.stage === stage;
      if (member !== "") return withMethodLimit(plan, same, path.slice(2), op, value);
      const others = plan.apiStages.filter((one) => !same(one));
      const apiStages = op === "remove" ? others : [...others, planStageOf(state, apiId, stage)];
      return { ...plan, apiStages };
    }
    default:
      throw badRequest(`Invalid patch path /${path.join("/")}`);
  }
}

/** `/apiStages/API:STAGE/throttle/PATH/METHOD/rateLimit`. */
function withMethodLimit(
  plan: UsagePlan,
  same: (one: UsagePlan["apiStages"][number]) => boolean,
  [, ...rest]: readonly string[],
  op: string,
  value: string,
): UsagePlan {
  const name = rest.at(-1) ?? "";
  const isLimit = name === "rateLimit" || name === "burstLimit";
  const methodKey = `/${rest
    .slice(0, isLimit ? -1 : undefined)
    .join("/")
    .replace(/^\//, "")}`;
  const apiStages = plan.apiStages.map((one) => {
    if (!same(one)) return one;
    const { [methodKey]: before = { rate: Infinity, burst: Infinity }, ...others } = one.throttle;
    if (op === "remove") return { ...one, throttle: others };
    const changed = name === "rateLimit" ? { rate: Number(value) } : { burst: Number(value) };
    return { ...one, throttle: { ...others, [methodKey]: { ...before, ...changed } } };
  });
  return { ...plan, apiStages };
}
