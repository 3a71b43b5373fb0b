/**
 * A plausible value for an output that only AWS could know, from its name and the type that the SDK declares.
 * The same resource always gets the same value.
 */
import { type AwsLocation, digits, dnsSuffix, regionalArn, uuid } from "./aws-types.ts";
import { type SdkProperties, sdkObject, type SdkProperty } from "./sdk.ts";

/** What a value is made up for. */
export interface Subject {
  readonly location: AwsLocation;
  /** Service of its ARNs, for example `dynamodb`. */
  readonly service: string;
  /** What the digits are drawn from: the same seed gives the same value. */
  readonly seed: string;
  /** The resource's name, for outputs that carry it. */
  readonly name: string;
  /** What an output `id` identifies, for example `subnet`. */
  readonly kind?: string;
  /** Own values by output, which go before made-up ones, for example `arn` and `id`. */
  readonly own: Readonly<Record<string, unknown>>;
  /** Whether these are settings that the program left to AWS: empty then, unless they identify something. */
  readonly setting?: boolean;
}

/** Objects hold objects; below this depth they are left empty. Some of the SDK's types hold themselves. */
const DEEPEST = 3;

/** Values of every property that the SDK declares as always there. */
export function invented(
  properties: SdkProperties,
  subject: Subject,
  depth = 0,
): Record<string, unknown> {
  return Object.fromEntries(
    [...properties]
      .filter(([key, { optional }]) => key in subject.own || !optional)
      .map(([key, property]) => [key, subject.own[key] ?? invent(key, property, subject, depth)]),
  );
}

/** The value of one property. */
export function invent(key: string, { type }: SdkProperty, subject: Subject, depth = 0): unknown {
  if (type.endsWith("[]")) {
    if (subject.setting) return [];
    const property = { type: type.slice(0, -2), optional: false, comment: "" };
    const one = (index: number): unknown =>
      invent(singular(key), property, { ...subject, seed: `${subject.seed}/${index}` }, depth);
    // Two texts (subnets, zones), because programs spread over them; one object says as much as two.
    return property.type.startsWith("outputs.") ? [one(0)] : [one(0), one(1)];
  }
  if (type === "boolean") return false;
  if (type === "number") return number(key);
  if (type.startsWith("{")) return {};
  if (type.startsWith("outputs.")) {
    // What is the resource's own is not that of a part of it.
    const part = { ...subject, seed: `${subject.seed}/${key}`, own: {} };
    return depth < DEEPEST ? invented(sdkObject(type), part, depth + 1) : {};
  }
  return text(key, subject);
}

function number(key: string): number {
  if (/port$/i.test(key)) return 443;
  if (/version$/i.test(key)) return 1;
  return 0;
}

const singular = (key: string): string =>
  key
    .replace(/ies$/, "y")
    .replace(/(?<!s|statu)s$/, "")
    .replace(/Addresse$/, "Address");

/** Prefixes of the ids that EC2 draws, by the end of the output's name. */
const EC2_IDS: Readonly<Record<string, string>> = {
  vpcId: "vpc",
  subnetId: "subnet",
  securityGroupId: "sg",
  routeTableId: "rtb",
  networkAclId: "acl",
  networkInterfaceId: "eni",
  instanceId: "i",
  imageId: "ami",
  ami: "ami",
  volumeId: "vol",
  snapshotId: "snap",
  internetGatewayId: "igw",
  natGatewayId: "nat",
  vpcEndpointId: "vpce",
  transitGatewayId: "tgw",
  prefixListId: "pl",
  allocationId: "eipalloc",
};

/** Rules by the end of the name, the more telling first. */
function text(declared: string, subject: Subject): string {
  const { location, service, seed, name, kind } = subject;
  const key = declared === "id" && kind !== undefined ? `${kind}Id` : declared;
  const ends = (pattern: RegExp): boolean => pattern.test(key);
  const drawn = (length: number): string => digits(`${seed}/${key}`, length);
  const ec2 = Object.keys(EC2_IDS).find((end) => key.toLowerCase().endsWith(end.toLowerCase()));
  if (ec2 !== undefined) return `${EC2_IDS[ec2]}-${drawn(17)}`;
  if (ends(/arn$/i)) {
    const of = kebab(key.replace(/arn$/i, "")) || "resource";
    return regionalArn(location, service, `${of}/${drawn(8)}`);
  }
  if (ends(/(?:account|owner|registry)(?:Id)?$/i)) return location.accountId;
  if (ends(/hostedZoneId$|^zoneId$/i)) return `Z${drawn(13).toUpperCase()}`;
  if (ends(/id$/i))
    return ends(/(?:uu|key|version|secret)id$/i) ? uuid(`${seed}/${key}`) : drawn(10);
  if (ends(/^region(?:Name)?$/i)) return location.region;
  if (ends(/partition$/i)) return location.partition;
  if (ends(/availabilityZone(?:Name)?$|^zone$/i)) return `${location.region}a`;
  const host = `${drawn(10)}.${service}.${location.region}.${dnsSuffix(location)}`;
  if (ends(/ur[li]$/i)) return `https://${host}/`;
  if (ends(/endpoint$/i)) return `https://${host}`;
  if (
    ends(/domain(?:Name)?$|dns(?:Name)?$|host(?:name)?$|address$/i) &&
    !ends(/ip(?:v\d)?Address$/i)
  ) {
    return host;
  }
  // 192.0.2.0/24 and 2001:db8::/32 are set aside for documentation (RFC 5737, RFC 3849).
  if (ends(/cidr(?:Block)?$/i)) return ends(/ipv6/i) ? "2001:db8::/56" : "192.0.2.0/24";
  if (ends(/ipv6(?:Address)?$/i)) return "2001:db8::1";
  if (ends(/ip(?:v4)?(?:Address)?$/i)) return "192.0.2.1";
  if (ends(/(?:date|time|at|timestamp)$|^(?:created|updated)/i)) return "2026-01-01T00:00:00Z";
  if (ends(/(?:status|state)$/i)) return "ACTIVE";
  if (ends(/(?:policy|json)$|document$|definition$/i)) return "{}";
  if (ends(/version$/i)) return "1";
  if (ends(/name$/i)) return name;
  return subject.setting ? "" : `made-up-${kebab(key)}`;
}

/** `stateMachine` as `state-machine`. */
export const kebab = (key: string): string =>
  key.replaceAll(/(?<=[a-z0-9])([A-Z])/g, "-$1").toLowerCase();
