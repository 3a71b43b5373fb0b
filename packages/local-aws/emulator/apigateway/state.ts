/** Everything that the control planes make and the data planes read, of one account and region. */
import { randomInt } from "node:crypto";
import { AwsError } from "../http.ts";
import type { AccessLog } from "./access-log.ts";
import type { Limit } from "./bucket.ts";
import type { Definition } from "./definition.ts";
import type { HttpApi } from "./http-state.ts";
import type { ApiKey, UsagePlan } from "./plans.ts";

/** What a method of a stage is given besides what the API says. */
export interface MethodSetting {
  readonly throttlingRateLimit?: number;
  readonly throttlingBurstLimit?: number;
  readonly metricsEnabled?: boolean;
  readonly loggingLevel?: string;
  readonly dataTraceEnabled?: boolean;
}

export interface Deployment {
  readonly id: string;
  readonly description: string;
  readonly createdDate: number;
  /** The API as it was then. */
  readonly definition: Definition;
}

export interface RestStage {
  readonly stageName: string;
  deploymentId: string;
  readonly description: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly tracingEnabled: boolean;
  readonly accessLog: AccessLog | undefined;
  /** By `*` + `/*`, or `/path/METHOD`. */
  readonly methodSettings: Readonly<Record<string, MethodSetting>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdDate: number;
}

export interface RestApi {
  readonly kind: "REST";
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly createdDate: number;
  readonly definition: Definition;
  readonly endpointTypes: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly deployments: Map<string, Deployment>;
  readonly stages: Map<string, RestStage>;
}

export interface Mapping {
  readonly id: string;
  /** Without slashes; empty for the whole domain. */
  readonly basePath: string;
  readonly apiId: string;
  readonly stage: string;
}

export interface Domain {
  readonly name: string;
  /** As it was given, for answers. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly mappings: Map<string, Mapping>;
}

export interface Account {
  cloudwatchRoleArn: string | undefined;
}

export class State {
  readonly account: Account = { cloudwatchRoleArn: undefined };
  readonly restApis = new Map<string, RestApi>();
  readonly httpApis = new Map<string, HttpApi>();
  readonly keys = new Map<string, ApiKey>();
  readonly plans = new Map<string, UsagePlan>();
  readonly domains = new Map<string, Domain>();
}

/** An id as API Gateway draws them: ten letters and digits for an API, six for what it consists of. */
export function newId(length = 10): string {
  const characters = "abcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from({ length }, () => characters[randomInt(characters.length)]).join("");
}

/** What a map holds by that id. Throws 404 with AWS's words. */
export function found<T>(of: ReadonlyMap<string, T>, id: string, message: string): T {
  const value = of.get(id);
  if (value === undefined) throw new AwsError(404, "NotFoundException", message);
  return value;
}

/** The limit that a stage has for a method, where it has one (guide, "Throttle requests to your REST APIs"). */
export function limitOf(setting: MethodSetting | undefined): Limit | undefined {
  const { throttlingRateLimit: rate, throttlingBurstLimit: burst } = setting ?? {};
  // A negative number means "as the account has it".
  if (rate === undefined && burst === undefined) return undefined;
  return {
    rate: rate === undefined || rate < 0 ? ACCOUNT_LIMIT.rate : rate,
    burst: burst === undefined || burst < 0 ? ACCOUNT_LIMIT.burst : burst,
  };
}

/** API Gateway quotas: requests a second of an account in a region, and the burst of them. */
export const ACCOUNT_LIMIT: Limit = { rate: 10_000, burst: 5_000 };
