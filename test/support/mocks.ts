/**
 * Runs components, or the whole program, under Pulumi's mocks and records every resource with its inputs
 * and options. Outputs come from the catalogue that the offline provider uses too.
 */
import { registerHooks } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import { deserializeProperties } from "@pulumi/pulumi/runtime/rpc.js";
import type { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { standIn, standInLocation, withDefaults } from "local-aws/provider/aws-outputs.ts";
import type { Properties } from "local-aws/provider/aws-types.ts";
import { answer } from "local-aws/provider/data-sources.ts";
import { standInVpc } from "local-aws/provider/awsx-outputs.ts";
import { holdsSecret, unseal } from "local-aws/provider/secrets.ts";
import { PREBUILT_VARIABLE } from "../../infra/function/prebuilt.ts";
import { dataSources } from "../../infra/own/data-sources.ts";
import type { StackConfig } from "../../ops/support/stack-config.ts";
import { ALL_SOURCES_DOMAIN } from "./all-sources.ts";
import { NO_FUNCTIONS } from "./no-functions.ts";
import "./short-traces.ts";
import { testConfig, TEST_REGION, type Value } from "./settings.ts";

const ROOT = new URL("../../", import.meta.url);

/** A resource as the program registered it. */
export interface RecordedResource {
  readonly type: string;
  readonly name: string;
  /** Inputs with secrets unwrapped; those are listed by `secretInputs`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Top-level inputs that are, or hold, a secret. */
  readonly secretInputs: readonly string[];
  readonly options: RecordedOptions;
}

export interface RecordedOptions {
  /** Whether a provider makes it; a component is made of others. */
  readonly custom: boolean;
  /** The component that it belongs to; absent at the top level. */
  readonly parent?: { readonly type: string; readonly name: string };
  readonly protect: boolean;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly retainOnDelete: boolean;
  readonly deleteBeforeReplace: boolean;
  /** Whether a provider made this resource's children (awsx), not the program. */
  readonly remote: boolean;
  /** Names of the resources that it waits for, those of its inputs included. */
  readonly dependsOn: readonly string[];
  /** Name of the explicit provider; empty where none is set. */
  readonly provider: string;
  readonly additionalSecretOutputs: readonly string[];
}

export interface MockRun<Value> {
  readonly resources: readonly RecordedResource[];
  /** What was built, its outputs resolved. */
  readonly outputs: pulumi.Unwrap<Value>;
  /** The one resource of this type, and of this name where given. Throws when there is none or more than one. */
  find(type: string, name?: string): RecordedResource;
  /** Every resource of this type. */
  all(type: string): readonly RecordedResource[];
}

export interface MockOptions {
  /** Stack of the tests' own project. Default `staging`. */
  readonly stack?: string;
  /** Config of another project, for example the shipped one; `stack` is that of the config then. */
  readonly project?: StackConfig;
  /** Config that overrides the stack's; a key without a namespace is the project's. */
  readonly config?: Readonly<Record<string, Value>>;
  /** Run as a preview. Default false, an update. */
  readonly preview?: boolean;
  /**
   * Module with a domain for the program in place of the service's own. Default: where the config has sources or an API,
   * one that takes them all, for the service's own may take none.
   */
  readonly domain?: string;
  /** Module with the list of functions in place of `infra/own/functions.ts`. Default: one with none. */
  readonly functions?: string;
}

/** Runs `build` under mocks and waits for every registration. An error of a mock or of `build` is thrown. */
export async function withMocks<Value>(
  build: () => Value | Promise<Value>,
  { stack: ownStack = "staging", project: given, config = {}, preview = false }: MockOptions = {},
): Promise<MockRun<Value>> {
  const { project, stack, values } = given ?? testConfig(ownStack);
  const all: Record<string, string> = { ...values };
  for (const [key, value] of Object.entries(config)) {
    all[key.includes(":") ? key : `${project}:${key}`] =
      typeof value === "object" ? JSON.stringify(value) : String(value);
  }
  const recorder = new Recorder(all["aws:region"] ?? TEST_REGION);
  await pulumi.runtime.setMocks(recorder, project, stack, preview);
  pulumi.runtime.setAllConfig(all);
  recorder.watch();

  let value: Value | undefined;
  let failure: unknown;
  try {
    value = await build();
  } catch (error) {
    failure = error;
  }
  await pulumi.runtime.disconnect();
  // The first cause wins: an error in a mock leaves outputs unresolved, and what follows only says so.
  if (recorder.failures.length > 0) throw recorder.failures[0];
  if (failure !== undefined) throw failure;
  const outputs = await resolve(pulumi.output(value));
  const { resources } = recorder;
  return {
    resources,
    outputs: outputs as pulumi.Unwrap<Value>,
    all: (type) => resources.filter((resource) => resource.type === type),
    find: (type, name) => only(resources, type, name),
  };
}

let runs = 0;
/** What takes the place of a module that the program of the run under way imports, by its specifier. */
let replaced: Readonly<Record<string, string | undefined>> = {};

registerHooks({
  resolve: (specifier, context, next) =>
    next((context.parentURL === programUrl(runs) && replaced[specifier]) || specifier, context),
});

/** A query makes Node evaluate the program again instead of handing out the last run's exports. */
const programUrl = (run: number): string => new URL(`index.ts?run=${run}`, ROOT).href;

type ProgramRun = MockRun<Readonly<Record<string, unknown>>>;

const known = new Map<string, Promise<ProgramRun>>();

/**
 * Runs the whole program, `index.ts`; its stack outputs are `outputs`. What the same options have come to once in this
 * process is handed out again, to be read by several suites and changed by none; a failure happens each time.
 */
export function runProgram(options: MockOptions = {}): Promise<ProgramRun> {
  const { stack = "staging", project, config = {}, preview = false, domain, functions } = options;
  const prebuilt = process.env[PREBUILT_VARIABLE];
  const key = JSON.stringify([stack, project, config, preview, domain, functions, prebuilt]);
  const run = known.get(key) ?? evaluateProgram(options);
  known.set(key, run);
  run.catch(() => known.delete(key));
  return run;
}

/** Whether the program asks something of the domain that the service's own may not have. */
const needsDomain = (config: MockOptions["config"] = {}): boolean =>
  config["sources"] !== undefined || config["api"] !== undefined;

const evaluateProgram = (options: MockOptions): Promise<ProgramRun> =>
  withMocks(async () => {
    runs += 1;
    replaced = {
      "./function/domain/index.ts":
        options.domain ?? (needsDomain(options.config) ? ALL_SOURCES_DOMAIN : undefined),
      "./infra/own/functions.ts": options.functions ?? NO_FUNCTIONS,
    };
    const { default: outputs } = (await import(programUrl(runs))) as {
      default: Readonly<Record<string, unknown>>;
    };
    return outputs;
  }, options);

/** The value of an output, secrets included. */
export const resolve = <T>(output: pulumi.Input<T>): Promise<pulumi.Unwrap<T>> =>
  new Promise((done, failed) => {
    pulumi.output(output).apply((value) => {
      done(value);
    });
    // Outputs do not reject through apply; their own promise does.
    (pulumi.output(output) as unknown as { promise(): Promise<unknown> }).promise().catch(failed);
  });

function only(
  resources: readonly RecordedResource[],
  type: string,
  name: string | undefined,
): RecordedResource {
  const matching = resources.filter(
    (resource) => resource.type === type && (name === undefined || resource.name === name),
  );
  const [found, ...more] = matching;
  if (found !== undefined && more.length === 0) return found;
  const seen = resources.map((resource) => `${resource.type} ${resource.name}`).join("\n  ");
  throw new Error(
    `${matching.length} resources of type ${type}${name === undefined ? "" : ` named ${name}`}, expected 1; registered:\n  ${seen}`,
  );
}

class Recorder implements pulumi.runtime.Mocks {
  readonly resources: RecordedResource[] = [];
  readonly failures: unknown[] = [];
  readonly #region: string;

  constructor(region: string) {
    this.#region = region;
  }

  /** Reads options off the requests: Pulumi's mocks are not told them. */
  watch(): void {
    const monitor = pulumi.runtime.getMonitor() as unknown as MockMonitor;
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (
      request: RegisterResourceRequest,
      callback: Parameters<typeof register>[1],
    ) => {
      this.resources.push(recorded(request));
      return register(request, callback);
    };
  }

  newResource({ type, name, inputs, custom, id: known }: pulumi.runtime.MockResourceArgs): {
    id: string | undefined;
    state: Properties;
  } {
    return this.#noting(() => {
      if (type.startsWith("pulumi:providers:")) return { id: `${name}-provider`, state: {} };
      const location = standInLocation(this.#region);
      if (type === "awsx:ec2:Vpc") return { id: undefined, state: standInVpc(name) };
      if (custom !== true) return { id: undefined, state: {} };
      const plain = withDefaults(type, name, unseal(inputs) as Properties);
      const { id, outputs } = standIn(type, {
        location,
        logicalName: name,
        inputs: plain,
        changed: [],
      });
      // Where the program looks up a resource by its id, that is its id; else it is empty.
      return { id: known === undefined || known === "" ? id : known, state: outputs };
    });
  }

  call({ token, inputs }: pulumi.runtime.MockCallArgs): Properties {
    const args = unseal(inputs) as Properties;
    return this.#noting(
      () => answer(token, args, standInLocation(this.#region), dataSources).values,
    );
  }

  #noting<T>(answer: () => T): T {
    try {
      return answer();
    } catch (error) {
      this.failures.push(error);
      throw error;
    }
  }
}

function recorded(request: RegisterResourceRequest): RecordedResource {
  const object = request.getObject();
  const raw = (object === undefined ? {} : deserializeProperties(object)) as Properties;
  const parent = nameOf(request.getParent());
  return {
    type: request.getType(),
    name: request.getName(),
    inputs: unseal(raw) as Readonly<Record<string, unknown>>,
    secretInputs: Object.keys(raw).filter((key) => holdsSecret(raw[key])),
    options: {
      ...(parent && { parent }),
      protect: request.getProtect() ?? false,
      ignoreChanges: request.getIgnorechangesList(),
      replaceOnChanges: request.getReplaceonchangesList(),
      retainOnDelete: request.getRetainondelete() ?? false,
      deleteBeforeReplace: request.getDeletebeforereplace(),
      custom: request.getCustom(),
      remote: request.getRemote(),
      dependsOn: request.getDependenciesList().flatMap((urn) => nameOf(urn)?.name ?? []),
      provider: nameOf(request.getProvider())?.name ?? "",
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    },
  };
}

/** Type and name out of a URN, `urn:pulumi:stack::project::parent$type::name`. */
function nameOf(urn: string): { type: string; name: string } | undefined {
  const [, , types, name] = urn.split("::");
  const type = types?.split("$").pop();
  return type === undefined || name === undefined ? undefined : { type, name };
}
