/** Runs the built handler once, on this machine, as a stack would configure it. */
import { readFile } from "node:fs/promises";
import { functionName } from "../../infra/names.ts";
import { functionBuild } from "../../infra/function/builds.ts";
import { BundleError, type BundleOptions, bundleHandler } from "../../infra/function/bundle.ts";
import { environmentVariables, lambdaLogLevel } from "../../infra/function/configuration.ts";
import type { OwnFunction } from "../../infra/functions/own-function.ts";
import { functionSettings } from "../../infra/functions/settings.ts";
import { optionEnvironment } from "../../infra/options.ts";
import { parseSettings } from "../../infra/settings/parse.ts";
import { rawSettings, type StackConfig } from "../../ops/support/stack-config.ts";
import type { FunctionDescription } from "local-aws/lambda/environment.ts";
import type { Installed } from "local-aws/lambda/install.ts";
import { Sandbox } from "local-aws/lambda/sandbox.ts";
import { mapText } from "../../ops/stack-trace/map.ts";
import { Refused } from "../../ops/support/refused.ts";
import { type Report, report } from "./report.ts";

/** A function and how it is built. */
export interface InvokedFunction {
  readonly description: FunctionDescription;
  readonly build: BundleOptions;
}

/** The function as the stack's config describes it: the service's own, or one of infra/own/functions.ts. */
export function describeFunction(config: StackConfig, own?: OwnFunction): InvokedFunction {
  const service = parseSettings(rawSettings(config));
  const settings = own === undefined ? service : functionSettings(service, own);
  const description = {
    functionName: functionName(settings),
    region: settings.region,
    memoryMb: settings.memoryMb,
    timeoutSeconds: settings.timeoutSeconds,
    runtime: settings.runtime,
    lambdaLogLevel: lambdaLogLevel(settings.logLevel),
    variables: {
      ...optionEnvironment(settings),
      ...own?.environment?.(settings),
      ...environmentVariables(settings, config.project),
    },
  };
  return { description, build: own === undefined ? {} : functionBuild(own) };
}

export interface RunOptions {
  /** Added to the function's environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** Ends the function when it aborts. */
  readonly signal: AbortSignal;
}

/** Builds, starts, invokes and reports. Throws `Refused` when the handler cannot be built or does not load. */
export async function runOnce(
  { description, build }: InvokedFunction,
  event: string,
  client: Installed,
  { variables, signal }: RunOptions,
): Promise<Report> {
  // A table that is named here is to be used, also where no config has one yet.
  const needed = "TABLE_NAME" in variables ? ["database"] : [];
  const { code, sourceMap } = await bundleHandler({ ...build, needed }).catch((error: unknown) => {
    throw error instanceof BundleError ? new Refused(error.message) : error;
  });
  const sandbox = await Sandbox.start({
    description,
    code,
    variables,
    ...(client.ok && { clientEntry: client.entry }),
  }).catch((error: Error) => {
    throw new Refused(error.message);
  });
  const kill = () => sandbox.kill();
  signal.addEventListener("abort", kill);
  try {
    const outcome = await sandbox.invoke(event);
    return report({
      runBy: `${client.ok ? "AWS's runtime client" : "a plain Node process"}, Node ${process.version}`,
      outcome,
      initMs: sandbox.initMs,
      residentMb: await residentMb(sandbox.pid),
      lines: sandbox.lines.map((line) => mapText(line, sourceMap)),
      documents: sandbox.daemon.documents,
    });
  } finally {
    signal.removeEventListener("abort", kill);
    await sandbox.stop();
  }
}

/** Resident memory of a process; only Linux tells. */
export const residentMb = (pid: number): Promise<number | undefined> =>
  readFile(`/proc/${pid}/status`, "utf8").then(
    (status) => Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024 || undefined,
    () => undefined,
  );
