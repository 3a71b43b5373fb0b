/**
 * Stand-in outputs for every resource type of the installed `@pulumi/aws`: plausible ARNs, ids and URLs of a
 * made-up account. They are derived from the SDK; overrides/ holds what is known better of single types.
 */
import {
  type AwsLocation,
  type AwsType,
  digits,
  type Override,
  partitionOf,
  type Properties,
  type Resource,
  text,
} from "./aws-types.ts";
import { describe, replacementKnownOf } from "./derive.ts";
import { autoscaling } from "./overrides/autoscaling.ts";
import { cloudwatch } from "./overrides/cloudwatch.ts";
import { codedeploy } from "./overrides/codedeploy.ts";
import { ec2 } from "./overrides/ec2.ts";
import { iam } from "./overrides/iam.ts";
import { lambda } from "./overrides/lambda.ts";
import { messaging } from "./overrides/messaging.ts";
import { s3 } from "./overrides/s3.ts";
import { serverless } from "./overrides/serverless.ts";
import { signer } from "./overrides/signer.ts";
import { UnknownToken } from "./unknown-token.ts";

/** The account of AWS's own examples; it belongs to nobody. */
export const STAND_IN_ACCOUNT_ID = "123456789012";

const OVERRIDES: Readonly<Record<string, Override>> = {
  ...autoscaling,
  ...cloudwatch,
  ...codedeploy,
  ...ec2,
  ...iam,
  ...lambda,
  ...messaging,
  ...s3,
  ...serverless,
  ...signer,
};

/** Every resource type that more is known of than can be derived. */
export const OVERRIDDEN_TYPES: readonly string[] = Object.keys(OVERRIDES).sort();

/** Where stand-in resources live in the given region. */
export const standInLocation = (region: string): AwsLocation => ({
  accountId: STAND_IN_ACCOUNT_ID,
  region,
  partition: partitionOf(region),
});

const described = new Map<string, AwsType>();

/** The description of a resource type such as `aws:sqs/queue:Queue`. Throws `UnknownToken`. */
export function awsTypeOf(type: string): AwsType {
  const known = described.get(type);
  if (known !== undefined) return known;
  const found = describe(type, OVERRIDES[type]);
  if (found === undefined) throw new UnknownToken("resource type", type);
  described.set(type, found);
  return found;
}

/** Whether a change that replaces such a resource shows as one; otherwise it may show as an update. */
export const replacementKnown = (type: string): boolean =>
  replacementKnownOf(type, OVERRIDES[type]);

/** Inputs with what the provider fills in by itself: a physical name where the program gives none. */
export function withDefaults(type: string, logicalName: string, inputs: Properties): Properties {
  const { nameKey } = awsTypeOf(type);
  if (nameKey === undefined || inputs[nameKey] !== undefined) return inputs;
  const prefix = text(inputs, `${nameKey}Prefix`);
  return { ...inputs, [nameKey]: automaticName(type, logicalName, prefix) };
}

/** The name that is filled in; real ones end in random digits, these are always the same. */
export const automaticName = (type: string, logicalName: string, prefix = ""): string =>
  (prefix || `${logicalName}-`) + digits(`${type}/${logicalName}`, 7);

/** What AWS would answer to the creation or update of a resource: its id and all of its outputs. */
export function standIn(
  type: string,
  { location, ...rest }: Resource,
): { readonly id: string; readonly outputs: Properties } {
  const described = awsTypeOf(type);
  const region = text(rest.inputs, "region");
  // In provider 7 every regional resource may name its region.
  const resource = { ...rest, location: region === "" ? location : { ...location, region } };
  const outputs = { ...resource.inputs, ...described.computed(resource) };
  return { id: described.id(resource), outputs };
}
