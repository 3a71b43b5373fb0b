/** The outputs of a stack as those of one of its functions. */
import { Option, type Command } from "commander";
import { SMOKE_EVENTS, type SmokeEvent } from "../../hook/smoke-events.ts";
import { bundled } from "../../infra/function/features.ts";
import type { OwnFunction } from "../../infra/functions/own-function.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import { ownFunctions } from "../../infra/own/functions.ts";
import type { OfFunction } from "./function-argument.ts";
import { Refused } from "./refused.ts";
import { readStackOutputs } from "./stack-outputs.ts";

/** Options of commands that work on one function. */
export interface FunctionOptions {
  /** One of infra/own/functions.ts. Default: the service's own. */
  readonly function?: string;
}

export const withFunction = (command: Command): Command =>
  command.addOption(
    new Option("--function <name>", "one of infra/own/functions.ts").default(
      undefined,
      "the service's own",
    ),
  );

/** One of infra/own/functions.ts by its name; without a name none, which is the service's own. Throws `Refused`. */
export function namedFunction(name: string | undefined): OwnFunction | undefined {
  if (name === undefined) return undefined;
  const own = ownFunctions.find((one) => one.name === name);
  if (own) return own;
  const known = ownFunctions.map((one) => one.name).join(", ");
  throw new Refused(
    `--function ${name}: infra/own/functions.ts has no such function`,
    known === "" ? "leave it out: there is none but the service's own" : `name one of ${known}`,
  );
}

/** Names of the functions beside the service's own. */
export const functionNames = ({ functions = {} }: Pick<StackOutputs, "functions">): string[] =>
  Object.keys(functions);

/**
 * What the stack says of one function in place of the service's own; without a name of the service's own. Event sources
 * call the service's own function alone. Throws `Refused` when the stack has no such function.
 */
export function outputsOf(outputs: StackOutputs, name: string | undefined): StackOutputs {
  if (name === undefined) return outputs;
  const own = outputs.functions?.[name];
  if (own === undefined) {
    const known = functionNames(outputs);
    throw new Refused(
      `--function ${name}: stack ${outputs.environment} has no such function`,
      known.length > 0
        ? `name one of ${known.join(", ")}, or leave it out for the service's own`
        : `add it to infra/own/functions.ts and deploy it: pulumi up --stack ${outputs.environment}`,
    );
  }
  const { sources: _, ...shared } = outputs;
  return { ...shared, ...own };
}

/** Reads the outputs of a stack as those of one of its functions. Throws `Refused`. */
export const readFunctionOutputs = async (
  stack: string,
  name: string | undefined,
): Promise<StackOutputs> => outputsOf(await readStackOutputs(stack), name);

/** Every function of a stack, the service's own first. */
export const outputsOfAll = (outputs: StackOutputs): readonly StackOutputs[] =>
  [undefined, ...functionNames(outputs)].map((name) => outputsOf(outputs, name));

/** What a function is called where a command speaks of several. */
export const functionLabel = ({ functionId }: OfFunction): string =>
  functionId === undefined ? "the service's own function" : `function ${functionId}`;

/** What shows whether a version of the function works. Throws `Refused` when this commit does not know the function. */
export function smokeEventsOf({ functionId }: OfFunction): readonly SmokeEvent[] {
  if (functionId === undefined) return bundled(SMOKE_EVENTS);
  const own = ownFunctions.find(({ name }) => name === functionId);
  if (own) return own.smokeEvents;
  throw new Refused(
    `infra/own/functions.ts has no function ${functionId}, so nobody knows its smoke events`,
    "check out a commit that has it",
  );
}
