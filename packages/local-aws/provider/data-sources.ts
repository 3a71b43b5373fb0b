/**
 * What AWS would answer to a data source or another function, such as `aws:ssm/getParameter:getParameter`:
 * what is known of it, then the program's own answers, then values made up from the SDK's result type.
 */
import { LocalAwsError } from "../errors.ts";
import { type AwsLocation, digits, dnsSuffix, type Properties, text } from "./aws-types.ts";
import { describe, serviceOf } from "./derive.ts";
import { invented } from "./invent.ts";
import { sdkFunction, sdkResource } from "./sdk.ts";
import { UnknownToken } from "./unknown-token.ts";

/** A program's own answers, by token: the results that it depends on, or a function of the arguments. */
export type OwnAnswers = Readonly<
  Record<string, Properties | ((args: Readonly<Record<string, unknown>>) => Properties)>
>;

const KNOWN: Readonly<Record<string, (location: AwsLocation) => Properties>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": ({ accountId, partition }) => ({
    id: accountId,
    accountId,
    arn: `arn:${partition}:iam::${accountId}:user/offline`,
    userId: "AIDAOFFLINEOFFLINE000",
  }),
  "aws:index/getPartition:getPartition": (location) => ({
    id: location.partition,
    partition: location.partition,
    dnsSuffix: dnsSuffix(location),
    reverseDnsPrefix: dnsSuffix(location).split(".").toReversed().join("."),
  }),
  "aws:index/getRegion:getRegion": (location) => ({
    id: location.region,
    region: location.region,
    name: location.region,
    description: location.region,
    endpoint: `ec2.${location.region}.${dnsSuffix(location)}`,
  }),
  // An id and addresses of the forms that AWS draws (192.0.2.0/24 is set aside for documentation, RFC 5737).
  "aws:ec2/getPrefixList:getPrefixList": () => ({
    id: "pl-6da54004",
    cidrBlocks: ["192.0.2.0/24"],
  }),
  "aws:index/getAvailabilityZones:getAvailabilityZones": ({ region }) => ({
    id: region,
    region,
    names: ["a", "b", "c"].map((zone) => region + zone),
    zoneIds: ["az1", "az2", "az3"].map((zone) => `${region}-${zone}`),
    groupNames: [region],
  }),
};

/** Throws `UnknownToken` for answers to a function that the SDK does not have: nobody would ask for them. */
export function checkAnswers(own: OwnAnswers): void {
  for (const token of Object.keys(own)) {
    if (sdkFunction(token) === undefined) throw new UnknownToken("function", token);
  }
}

/** One answer, and whether its values are made up. */
export interface Answer {
  readonly values: Properties;
  readonly madeUp: boolean;
}

/** Answers a function. Throws `UnknownToken`. */
export function answer(
  token: string,
  args: Properties,
  location: AwsLocation,
  own: OwnAnswers = {},
): Answer {
  const known = KNOWN[token]?.(location);
  const given = own[token];
  if (known !== undefined && given === undefined) return { values: known, madeUp: false };
  const chosen = typeof given === "function" ? given(args) : given;
  if (chosen !== undefined) refuseOtherResults(token, chosen);
  const values = { ...(known ?? inventedAnswer(token, args, location)), ...chosen };
  return { values, madeUp: chosen === undefined };
}

/** A misspelt result would leave the made-up value in effect. */
function refuseOtherResults(token: string, chosen: Properties): void {
  const results = [...(sdkFunction(token)?.results.keys() ?? [])];
  for (const key of Object.keys(chosen).filter((key) => !results.includes(key))) {
    throw new LocalAwsError(
      `the own answer to ${token} has a result ${key}, which it does not have`,
      `its results are ${results.join(", ")}`,
    );
  }
}

function inventedAnswer(token: string, args: Properties, location: AwsLocation): Properties {
  const sdk = sdkFunction(token);
  if (sdk === undefined) throw new UnknownToken("function", token);
  const region = text(args, "region") || location.region;
  const seed = `${token}/${JSON.stringify(args)}`;
  const name = text(args, "name") || `made-up-${digits(seed, 7)}`;
  // `aws:ssm/getParameter:getParameter` tells of an `aws:ssm/parameter:Parameter`, of which more is known.
  const kind = (token.split(":")[2] ?? "").replace(/^get/, "");
  const stem = kind.charAt(0).toLowerCase() + kind.slice(1);
  const type = `${token.split("/", 1)[0]}/${stem}:${kind}`;
  const inputs = { ...args, ...(text(args, "name") === "" && { name }) };
  const resource = { location: { ...location, region }, logicalName: name, inputs, changed: [] };
  const described = describe(type);
  const id = text(args, "id") || described?.id(resource);
  // What only AWS knows of the resource; its settings are whatever somebody chose.
  const settings = sdkResource(type)?.inputs ?? new Map<string, unknown>();
  const known = Object.entries(described?.computed(resource) ?? {}).filter(
    ([key]) => key === "arn" || !settings.has(key),
  );
  const subject = {
    location: resource.location,
    service: serviceOf(type),
    seed,
    name,
    // `ids` of `getSubnets` are those of subnets.
    kind: stem.replace(/s$/, ""),
    own: { ...Object.fromEntries(known), ...(id !== undefined && { id }), ...args, region },
  };
  return invented(sdk.results, subject);
}
