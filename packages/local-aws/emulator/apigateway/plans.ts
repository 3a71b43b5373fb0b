/**
 * API keys and usage plans (API Gateway developer guide, "Usage plans and API keys for REST APIs"): a key opens the
 * stages of the plans that it is in; a plan has a rate, a burst and a quota for each of its keys, and may have others for
 * single methods.
 */
import { type Buckets, type Limit } from "./bucket.ts";
import { GatewayRefusal } from "./gateway-response.ts";

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly enabled: boolean;
}

export type Period = "DAY" | "WEEK" | "MONTH";

export interface UsagePlan {
  readonly id: string;
  readonly name: string;
  readonly throttle?: Limit | undefined;
  readonly quota?:
    | { readonly limit: number; readonly offset: number; readonly period: Period }
    | undefined;
  readonly apiStages: readonly {
    readonly apiId: string;
    readonly stage: string;
    /** By `/path/METHOD`. */
    readonly throttle: Readonly<Record<string, Limit>>;
  }[];
  /** Ids of its keys. */
  readonly keyIds: readonly string[];
}

export interface Admission {
  readonly key: ApiKey;
  readonly plan: UsagePlan;
}

/** What each key of a plan has used, by period. */
export class Usage {
  readonly #used = new Map<string, number>();
  /** By plan, key and day. */
  readonly #days = new Map<string, number>();

  /** Counts a request where the quota admits it. */
  take({ key, plan }: Admission, nowMs: number): boolean {
    const { quota } = plan;
    const of = (period: Period) => `${plan.id}/${key.id}/${periodOf(period, nowMs)}`;
    if (quota !== undefined) {
      const used = (this.#used.get(of(quota.period)) ?? quota.offset) + 1;
      if (used > quota.limit) return false;
      this.#used.set(of(quota.period), used);
    }
    this.#days.set(of("DAY"), (this.#days.get(of("DAY")) ?? 0) + 1);
    return true;
  }

  /** Requests of a key on a day such as `2026-01-02`. */
  onDay(planId: string, keyId: string, day: string): number {
    return this.#days.get(`${planId}/${keyId}/${day}`) ?? 0;
  }
}

/** A day, a week that begins on Sunday, or a month, in UTC. */
function periodOf(period: Period, nowMs: number): string {
  const date = new Date(nowMs).toISOString();
  if (period === "MONTH") return date.slice(0, 7);
  if (period === "DAY") return date.slice(0, 10);
  const day = Math.floor(nowMs / 86_400_000);
  // Day 0, the first of January 1970, was a Thursday.
  return `week ${Math.floor((day + 4) / 7)}`;
}

/** The key and plan that open a stage. Throws 403, whatever is wrong with the key. */
export function admissionOf(
  value: string | undefined,
  stage: { readonly apiId: string; readonly stage: string },
  keys: readonly ApiKey[],
  plans: readonly UsagePlan[],
): Admission {
  const key = keys.find((one) => one.value === value);
  const plan = plans.find(
    ({ apiStages, keyIds }) =>
      key !== undefined &&
      keyIds.includes(key.id) &&
      apiStages.some((one) => one.apiId === stage.apiId && one.stage === stage.stage),
  );
  if (!key?.enabled || !plan) throw new GatewayRefusal("INVALID_API_KEY");
  return { key, plan };
}

/** Throws 429 where the key has no request left, in this moment or in its period. */
export function takeFromPlan(
  admission: Admission,
  { apiId, stage, methodKey }: { apiId: string; stage: string; methodKey: string },
  { usage, buckets, nowMs }: { usage: Usage; buckets: Buckets; nowMs: number },
): void {
  const { key, plan } = admission;
  const of = plan.apiStages.find((one) => one.apiId === apiId && one.stage === stage);
  const ofMethod = of?.throttle[methodKey];
  const limits: readonly (readonly [string, Limit | undefined])[] = [
    [`plan ${plan.id} ${key.id} ${apiId} ${stage} ${methodKey}`, ofMethod],
    [`plan ${plan.id} ${key.id}`, plan.throttle],
  ];
  for (const [name, limit] of limits) {
    if (limit && !buckets.take(name, limit)) throw new GatewayRefusal("THROTTLED");
  }
  if (!usage.take(admission, nowMs)) throw new GatewayRefusal("QUOTA_EXCEEDED");
}
