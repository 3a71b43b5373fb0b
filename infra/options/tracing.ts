/**
 * Which calls are traced. Lambda itself takes no rate: a call that comes without a decision is traced once a second
 * and in 5 % of the others (Lambda guide, "Visualize function invocations using X-Ray"). Whoever calls first decides
 * for everything behind it, and services such as API Gateway ask X-Ray's rules (X-Ray guide, "Configuring sampling
 * rules"). So there are two settings: whether the function decides at all, and what the front that calls it is told.
 */
import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsLocation } from "../arns.ts";
import { allow, ANY, of } from "../identity/document.ts";
import { metricName, type Scope } from "../names.ts";
import type { Settings } from "../settings/parse.ts";
import { oneOf, Refusal, type Rule, structured } from "../settings/rules.ts";
import type { Option } from "./option.ts";

/** How often calls through one front are traced. */
export interface TraceSampling {
  /** As X-Ray calls the service, for example `orders-api/live` for the stage `live` of an API of that name. */
  readonly front: string;
  /** Calls of each second that are traced in any case, 0 or more. */
  readonly perSecond: number;
  /** Share of all other calls that are traced, 0 to 100. */
  readonly percent: number;
}

const FORM = "must be a list of fronts such as {front: orders-api/live, perSecond: 1, percent: 5}";
const KEYS = ["front", "perSecond", "percent"];
/** X-Ray takes 64 characters, and stars that would match the fronts of others (CreateSamplingRule). */
const FRONT = /^[A-Za-z0-9][A-Za-z0-9._/ -]{0,63}$/;

const sampling: Rule<readonly TraceSampling[]> = structured(FORM, (value = []) => {
  if (!Array.isArray(value)) return new Refusal(FORM);
  const faults = value.flatMap((entry, index) => entryFaults(entry, index + 1));
  const fronts = value.map((entry: Partial<TraceSampling> | null) => entry?.front);
  const twice = fronts.find((front, index) => fronts.indexOf(front) !== index);
  if (faults.length === 0 && twice !== undefined) faults.push(`"${twice}" stands there twice`);
  return faults.length > 0
    ? new Refusal(faults.join("; "))
    : Object.freeze((value as TraceSampling[]).map((entry) => Object.freeze({ ...entry })));
});

function entryFaults(entry: unknown, position: number): string[] {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    return [`front ${position} ${FORM}`];
  }
  const { front, perSecond, percent } = entry as Readonly<Record<string, unknown>>;
  const named = typeof front === "string" && FRONT.test(front);
  const of = named ? `"${front}"` : `front ${position}`;
  return [
    ...(named ? [] : [`${of}: front must be what X-Ray calls it, such as orders-api/live`]),
    ...Object.keys(entry)
      .filter((key) => !KEYS.includes(key))
      .map((key) => `${of}: no such key ${key}; it takes ${KEYS.join(", ")}`),
    ...(Number.isInteger(perSecond) && Number(perSecond) >= 0
      ? []
      : [`${of}: perSecond must be a whole number, 0 or more`]),
    ...(typeof percent === "number" && percent >= 0 && percent <= 100
      ? []
      : [`${of}: percent must be a number, 0 to 100`]),
  ];
}

export const TRACING_RULES = {
  tracing: oneOf(["active", "passThrough"]),
  traceSampling: sampling,
} as const satisfies Readonly<Record<string, Rule<unknown>>>;

/** X-Ray takes so many characters of a rule's name (CreateSamplingRule). */
const RULE_NAME = 32;

/** A readable name where it fits, else one that is at least the service's own. */
export function samplingRuleName(scope: Scope, front: string): string {
  const name = metricName(scope, front.replaceAll(/[^A-Za-z0-9]+/g, "-"));
  if (name.length <= RULE_NAME) return name;
  const hash = createHash("sha256").update(metricName(scope, front)).digest("hex");
  return `${scope.serviceName.slice(0, 16)}-${hash.slice(0, 15)}`;
}

const ruleArn = (
  { partition, region, accountId }: AwsLocation,
  scope: Scope,
  { front }: TraceSampling,
): string =>
  `arn:${partition}:xray:${region}:${accountId}:sampling-rule/${samplingRuleName(scope, front)}`;

export const tracing: Option = {
  deployRights: (location, settings) => {
    const { traceSampling } = settings;
    if (traceSampling.length === 0) return { change: [], read: [] };
    const rules = traceSampling.map((front) => ruleArn(location, settings, front));
    return {
      change: [
        allow(
          "TraceSampling",
          of(
            "xray",
            "CreateSamplingRule",
            "DeleteSamplingRule",
            "TagResource",
            "UntagResource",
            "UpdateSamplingRule",
          ),
          rules,
        ),
      ],
      read: [
        // IAM knows no resource for this one.
        allow("SamplingRules", of("xray", "GetSamplingRules"), ANY),
        allow("SamplingTags", of("xray", "ListTagsForResource"), rules),
      ],
    };
  },
};

/** Lambda's word for who decides. */
export const tracingMode = ({ tracing }: Pick<Settings, "tracing">): "Active" | "PassThrough" =>
  tracing === "active" ? "Active" : "PassThrough";

/** One rule a front. A rule of the account with a lower priority wins; the default one has 10,000. */
const PRIORITY = 5000;

export function makeSamplingRules(
  settings: Settings,
  part: (name: string) => string,
  opts: pulumi.CustomResourceOptions,
): void {
  for (const [index, { front, perSecond, percent }] of settings.traceSampling.entries()) {
    new aws.xray.SamplingRule(
      part(`trace-${front}`),
      {
        ruleName: samplingRuleName(settings, front),
        version: 1,
        priority: PRIORITY + index,
        reservoirSize: perSecond,
        fixedRate: percent / 100,
        serviceName: front,
        serviceType: "*",
        host: "*",
        httpMethod: "*",
        urlPath: "*",
        resourceArn: "*",
      },
      opts,
    );
  }
}
