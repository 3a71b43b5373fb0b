/** One operation of the real engine on a program, offline, in this process. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import {
  type EngineEvent,
  LocalWorkspace,
  type PulumiCommand,
  Stack,
} from "@pulumi/pulumi/automation/index.js";
import type { Engine } from "../engine/resolve.ts";
import { LocalAwsError } from "../errors.ts";
import { standInBackend } from "./backend.ts";
import { openChannel, standInOptions } from "./channel.ts";
import { explain } from "./engine-errors.ts";
import { Plan } from "./plan.ts";
import { type Listening, listen } from "./provider.ts";
import type { StackConfig } from "./stack-config.ts";
import { type Workspace, writeProject } from "./workspace.ts";

export type OperationKind = "preview" | "up" | "destroy";

export interface Operation {
  readonly kind: OperationKind;
  readonly engine: Engine;
  readonly workspace: Pick<Workspace, "scratch" | "state" | "env">;
  /** Folder of the program: index.ts, Pulumi.yaml and the stack files. It becomes the current folder. */
  readonly program: string;
  readonly config: StackConfig;
  /** A module with the program's own answers to data sources, as its export `dataSources`. */
  readonly answers?: string | undefined;
  /**
   * Whether the AWS provider is the executable that the workspace has on its path. Default false: one in this
   * process, which makes nothing and saves the start of another.
   */
  readonly executable?: boolean | undefined;
  /** Ends the engine early. */
  readonly signal?: AbortSignal;
  /** Whether `diffText` may hold colours. Default false. */
  readonly colours?: boolean;
}

export interface Outcome {
  readonly plan: Plan;
  /** The engine's own text of every changed property. */
  readonly diffText: string;
  /** Reads the resources of the state that the operation left; secrets are sealed. */
  readonly state: () => Promise<readonly StateResource[]>;
}

/** A resource in the engine's state, as far as it is read. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  /** URN of the component it belongs to. */
  readonly parent?: string;
  /** URNs of the resources whose outputs it takes in, and of those it waits for. */
  readonly dependencies?: readonly string[];
  /** Whether the program only reads it: it belongs to somebody else. */
  readonly external?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** The engine refused or failed; the message is what it and the program said. */
export class EngineFailure extends LocalAwsError {
  override readonly name = "EngineFailure";
}

/** Runs the operation, in an environment that is isolated already. Throws `EngineFailure`. */
export async function runOperation(operation: Operation): Promise<Outcome> {
  const caller = process.cwd();
  const { log } = console;
  process.chdir(operation.program);
  // Standard output is for the plan; what the program prints goes beside it.
  console.log = console.error;
  try {
    return await operate(operation);
  } finally {
    console.log = log;
    process.chdir(caller);
  }
}

async function operate({
  kind,
  engine,
  workspace,
  program,
  config,
  answers,
  executable = false,
  signal,
  colours = false,
}: Operation): Promise<Outcome> {
  const plan = new Plan(config.project, config.stack);
  const folder = writeProject(workspace, program, config);
  const channel = openChannel(folder, answers);
  const provider = executable ? undefined : await attachable(channel.env);
  const env = { ...workspace.env, ...channel.env, ...provider?.env };
  let diffText = "";
  const options = {
    diff: true,
    color: colours ? "always" : "never",
    onEvent: (event: EngineEvent) => {
      plan.take(event);
    },
    onOutput: (text: string) => {
      diffText += text;
    },
    ...(signal && { signal }),
  } as const;
  let stack: Stack;
  try {
    const command = interruptible(engine.command, signal);
    stack = await openStack({ command, state: workspace.state, env, folder, program, config });
    await start[kind](stack, options);
  } catch (error) {
    const { problem, remedy } = explain(plan.errors);
    throw new EngineFailure(problem || engineError(error), remedy, { cause: error });
  } finally {
    provider?.close();
  }
  plan.madeUp = channel.madeUp();
  const state = async () => {
    const { deployment } = await stack.exportStack();
    return (deployment as { resources?: StateResource[] }).resources ?? [];
  };
  return { plan, diffText, state };
}

/** A provider in this process, and what makes the engine attach itself to it. */
export async function attachable(
  channel: Readonly<Record<string, string>> = {},
): Promise<Pick<Listening, "close"> & { readonly env: Readonly<Record<string, string>> }> {
  const provider = await listen(standInBackend(await standInOptions(channel)));
  return { ...provider, env: { PULUMI_DEBUG_PROVIDERS: `aws:${provider.port}` } };
}

/** Opens the stack on the workspace's state, and makes it where it is not there yet. Its operations give no outputs. */
export async function openStack({
  command,
  state,
  env,
  folder,
  program,
  config,
}: Pick<Operation, "program" | "config"> &
  Pick<Workspace, "state" | "env"> & {
    readonly command: PulumiCommand;
    readonly folder: string;
  }): Promise<Stack> {
  makeStack(state, config);
  const workspace = await LocalWorkspace.create({
    program: async () => {
      const module = (await import(entryOf(program))) as Record<string, unknown>;
      // As the language host does it: a default export stands for all outputs.
      return { ...((module["default"] ?? module) as Record<string, unknown>) };
    },
    workDir: folder,
    pulumiCommand: command,
    envVars: env,
  });
  // The stack is there, and every operation names it; asking the engine to select it costs a process.
  workspace.selectStack = async () => {};
  const stack = await Stack.select(config.stack, workspace);
  // What came of it is read off the events; to ask the engine once more costs three processes.
  stack.outputs = async () => ({});
  stack.info = async () => undefined;
  return stack;
}

/**
 * The same command, which does not start once the signal is aborted: the automation API listens for an abort
 * from the moment that the engine runs, and would miss one that came while it got ready.
 */
function interruptible(command: PulumiCommand, signal: AbortSignal | undefined): PulumiCommand {
  type Run = (...args: readonly unknown[]) => Promise<unknown>;
  const { run } = command as unknown as { readonly run: Run };
  const value: Run = (...args) => {
    signal?.throwIfAborted();
    return run.apply(command, args as unknown[]);
  };
  return Object.create(command, { run: { value } }) as PulumiCommand;
}

/**
 * Writes an empty stack as the engine's file backend keeps it, where there is none yet. `pulumi stack init`
 * does the same in a process of half a second.
 */
function makeStack(state: string, { project, stack }: StackConfig): void {
  const file = stateFile(state, { project, stack });
  if (existsSync(file)) return;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(path.join(state, ".pulumi", "meta.yaml"), "version: 1\n");
  const checkpoint = { stack: `organization/${project}/${stack}` };
  writeFileSync(file, JSON.stringify({ version: 3, checkpoint }));
}

const stateFile = (state: string, { project, stack }: Pick<StackConfig, "project" | "stack">) =>
  path.join(state, ".pulumi", "stacks", project, `${stack}.json`);

/** The resources of the state that the last update in a workspace left; secrets are sealed. */
export function readState(
  state: string,
  stack: Pick<StackConfig, "project" | "stack">,
): readonly StateResource[] {
  const { checkpoint } = JSON.parse(readFileSync(stateFile(state, stack), "utf8")) as {
    readonly checkpoint: { readonly latest?: { readonly resources?: readonly StateResource[] } };
  };
  return checkpoint.latest?.resources ?? [];
}

const start: Readonly<
  Record<OperationKind, (stack: Stack, options: Parameters<Stack["up"]>[0]) => Promise<unknown>>
> = {
  preview: (stack, options) => stack.preview(options),
  up: (stack, options) => stack.up(options),
  destroy: (stack, options) => stack.destroy(options),
};

let operations = 0;

/** The query makes Node evaluate the program again for each operation; else it would register nothing. */
const entryOf = (program: string): string =>
  `${pathToFileURL(path.join(program, "index.ts")).href}?operation=${(operations += 1)}`;

/** The engine's last words, where it failed without an event. */
function engineError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split("\n").map((line) => line.trim());
  return lines.findLast((line) => line.startsWith("error: "))?.slice("error: ".length) ?? text;
}
