/** What a plan touches, in lines such as `update function`, and lists of such lines to expect. */
import type { Plan, PlannedResource } from "local-aws/provider/plan.ts";

const lines = (resources: readonly PlannedResource[]): string[] =>
  resources
    .filter(({ op }) => op !== "same")
    .map(({ op, name }) => `${op} ${name}`)
    .sort();

/** Everything that a plan does not leave as it is. */
export const touched = ({ resources }: Plan): string[] => lines(resources);

/** The same without the program's components, which AWS does not have. */
export const touchedInAws = ({ resources }: Plan): string[] =>
  lines(resources.filter(({ type }) => !type.startsWith("lambda-service:")));

export const all = (...parts: readonly (readonly string[])[]): string[] => parts.flat().sort();

export const each = (op: string, names: readonly string[]): string[] =>
  names.map((name) => `${op} ${name}`);
