/**
 * Whether the policy of a resource lets somebody in, as IAM judges it: a Deny goes before every Allow, and what is not
 * known here allows nothing and denies (IAM user guide, "Policy evaluation logic"). Pure.
 */
import { BlockList, isIPv4 } from "node:net";

/** Who asks: an AWS service such as `cloudwatch.amazonaws.com`, the root of an account, or somebody unknown. */
export type Principal = { readonly service: string } | { readonly accountId: string } | "anonymous";

/** What somebody asks for. */
export interface PolicyRequest {
  /** For example `sns:Publish`. */
  readonly action: string;
  readonly resource: string;
  /** Condition keys in small letters, for example `aws:sourcearn`. */
  readonly context: Readonly<Record<string, string>>;
}

export interface ServiceRequest extends PolicyRequest {
  /** For example `cloudwatch.amazonaws.com`. */
  readonly service: string;
}

interface Statement {
  readonly Effect?: string;
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
}

/** The policy's text may be empty: then nobody is let in. */
export const admitsService = (policy: string, { service, ...request }: ServiceRequest): boolean =>
  decisionOf(policy, { service }, request) === "allow";

/** What a policy says to somebody; nothing where no statement of it is about them. */
export function decisionOf(
  policy: string,
  principal: Principal,
  request: PolicyRequest,
): "allow" | "deny" | undefined {
  const { Statement: statements = [] } = (policy === "" ? {} : JSON.parse(policy)) as {
    readonly Statement?: Statement | readonly Statement[];
  };
  const all = [statements].flat() as readonly Statement[];
  const applies = (effect: string) =>
    all.some(
      (statement) => statement.Effect === effect && matches(statement, principal, request, effect),
    );
  if (applies("Deny")) return "deny";
  return applies("Allow") ? "allow" : undefined;
}

const matches = (
  statement: Statement,
  principal: Principal,
  request: PolicyRequest,
  effect: string,
): boolean =>
  isFor(statement.Principal, principal) &&
  texts(statement.Action).some((action) =>
    like(action.toLowerCase(), request.action.toLowerCase()),
  ) &&
  texts(statement.Resource).some((resource) => like(resource, request.resource)) &&
  Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const holds = OPERATORS[operator];
      if (!holds) return effect === "Deny";
      const value = request.context[key.toLowerCase()];
      if (value === undefined) return false;
      // What must not be so, must not be so for any of the values.
      const all = texts(wanted);
      return NEGATIVE.has(operator)
        ? all.every((one) => holds(value, one))
        : all.some((one) => holds(value, one));
    }),
  );

/** `*` is everybody, services too; an account's root is none of them. */
function isFor(named: Statement["Principal"], principal: Principal): boolean {
  if (named === undefined) return false;
  if (typeof named === "string") return named === "*";
  const accounts = texts(named["AWS"]);
  if (accounts.includes("*")) return true;
  if (principal === "anonymous") return false;
  if ("service" in principal) return texts(named["Service"]).includes(principal.service);
  const { accountId } = principal;
  return accounts.some((one) => one === accountId || one.endsWith(`::${accountId}:root`));
}

type Operator = (value: string, wanted: string) => boolean;

const equals: Operator = (value, wanted) => value === wanted;
const isLike: Operator = (value, wanted) => like(wanted, value);

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: equals,
  StringLike: isLike,
  ArnEquals: isLike,
  ArnLike: isLike,
  Bool: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
  IpAddress: isWithin,
  NotIpAddress: (value, wanted) => !isWithin(value, wanted),
};

const NEGATIVE = new Set(["NotIpAddress"]);

/** Whether an address lies within a range such as `10.0.0.0/8`. */
function isWithin(address: string, range: string): boolean {
  const [network = "", bits] = range.split("/");
  const family = isIPv4(network) ? "ipv4" : "ipv6";
  if (isIPv4(address) !== (family === "ipv4")) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits ?? (family === "ipv4" ? 32 : 128)), family);
  return list.check(address, family);
}

const texts = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

/** Whether a text is of the form of a pattern with `*` and `?`. */
function like(pattern: string, text: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  const shape = escaped.replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${shape}$`, "s").test(text);
}
