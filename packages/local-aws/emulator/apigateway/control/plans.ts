/** Control plane of API keys and usage plans (API Gateway API reference). */
import { randomBytes } from "node:crypto";
import { AwsError } from "../../http.ts";
import type { Limit } from "../bucket.ts";
import type { Json } from "../definition.ts";
import { badRequest, json, listed, textOf } from "../document.ts";
import type { ApiKey, Period, Usage, UsagePlan } from "../plans.ts";
import { found, newId, type State } from "../state.ts";
import { isTrue, items, type Operation, type Patch, patchesOf } from "./operations.ts";

/** API reference, CreateApiKey. */
const SHORTEST_KEY = 20;

const keyOf = (state: State, id: string): ApiKey =>
  found(state.keys, id, "Invalid API Key identifier specified");
const planOf = (state: State, id: string): UsagePlan =>
  found(state.plans, id, "Invalid Usage Plan ID specified");

export function keyOperations(state: State): readonly Operation[] {
  const keep = (key: ApiKey): Json => {
    state.keys.set(key.id, key);
    return { ...key };
  };
  return [
    [
      "POST",
      "/apikeys",
      (_, call) => {
        const input = call.json();
        const value = textOf(input["value"]) || randomBytes(30).toString("base64url").slice(0, 40);
        if (value.length < SHORTEST_KEY) {
          throw badRequest(`API Key value should be at least ${SHORTEST_KEY} characters`);
        }
        if ([...state.keys.values()].some((key) => key.value === value)) {
          throw new AwsError(409, "ConflictException", "API Key already exists");
        }
        const enabled = input["enabled"] === true;
        return keep({ id: newId(), name: textOf(input["name"]), value, enabled });
      },
    ],
    [
      "GET",
      "/apikeys",
      (_, { query }) => {
        const name = query.get("name") ?? query.get("nameQuery") ?? "";
        const all = [...state.keys.values()].filter((key) => key.name.startsWith(name));
        return items(all.map((key) => withoutValue(key, query.get("includeValues"))));
      },
    ],
    [
      "GET",
      "/apikeys/{id}",
      ([id = ""], { query }) => withoutValue(keyOf(state, id), query.get("includeValue")),
    ],
    [
      "PATCH",
      "/apikeys/{id}",
      ([id = ""], call) =>
        keep(
          patchesOf(call).reduce(
            (key, { path: [member], value }): ApiKey => {
              if (member === "enabled") return { ...key, enabled: isTrue(value) };
              return member === "name" ? { ...key, name: value } : key;
            },
            keyOf(state, id),
          ),
        ),
    ],
    [
      "DELETE",
      "/apikeys/{id}",
      ([id = ""]) => {
        keyOf(state, id);
        state.keys.delete(id);
        for (const plan of state.plans.values()) {
          const keyIds = plan.keyIds.filter((one) => one !== id);
          state.plans.set(plan.id, { ...plan, keyIds });
        }
        return undefined;
      },
    ],
  ];
}

const withoutValue = ({ value, ...key }: ApiKey, include: string | null): Json => ({
  ...key,
  ...(include === "true" && { value }),
});

/** Every day from the first to the last, both included. */
function daysBetween(first: string, last: string): readonly string[] {
  const days: string[] = [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += 86_400_000) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}

export function planOperations(state: State, usage: Usage): readonly Operation[] {
  const keep = (plan: UsagePlan): Json => {
    state.plans.set(plan.id, plan);
    return shown(plan);
  };
  return [
    [
      "POST",
      "/usageplans",
      (_, call) => {
        const input = call.json();
        const apiStages = listed(input["apiStages"]).map((stage) => {
          const { apiId, stage: name, throttle } = json(stage);
          return stageOf(state, textOf(apiId), textOf(name), json(throttle));
        });
        return keep({
          id: newId(6),
          name: textOf(input["name"]),
          throttle: limitOf(input["throttle"]),
          quota: quotaOf(input["quota"]),
          apiStages,
          keyIds: [],
        });
      },
    ],
    ["GET", "/usageplans", () => items([...state.plans.values()].map(shown))],
    ["GET", "/usageplans/{id}", ([id = ""]) => shown(planOf(state, id))],
    [
      "PATCH",
      "/usageplans/{id}",
      ([id = ""], call) =>
        keep(
          patchesOf(call).reduce((plan, patch) => patched(state, plan, patch), planOf(state, id)),
        ),
    ],
    [
      "DELETE",
      "/usageplans/{id}",
      ([id = ""]) => {
        if (planOf(state, id).apiStages.length > 0) {
          throw badRequest(
            `Cannot delete Usage Plan ${id} because there are API stages associated with it. Please remove all API stages before deleting the Usage Plan.`,
          );
        }
        state.plans.delete(id);
        return undefined;
      },
    ],
    [
      "GET",
      "/usageplans/{id}/usage",
      ([id = ""], { query }) => {
        const { keyIds, quota } = planOf(state, id);
        const [startDate, endDate] = [query.get("startDate") ?? "", query.get("endDate") ?? ""];
        const wanted = keyIds.filter((keyId) => [null, keyId].includes(query.get("keyId")));
        // Each day: what was used, and what is left of the quota, which nobody may want to know without one.
        const values = wanted.map((keyId) => [
          keyId,
          daysBetween(startDate, endDate).map((day) => {
            const used = usage.onDay(id, keyId, day);
            return [used, Math.max(0, (quota?.limit ?? 0) - used)];
          }),
        ]);
        return {
          usagePlanId: id,
          startDate,
          endDate,
          values: Object.fromEntries(values) as object,
        };
      },
    ],
    [
      "POST",
      "/usageplans/{id}/keys",
      ([id = ""], call) => {
        const plan = planOf(state, id);
        const key = keyOf(state, textOf(call.json()["keyId"]));
        checkOnePlan(state, plan, key.id);
        keep({ ...plan, keyIds: [...plan.keyIds, key.id] });
        return shownKey(key);
      },
    ],
    [
      "GET",
      "/usageplans/{id}/keys",
      ([id = ""]) => items(planOf(state, id).keyIds.map((keyId) => shownKey(keyOf(state, keyId)))),
    ],
    [
      "GET",
      "/usageplans/{id}/keys/{key}",
      ([id = "", keyId = ""]) => {
        checkIn(planOf(state, id), keyId);
        return shownKey(keyOf(state, keyId));
      },
    ],
    [
      "DELETE",
      "/usageplans/{id}/keys/{key}",
      ([id = "", keyId = ""]) => {
        const plan = planOf(state, id);
        checkIn(plan, keyId);
        keep({ ...plan, keyIds: plan.keyIds.filter((one) => one !== keyId) });
        return undefined;
      },
    ],
  ];
}

function checkIn({ keyIds }: UsagePlan, keyId: string): void {
  if (keyIds.includes(keyId)) return;
  throw new AwsError(404, "NotFoundException", "Invalid Usage Plan Key identifier specified");
}

/** A key is in one plan of a stage (guide, "Usage plans and API keys for REST APIs"). */
function checkOnePlan(state: State, plan: UsagePlan, keyId: string): void {
  const stages = (one: UsagePlan) => one.apiStages.map(({ apiId, stage }) => `${apiId}:${stage}`);
  const other = [...state.plans.values()].find(
    (one) =>
      one.keyIds.includes(keyId) &&
      (one.id === plan.id || stages(one).some((stage) => stages(plan).includes(stage))),
  );
  if (!other) return;
  throw new AwsError(
    409,
    "ConflictException",
    `Usage Plan Key ${keyId} cannot be added because API Key is already part of Usage Plan ${other.id} for one of its stages`,
  );
}

const limitOf = (value: unknown): Limit | undefined =>
  value === undefined || value === null
    ? undefined
    : {
        rate: Number(json(value)["rateLimit"] ?? Infinity),
        burst: Number(json(value)["burstLimit"] ?? Infinity),
      };

const quotaOf = (value: unknown): UsagePlan["quota"] => {
  if (value === undefined || value === null) return undefined;
  const { limit, offset, period } = json(value);
  return { limit: Number(limit), offset: Number(offset ?? 0), period: textOf(period) as Period };
};

function stageOf(
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

function patched(state: State, plan: UsagePlan, { op, path, value }: Patch): UsagePlan {
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
      const apiStages = op === "remove" ? others : [...others, stageOf(state, apiId, stage)];
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

const shownLimit = ({ rate, burst }: Limit): Json => ({
  ...(Number.isFinite(rate) && { rateLimit: rate }),
  ...(Number.isFinite(burst) && { burstLimit: burst }),
});

const shown = ({ id, name, throttle, quota, apiStages }: UsagePlan): Json => ({
  id,
  name,
  apiStages: apiStages.map(({ apiId, stage, throttle: limits }) => ({
    apiId,
    stage,
    throttle: Object.fromEntries(
      Object.entries(limits).map(([key, limit]) => [key, shownLimit(limit)]),
    ),
  })),
  ...(throttle && { throttle: shownLimit(throttle) }),
  ...(quota && { quota }),
});

const shownKey = ({ id, name }: ApiKey): Json => ({ id, name, type: "API_KEY" });
