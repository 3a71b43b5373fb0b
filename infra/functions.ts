/** The functions of infra/own/functions.ts, each with what watches and releases it. */
import type * as pulumi from "@pulumi/pulumi";
import { LambdaFunction, type LambdaFunctionArgs } from "./function.ts";
import { type Artifact, buildArtifact } from "./function/artifact.ts";
import { functionBuild, functionHookBuild } from "./function/builds.ts";
import type { OwnFunction } from "./functions/own-function.ts";
import { functionSettings } from "./functions/settings.ts";
import { Observability } from "./observability.ts";
import type { Destinations } from "./observability/destinations.ts";
import { Release } from "./release.ts";
import type { Settings } from "./settings.ts";

/** One function of the service: what runs, what watches it, what releases it. */
export interface ServiceFunction {
  readonly settings: Settings;
  readonly lambda: LambdaFunction;
  readonly observability: Observability;
  readonly release: Release;
}

export interface FunctionsArgs extends Omit<LambdaFunctionArgs, "handler" | "environment"> {
  readonly alarmsKeyArn: pulumi.Input<string>;
  /** Who is told of the alarms, for all functions. */
  readonly destinations: Destinations;
}

/** The code of a function and of its hook, by the function's name. */
export type FunctionArtifacts = Readonly<Record<string, { handler: Artifact; hook: Artifact }>>;

/** Builds the functions' code, one after the other. */
export async function buildFunctions(
  functions: readonly OwnFunction[],
): Promise<FunctionArtifacts> {
  const built: Record<string, { handler: Artifact; hook: Artifact }> = {};
  for (const own of functions) {
    const handler = await buildArtifact(functionBuild(own));
    built[own.name] = { handler, hook: await buildArtifact(functionHookBuild(own)) };
  }
  return built;
}

/** Makes the functions, by their names. */
export const makeFunctions = (
  artifacts: FunctionArtifacts,
  args: FunctionsArgs,
  opts: pulumi.ComponentResourceOptions,
): Readonly<Record<string, ServiceFunction>> =>
  Object.fromEntries(
    args.settings.functions.flatMap((own) => {
      const code = artifacts[own.name];
      return code === undefined ? [] : [[own.name, makeFunction(own, code, args, opts)]];
    }),
  );

function makeFunction(
  own: OwnFunction,
  { handler, hook }: FunctionArtifacts[string],
  args: FunctionsArgs,
  opts: pulumi.ComponentResourceOptions,
): ServiceFunction {
  const { name, smokeEvents } = own;
  const settings = functionSettings(args.settings, own);
  const base = { ...args, settings };
  const environment = own.environment?.(settings) ?? {};
  const lambda = new LambdaFunction(name, { ...base, handler, environment }, opts);
  const observability = new Observability(`${name}-observability`, { ...base, lambda }, opts);
  const release = new Release(
    `${name}-release`,
    { ...base, hook, observability, smokeEvents: smokeEvents.length },
    opts,
  );
  return { settings, lambda, observability, release };
}
