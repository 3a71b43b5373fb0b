/** Control plane of usage plans and of the keys in them (API Gateway API reference). */
import { AwsError } from "../../http.ts";
import type { Limit } from "../bucket.ts";
import type { Json } from "../definition.ts";
import { badRequest, json, listed, textOf } from "../document.ts";
import type { ApiKey, Usage, UsagePlan } from "../plans.ts";
import { found, newId, type State } from "../state.ts";
import { keyOf } from "./keys.ts";
import { items, type Operation, patchesOf } from "./operations.ts";
import { limitOf, patchedPlan, planStageOf, quotaOf } from "./plan-patches.ts";

const planOf = (state: State, id: string): UsagePlan =>
  found(state.plans, id, "Invalid Usage Plan ID specified");

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
          return planStageOf(state, textOf(apiId), textOf(name), json(throttle));
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
          patchesOf(call).reduce(
            (plan, patch) => patchedPlan(state, plan, patch),
            planOf(state, id),
          ),
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
