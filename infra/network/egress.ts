/** Where the function may connect to from its VPC: named destinations instead of everywhere. */
import { isIPv4 } from "node:net";
import { Refusal, type Rule, structured } from "../settings/rules.ts";

/** One destination. */
export interface EgressRule {
  /** What it is, for whoever reads the security group; for example `orders database`. */
  readonly name: string;
  /** Addresses as `10.20.0.0/16`, or a prefix list as `pl-0a1b2c3d`. */
  readonly to: string;
  readonly port: number;
}

const FORM =
  "must be a list of destinations such as {name: orders database, to: 10.20.0.0/16, port: 5432}, where to is addresses or a prefix list such as pl-0a1b2c3d";
const KEYS = ["name", "to", "port"];

/** What EC2 takes in a rule's description (AuthorizeSecurityGroupEgress), less what would need quotes. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{0,254}$/;
const PREFIX_LIST = /^pl-[0-9a-f]+$/;

/** Rules that a security group takes for each direction, before the quota is raised (VPC quotas). */
const MOST_RULES = 60;

export const egress: Rule<readonly EgressRule[]> = structured(FORM, (value = []) => {
  if (!Array.isArray(value)) return new Refusal(FORM);
  const faults = value.flatMap((entry, index) => entryFaults(entry, index + 1));
  if (faults.length > 0) return new Refusal(faults.join("; "));
  const rules = value as EgressRule[];
  if (rules.length > MOST_RULES) {
    return new Refusal(`a security group takes ${MOST_RULES} destinations, and these are more`);
  }
  const seen = new Set<string>();
  for (const { to, port } of rules) {
    const destination = `${to}:${port}`;
    if (seen.has(destination)) return new Refusal(`${destination} stands there twice`);
    seen.add(destination);
  }
  return Object.freeze(rules.map((rule) => Object.freeze({ ...rule })));
});

function entryFaults(entry: unknown, position: number): string[] {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    return [`destination ${position} ${FORM}`];
  }
  const { name, to, port } = entry as Readonly<Record<string, unknown>>;
  const named = typeof name === "string" && NAME.test(name);
  const of = named ? `"${name}"` : `destination ${position}`;
  const fault = typeof to === "string" ? destinationFault(to) : "is missing";
  return [
    ...(named ? [] : [`${of}: name must say in at most 255 plain characters what it is`]),
    ...Object.keys(entry)
      .filter((key) => !KEYS.includes(key))
      .map((key) => `${of}: no such key ${key}; it takes ${KEYS.join(", ")}`),
    ...(fault === undefined ? [] : [`${of}: to ${fault}`]),
    ...(Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65_535
      ? []
      : [`${of}: port must be a whole number, 1 to 65535`]),
  ];
}

/** What is wrong with a destination; undefined where it can be connected to. */
function destinationFault(to: string): string | undefined {
  if (PREFIX_LIST.test(to)) return undefined;
  const [address = "", mask = ""] = to.split("/");
  if (address.includes(":")) return `"${to}" is IPv6, and the VPC has none`;
  const bits = /^\d{1,2}$/.test(mask) ? Number(mask) : Number.NaN;
  if (!isIPv4(address) || !(bits >= 0 && bits <= 32)) {
    return `"${to}" must be addresses such as 10.20.0.0/16, or a prefix list such as pl-0a1b2c3d`;
  }
  const network = networkOf(address, bits);
  return network === address
    ? undefined
    : `"${to}" is one address among others; all of them are ${network}/${bits}, and that one alone is ${address}/32`;
}

/** The first address of a block; the provider takes no other. */
function networkOf(address: string, bits: number): string {
  const octets = address.split(".").map(Number);
  // Of an octet, as many leading bits count as are left of the mask.
  return octets
    .map((octet, index) => octet & (256 - 2 ** (8 - Math.min(8, Math.max(0, bits - index * 8)))))
    .join(".");
}
