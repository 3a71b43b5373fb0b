/**
 * Stand-in outputs for every AWS resource type and function that the program uses: plausible ARNs, ids and
 * URLs of a made-up account. A type that is not in the catalogue is an error that names it.
 */
import {
  type AwsType,
  digits,
  dnsSuffix,
  partitionOf,
  type AwsLocation,
  type Properties,
  type Resource,
} from "./aws-types.ts";
import { cloudwatch } from "./overrides/cloudwatch.ts";
import { codedeploy } from "./overrides/codedeploy.ts";
import { ec2 } from "./overrides/ec2.ts";
import { iam } from "./overrides/iam.ts";
import { lambda } from "./overrides/lambda.ts";
import { messaging } from "./overrides/messaging.ts";
import { s3 } from "./overrides/s3.ts";

/** The account of AWS's own examples; it belongs to nobody. */
export const STAND_IN_ACCOUNT_ID = "123456789012";

const CATALOGUE: Readonly<Record<string, AwsType>> = {
  ...cloudwatch,
  ...codedeploy,
  ...ec2,
  ...iam,
  ...lambda,
  ...messaging,
  ...s3,
};

/** Every resource type that has stand-in outputs. */
export const KNOWN_TYPES: readonly string[] = Object.keys(CATALOGUE).sort();

/** A resource type or function that nobody described yet. */
export class UnknownToken extends Error {
  override readonly name = "UnknownToken";
  constructor(kind: "resource type" | "function", token: string) {
    super(
      `the offline AWS provider does not know the ${kind} ${token}; describe it in packages/local-aws/provider`,
    );
  }
}

/** Where stand-in resources live in the given region. */
export const standInLocation = (region: string): AwsLocation => ({
  accountId: STAND_IN_ACCOUNT_ID,
  region,
  partition: partitionOf(region),
});

/** The description of a resource type. Throws `UnknownToken`. */
export function awsTypeOf(type: string): AwsType {
  const found = CATALOGUE[type];
  if (found === undefined) throw new UnknownToken("resource type", type);
  return found;
}

/** Inputs with what the provider fills in by itself: a physical name where the program gives none. */
export function withDefaults(type: string, logicalName: string, inputs: Properties): Properties {
  const { nameKey } = awsTypeOf(type);
  if (nameKey === undefined || inputs[nameKey] !== undefined) return inputs;
  return { ...inputs, [nameKey]: automaticName(type, logicalName) };
}

/** The name that is filled in; real ones end in random digits, these are always the same. */
export const automaticName = (type: string, logicalName: string): string =>
  `${logicalName}-${digits(`${type}/${logicalName}`, 7)}`;

/** What AWS would answer to the creation or update of a resource: its id and all of its outputs. */
export function standIn(
  type: string,
  resource: Resource,
): { readonly id: string; readonly outputs: Properties } {
  const described = awsTypeOf(type);
  const outputs = { ...resource.inputs, ...described.computed(resource) };
  return { id: described.id(resource), outputs };
}

/** What AWS would answer to a function such as `getCallerIdentity`. Throws `UnknownToken`. */
export function standInInvoke(token: string, location: AwsLocation): Properties {
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return {
        id: location.accountId,
        accountId: location.accountId,
        arn: `arn:${location.partition}:iam::${location.accountId}:user/offline`,
        userId: "AIDAOFFLINEOFFLINE000",
      };
    case "aws:index/getPartition:getPartition":
      return {
        id: location.partition,
        partition: location.partition,
        dnsSuffix: dnsSuffix(location),
        reverseDnsPrefix: dnsSuffix(location).split(".").toReversed().join("."),
      };
    case "aws:index/getRegion:getRegion":
      return {
        id: location.region,
        region: location.region,
        name: location.region,
        description: location.region,
        endpoint: `ec2.${location.region}.${dnsSuffix(location)}`,
      };
    case "aws:index/getAvailabilityZones:getAvailabilityZones":
      return {
        id: location.region,
        region: location.region,
        names: ["a", "b", "c"].map((zone) => location.region + zone),
        zoneIds: ["az1", "az2", "az3"].map((zone) => `${location.region}-${zone}`),
        groupNames: [location.region],
      };
    default:
      throw new UnknownToken("function", token);
  }
}
