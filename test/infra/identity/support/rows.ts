/**
 * What the rows of the tables are written in: calls by phase, on ARNs as AWS forms them. Nothing here comes from
 * the program's own helpers, so that a wrong ARN in a policy meets a right one in a row.
 */
import type { Call, Context } from "./evaluator.ts";
import type { Program } from "./program.ts";

export const PHASES = ["create", "read", "update", "delete"] as const;
export type Phase = (typeof PHASES)[number];

export interface ProviderCall extends Call {
  readonly phase: Phase;
}

export type Inputs = Readonly<Record<string, unknown>>;

/** What the provider calls for one resource with these inputs. */
export type Rows = (inputs: Inputs, program: Program) => readonly ProviderCall[];

/** Rows by resource type, for example `aws:sqs/queue:Queue`. */
export type RowTable = Readonly<Record<string, Rows>>;

/** Actions by phase as words, for one resource. */
export type Words = Partial<Record<Phase, string>>;

/** Every action of every phase on each of the resources. */
export const on = (
  resources: string | readonly string[],
  words: Words,
  context?: Context,
): ProviderCall[] =>
  PHASES.flatMap((phase) =>
    (words[phase]?.split(" ") ?? []).flatMap((action) =>
      [resources].flat().map((resource) => ({
        phase,
        action,
        resource,
        ...(context && { context }),
      })),
    ),
  );

/** Some text among the inputs. Where it is missing, the message says what a row needs it for. */
export const text = (inputs: Inputs, key: string): string => {
  const value = inputs[key];
  if (typeof value === "string") return value;
  throw new Error(
    `its row names the resource by the input "${key}", which the program does not set: give the resource a fixed name, as infra/names.ts does, or name it by another input in the row`,
  );
};

/** The ARN of something in the program's account and region. */
export const arn = ({ location }: Pick<Program, "location">, service: string, resource: string) =>
  `arn:${location.partition}:${service}:${location.region}:${location.accountId}:${resource}`;

/** The ARN of something in the program's account that belongs to no region, such as a role. */
export const globalArn = (
  { location }: Pick<Program, "location">,
  service: string,
  resource: string,
) => `arn:${location.partition}:${service}::${location.accountId}:${resource}`;

/** The ARN of a bucket, or of objects in it, which names neither region nor account. */
export const s3Arn = ({ location }: Pick<Program, "location">, resource: string) =>
  `arn:${location.partition}:s3:::${resource}`;

/**
 * A log group in the forms by which AWS compares its calls. Its documentation asks for the end `:*` in all but
 * the calls about tags; some messages of denial show the ARN without it.
 */
export const logGroupArns = (program: Pick<Program, "location">, name: string) => {
  const bare = arn(program, "logs", `log-group:${name}`);
  return { calls: [`${bare}:*`, bare], tags: bare };
};

/** The service gets a role to act by, at creation and at each change. */
export const passRole = (roleArn: string, service: string): ProviderCall[] =>
  on(
    roleArn,
    { create: "iam:PassRole", update: "iam:PassRole" },
    { "iam:PassedToService": service },
  );
