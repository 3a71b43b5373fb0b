/**
 * What this project knows of an AWS resource type: enough to plan it and to invent its outputs, nothing of
 * how AWS makes it. The catalogue is the one source of stand-in outputs, for the offline provider and for
 * the tests' mocks alike.
 */
import { createHash } from "node:crypto";
import { partition } from "@aws-sdk/core/client";

export type Properties = Readonly<Record<string, unknown>>;

/** Where a stand-in resource would live. */
export interface AwsLocation {
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
}

/** One resource, as a type's functions see it. */
export interface Resource {
  readonly location: AwsLocation;
  /** Name in the program; it seeds ids that AWS would draw at random. */
  readonly logicalName: string;
  /** Inputs after defaults. */
  readonly inputs: Properties;
  /** Outputs before this update; absent when the resource is being created. */
  readonly previous?: Properties;
  /** Inputs that this update changes; empty when the resource is being created. */
  readonly changed: readonly string[];
}

export interface AwsType {
  /** Inputs without which AWS refuses to create it. */
  readonly required: readonly string[];
  /** Inputs whose change makes a new resource of it ("forces new resource" in the provider's documentation). */
  readonly replaceOn: readonly string[];
  /** The input that holds its physical name, filled in from the logical name where the program leaves it out. */
  readonly nameKey?: string;
  /** Whether it takes the provider's default tags. */
  readonly taggable: boolean;
  /** The id that AWS answers with. */
  readonly id: (resource: Resource) => string;
  /** What AWS adds to the inputs. */
  readonly computed: (resource: Resource) => Properties;
  /** Computed outputs that the given change makes again; they are unknown in a preview of it. */
  readonly renewed: (changed: readonly string[]) => readonly string[];
}

/** What is known of a type beyond what the SDK and AWS's own publications tell; each part goes before theirs. */
export interface Override {
  /** Inputs that AWS insists on besides those that the SDK does. */
  readonly required?: readonly string[];
  readonly replaceOn?: readonly string[];
  readonly nameKey?: string;
  readonly id?: AwsType["id"];
  /** Goes over the derived outputs. */
  readonly computed?: AwsType["computed"];
  readonly renewed?: AwsType["renewed"];
}

/** An input as text; ids and ARNs are made of these. */
export function text(inputs: Properties, key: string): string {
  const value = inputs[key];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** Stable stand-in for something that AWS draws at random: the same seed gives the same digits. */
export const digits = (seed: string, length: number): string =>
  createHash("sha256").update(seed).digest("hex").slice(0, length);

/** An id as EC2 forms it, for example `subnet-0f3a…`. */
export const ec2Id =
  (prefix: string) =>
  ({ logicalName, inputs }: Resource): string =>
    `${prefix}-${digits(`${prefix}/${logicalName}/${JSON.stringify(inputs)}`, 17)}`;

/** A UUID's form. */
export function uuid(seed: string): string {
  const hex = digits(seed, 32);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}

/** ARN of a regional resource. */
export const regionalArn = (
  { partition, region, accountId }: AwsLocation,
  service: string,
  resource: string,
): string => `arn:${partition}:${service}:${region}:${accountId}:${resource}`;

/** ARN of a resource that belongs to the account, not to a region. */
export const globalArn = (
  { partition, accountId }: AwsLocation,
  service: string,
  resource: string,
): string => `arn:${partition}:${service}::${accountId}:${resource}`;

/** Domain suffix of the partition's endpoints. */
export const dnsSuffix = ({ region }: AwsLocation): string => partition(region).dnsSuffix;

/** The partition that a region belongs to, as the AWS SDK's own data has it; `aws` for a region that it does not know. */
export const partitionOf = (region: string): string => partition(region).name;
