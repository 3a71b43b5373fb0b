/** What the proof expects: every call that the program, its commands and the running service make, by role. */
import { allowance } from "../tables/allowance.ts";
import { commandCalls } from "../tables/command-calls.ts";
import { PROVIDER_CALLS } from "../tables/provider-calls.ts";
import { type Call, callFault } from "./evaluator.ts";
import type { Program, RoleKey } from "./program.ts";
import type { RecordedResource } from "../../../support/mocks.ts";
import type { Inputs, ProviderCall } from "./rows.ts";

/**
 * What an administrator alone writes: who may do what, who may take which role, and the queues that hold
 * customers' data, whose settings and whose own policy are one right. CI reads all of it.
 */
const ADMINISTRATORS: readonly ((resource: RecordedResource) => boolean)[] = [
  ({ options }) => options.parent?.type === "lambda-service:infra:Identity",
  ({ type }) => type === "aws:iam/role:Role",
  // IAM knows no resource for a saved query: whoever may write one may write all of the account.
  ({ type }) => type === "aws:cloudwatch/queryDefinition:QueryDefinition",
  ({ type, options }) =>
    /^aws:sqs\/queue(Policy)?:/.test(type) &&
    /^lambda-service:infra:(Function|Sources)$/.test(options.parent?.type ?? ""),
];

/**
 * What an administrator alone calls for a resource that a pipeline otherwise makes and changes: a table goes with all
 * that customers ever stored in it.
 */
const isAdministratorsCall = (
  { type, options }: RecordedResource,
  { phase }: ProviderCall,
): boolean =>
  phase === "delete" &&
  type === "aws:dynamodb/table:Table" &&
  options.parent?.type === "lambda-service:infra:Database";

/** Whether a team made it, in infra/own, rather than a component of the template. */
const isOwn = ({ options }: RecordedResource): boolean =>
  options.parent?.type.startsWith("lambda-service:infra:") !== true;

export interface ResourceCall extends ProviderCall {
  /** The resource that it is made for. */
  readonly type: string;
  readonly name: string;
  /** Whether an administrator alone may make it, if it writes. */
  readonly ofIdentity: boolean;
  /** Whether it is made for a resource of a team's own. */
  readonly own: boolean;
}

/** A call with the reason why someone has to be allowed to make it, for messages. */
export interface ExpectedCall extends Call {
  readonly reason: string;
  /** The resource type that it is made for; absent for calls of commands and of the service. */
  readonly type?: string;
  /** Whether it reads only, as a plan does. */
  readonly reads?: boolean;
  readonly own?: boolean;
}

/** A resource that the proof knows no calls of. */
export interface UnknownResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Inputs;
}

export interface ProviderCalls {
  readonly calls: readonly ResourceCall[];
  /** Resources whose type has no row. */
  readonly unknown: readonly UnknownResource[];
  /** Rows that name something which IAM cannot judge, each in one line. */
  readonly faults: readonly string[];
}

/** What the provider calls for everything that the program makes, and for what a team adds first. */
export async function providerCalls(program: Program): Promise<ProviderCalls> {
  const resources = [
    ...program.resources
      // Components, a team's own too, and providers call nothing by themselves; what awsx makes is known by its component.
      .filter(
        ({ type, options }) => (options.custom || options.remote) && !type.startsWith("pulumi:"),
      )
      .map((resource) => ({
        type: resource.type,
        name: resource.name,
        inputs: resource.inputs,
        isAdministrators: (call: ProviderCall) =>
          ADMINISTRATORS.some((owns) => owns(resource)) || isAdministratorsCall(resource, call),
        own: isOwn(resource),
      })),
    ...allowance(program).map((resource) => ({
      ...resource,
      name: "added",
      isAdministrators: () => false,
      own: false,
    })),
  ];
  const unknown: UnknownResource[] = [];
  const calls: ResourceCall[] = [];
  const faults = new Set<string>();
  for (const { type, name, inputs, isAdministrators, own } of resources) {
    const rows = PROVIDER_CALLS[type];
    if (!rows) {
      unknown.push({ type, name, inputs });
      continue;
    }
    try {
      for (const call of rows(inputs, program)) {
        const fault = await callFault(call, program.location);
        if (fault === undefined) {
          calls.push({ ...call, type, name, ofIdentity: isAdministrators(call), own });
        } else faults.add(`${type}: ${fault}`);
      }
    } catch (error) {
      faults.add(`${type} "${name}": ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { calls, unknown, faults: [...faults] };
}

/** The calls of the commands and of the service that IAM can judge, and a line for each that it cannot. */
export async function judgeableCommandCalls(program: Program) {
  const calls = [];
  const faults = new Set<string>();
  for (const call of commandCalls(program)) {
    const fault = await callFault(call, program.location);
    if (fault === undefined) calls.push(call);
    else faults.add(`${call.by}: ${fault}`);
  }
  return { calls, faults: [...faults] };
}

/** The roles that each function has for itself. */
export const OF_ONE_FUNCTION: ReadonlySet<RoleKey> = new Set(["execution", "hook", "codedeploy"]);

/** What each role must be allowed. */
export async function mustBeAllowed(
  program: Program,
): Promise<ReadonlyMap<RoleKey, readonly ExpectedCall[]>> {
  const rows = new Map<RoleKey, ExpectedCall[]>();
  const add = (role: RoleKey, call: ExpectedCall) =>
    rows.set(role, [...(rows.get(role) ?? []), call]);
  for (const { ofIdentity, phase, ...call } of (await providerCalls(program)).calls) {
    const expected = { ...call, reason: `${phase} of ${call.type}`, reads: phase === "read" };
    if (phase === "read") {
      // People see what CI sees.
      for (const role of ["deploy", "preview", "plan", "operator"] as const) add(role, expected);
    } else if (!ofIdentity) {
      add("deploy", expected);
    }
  }
  for (const { by, roles, ...call } of (await judgeableCommandCalls(program)).calls) {
    for (const role of roles) add(role, { ...call, reason: by });
  }
  // Commands work on every function by the same roles.
  for (const other of program.others) {
    for (const { by, roles, ...call } of (await judgeableCommandCalls(other)).calls) {
      for (const role of roles) if (!OF_ONE_FUNCTION.has(role)) add(role, { ...call, reason: by });
    }
  }
  return new Map([...rows].map(([role, calls]) => [role, distinct(calls)]));
}

export const distinct = <T extends Call>(calls: readonly T[]): T[] => [
  ...new Map(
    calls.map((call) => [JSON.stringify([call.action, call.resource, call.context]), call]),
  ).values(),
];
