/**
 * Whether the policy of a resource lets an AWS service in, as IAM judges it: a Deny goes before every Allow, and what
 * is not known here allows nothing and denies (IAM user guide, "Policy evaluation logic"). Pure.
 */
export interface ServiceRequest {
  /** For example `cloudwatch.amazonaws.com`. */
  readonly service: string;
  /** For example `sns:Publish`. */
  readonly action: string;
  readonly resource: string;
  /** Condition keys in small letters, for example `aws:sourcearn`. */
  readonly context: Readonly<Record<string, string>>;
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
export function admitsService(policy: string, request: ServiceRequest): boolean {
  const { Statement: statements = [] } = (policy === "" ? {} : JSON.parse(policy)) as {
    readonly Statement?: Statement | readonly Statement[];
  };
  const all = [statements].flat() as readonly Statement[];
  const applies = (effect: string) =>
    all.some((statement) => statement.Effect === effect && matches(statement, request, effect));
  return applies("Allow") && !applies("Deny");
}

const matches = (statement: Statement, request: ServiceRequest, effect: string): boolean =>
  isFor(statement.Principal, request.service) &&
  texts(statement.Action).some((action) =>
    like(action.toLowerCase(), request.action.toLowerCase()),
  ) &&
  texts(statement.Resource).some((resource) => like(resource, request.resource)) &&
  Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const holds = OPERATORS[operator];
      if (!holds) return effect === "Deny";
      const value = request.context[key.toLowerCase()];
      return value !== undefined && texts(wanted).some((one) => holds(value, one));
    }),
  );

/** `*` is everybody, services too; an account's root is none of them. */
function isFor(principal: Statement["Principal"], service: string): boolean {
  if (principal === undefined) return false;
  if (typeof principal === "string") return principal === "*";
  return texts(principal["Service"]).includes(service) || texts(principal["AWS"]).includes("*");
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
};

const texts = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

/** Whether a text is of the form of a pattern with `*` and `?`. */
function like(pattern: string, text: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  const shape = escaped.replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${shape}$`, "s").test(text);
}
