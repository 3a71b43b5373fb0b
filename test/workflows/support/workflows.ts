/** The workflows as data, with YAML's aliases resolved as GitHub resolves them. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

const FOLDER = path.join(import.meta.dirname, "../../../.github/workflows");

export interface Step {
  readonly id?: string;
  readonly name: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
}

export interface Job {
  readonly name: string;
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly environment?:
    | string
    | { readonly name: string; readonly url?: string; readonly deployment?: boolean };
  readonly outputs?: Readonly<Record<string, string>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: Concurrency;
  readonly "timeout-minutes"?: number;
  readonly strategy?: { readonly matrix: { readonly stack: readonly string[] } };
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export interface Concurrency {
  readonly group: string;
  readonly "cancel-in-progress": boolean;
}

export interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly concurrency?: Concurrency;
  readonly jobs: Readonly<Record<string, Job>>;
}

const files = readdirSync(FOLDER).filter((file) => /\.ya?ml$/.test(file));

/** The text of every workflow, by its name. */
export const TEXTS: ReadonlyMap<string, string> = new Map(
  files.map((file) => [path.parse(file).name, readFileSync(path.join(FOLDER, file), "utf8")]),
);

/** Every workflow, by its name. */
export const WORKFLOWS: ReadonlyMap<string, Workflow> = new Map(
  [...TEXTS].map(([name, text]) => [name, parse(text) as Workflow]),
);

/** The name of a job's environment; undefined where it names none. */
export const environmentOf = ({ environment }: Job): string | undefined =>
  typeof environment === "string" ? environment : environment?.name;

/** Every job with its location, for example `deploy/production`. */
export const JOBS: readonly (readonly [location: string, job: Job])[] = [...WORKFLOWS].flatMap(
  ([workflow, { jobs }]) =>
    Object.entries(jobs).map(([id, job]) => [`${workflow}/${id}`, job] as const),
);

/** One job by its location. Throws when there is none. */
export function jobAt(location: string): Job {
  const found = JOBS.find(([at]) => at === location);
  if (!found) throw new Error(`no job ${location} in .github/workflows`);
  return found[1];
}

/** One step of a job by its name. Throws when there is none. */
export function stepAt(location: string, name: string): Step {
  const found = jobAt(location).steps.find((step) => step.name === name);
  if (!found) throw new Error(`no step "${name}" in ${location}`);
  return found;
}
