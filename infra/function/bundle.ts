/**
 * The handler as Lambda gets it: one ES module in one reproducible zip, built in memory.
 *
 * The zip holds nothing but `dist/<output>.mjs`; its source map stays outside, because a map that Lambda
 * loads costs 10 ms of every cold start. The settings' effects are measured in docs/handler.md.
 */
import { createHash } from "node:crypto";
import { relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, type Message, type Metafile } from "esbuild";
import { builtins, NAMESPACE as BUILTINS_NAMESPACE } from "./builtins.ts";
import type { SmokeEvent } from "../../function/platform/smoke.ts";
import { bundledFeatures, type Features, unusedAdapters } from "./features.ts";
import { provided } from "./provided.ts";
import { saidNames, TRIMMED, unusedMethods } from "./unused-methods.ts";
import { findUnbundled, FREE_NAMES, mayHoldUnbundled } from "./unbundled.ts";
import { withSmokeEvents } from "./smoke-events.ts";
import { reproducibleZip } from "./zip.ts";

const PROJECT_ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Largest zip of the service's own handler: 1 KB over what is shipped. Each KB of code costs about
 * 0.04 ms of a cold start, an SDK client 30 ms and more. Raise it when what you add is worth that.
 */
export const HANDLER_BUDGET_BYTES = 19 * 1024;

/** What a feature may add to that, in bytes. One that is not listed adds nothing. */
export const FEATURE_BUDGET_BYTES: Readonly<Record<string, number>> = {
  api: 4 * 1024,
  database: 6 * 1024,
};

/** Largest zip of the service's own handler with these features. */
export const handlerBudgetBytes = (features: Features): number =>
  Object.entries(features)
    .filter(([, isIn]) => isIn)
    .reduce((bytes, [name]) => bytes + (FEATURE_BUDGET_BYTES[name] ?? 0), HANDLER_BUDGET_BYTES);

/** Packages with code that cannot work in a bundle, and that never runs in Lambda. */
const NEVER_RUN: readonly string[] = [];

export interface BundleOptions {
  /** TypeScript file that exports `handler`; absolute, or relative to the project. Default `function/handler.ts`. */
  readonly entryPoint?: string;
  /** The module's name in the zip: `index` makes `dist/index.mjs`, for `Handler: dist/index.handler`. Default `index`. */
  readonly outputName?: string;
  /** Largest zip in bytes. Default: `handlerBudgetBytes` for the default entry, no limit for another. */
  readonly budgetBytes?: number;
  /** What `FEATURES.name` is in the code. Default: what the project's files say, by `bundledFeatures`. */
  readonly features?: Features;
  /** Features that are in whatever the project's files say: `neededFeatures`. */
  readonly needed?: readonly string[];
  /** Its name among what is built once for a pipeline. Default: the entry point. */
  readonly name?: string;
  /** Of the hook: what it tries versions with. Default: the domain's smoke events. */
  readonly smokeEvents?: readonly SmokeEvent[];
}

export interface Bundle {
  readonly zip: Uint8Array;
  /** SHA-256 of the zip: its key in the artifacts bucket. */
  readonly sha256Hex: string;
  /** The same in base64, as Lambda's `sourceCodeHash` wants it. */
  readonly sha256Base64: string;
  /** The bundled module itself. */
  readonly code: string;
  /** Source map as JSON text, with the sources in it. Not in the zip. */
  readonly sourceMap: string;
  /** What esbuild put in and why. */
  readonly metafile: Metafile;
}

/** The handler cannot be built. One line: `file:line:column: message`. */
export class BundleError extends Error {
  override readonly name = "BundleError";
}

/**
 * Builds one Lambda handler. Throws `BundleError` when it does not compile, has no `handler`, is over its budget
 * or holds what cannot work in a bundle.
 */
export async function bundleHandler(options: BundleOptions = {}): Promise<Bundle> {
  const entryPoint = resolve(PROJECT_ROOT, options.entryPoint ?? "function/handler.ts");
  const shownEntry = relative(PROJECT_ROOT, entryPoint).split(sep).join("/");
  const module = `dist/${options.outputName ?? "index"}.mjs`;

  const features = {
    ...(options.features ?? featuresOfProject()),
    ...Object.fromEntries((options.needed ?? []).map((name) => [name, true])),
  };
  const settings = buildOptions(entryPoint, module, features, options.smokeEvents);
  const { code, sourceMap, metafile } = await compile(settings, shownEntry);
  const exported = Object.values(metafile.outputs).flatMap((output) => output.exports);
  if (!exported.includes("handler")) {
    throw new BundleError(`${shownEntry}: exports no "handler", which Lambda calls; export one`);
  }

  const zip = reproducibleZip({ [module]: code });
  const budgetBytes =
    options.budgetBytes ??
    (options.entryPoint === undefined ? handlerBudgetBytes(features) : Infinity);
  if (zip.length > budgetBytes) {
    throw new BundleError(overBudget(shownEntry, zip.length, budgetBytes, metafile));
  }
  const digest = createHash("sha256").update(zip).digest();
  return {
    zip,
    sha256Hex: digest.toString("hex"),
    sha256Base64: digest.toString("base64"),
    code,
    sourceMap,
    metafile,
  };
}

function featuresOfProject(): Features {
  try {
    return bundledFeatures();
  } catch (error) {
    throw new BundleError(error instanceof Error ? error.message : String(error));
  }
}

type BuildSettings = ReturnType<typeof buildOptions>;

async function compile(options: BuildSettings, shownEntry: string) {
  try {
    const { outputFiles, metafile, warnings } = await buildTrimmed(options);
    const fatal = warnings.filter(({ id }) => FATAL_WARNINGS.has(id));
    if (fatal.length > 0) throw new BundleError(describe(fatal, shownEntry));
    const code = textOf(outputFiles, ".mjs");
    refuseUndeclared(code, shownEntry);
    if (mayHoldUnbundled(code, metafile)) await refuseUnbundled(options);
    return { code, sourceMap: portable(textOf(outputFiles, ".map")), metafile };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    throw new BundleError(describe(error.errors, shownEntry));
  }
}

/** Drops what never runs, as minifying does, but keeps names. */
const WHOLE_NAMES = { minify: false, minifySyntax: true } as const;

/** Where there is something to trim, a first build with whole names tells what is used. */
async function buildTrimmed(options: BuildSettings) {
  const whole = await build({ ...options, ...WHOLE_NAMES });
  const isTrimmed = Object.keys(whole.metafile.inputs).some((file) => TRIMMED.test(`/${file}`));
  const plugins = isTrimmed ? [unusedMethods(saidNames(textOf(whole.outputFiles, ".mjs")))] : [];
  return build({ ...options, plugins: [...plugins, ...options.plugins] });
}

/** How esbuild builds a handler. */
export const buildOptions = (
  entryPoint: string,
  module: string,
  features: Features,
  smokeEvents?: readonly SmokeEvent[],
) =>
  ({
    entryPoints: [entryPoint],
    outfile: resolve(PROJECT_ROOT, module),
    absWorkingDir: PROJECT_ROOT,
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    // The oldest runtime that the settings allow.
    target: "node22",
    minify: true,
    legalComments: "none",
    // Prefers the ES modules of packages that ship both, so that unused code falls away.
    mainFields: ["module", "main"],
    conditions: ["module", "import"],
    sourcemap: "external",
    // The output must not depend on a tsconfig.json that somebody's editor wrote above the project.
    tsconfigRaw: { compilerOptions: { target: "es2024" } },
    define: {
      FEATURES: UNDECLARED,
      ...Object.fromEntries(
        Object.entries(features).map(([name, isIn]) => [`FEATURES.${name}`, String(isIn)]),
      ),
    },
    plugins: [
      ...(smokeEvents ? [withSmokeEvents(smokeEvents)] : []),
      builtins(),
      provided(),
      unusedAdapters(),
    ],
    logLevel: "silent",
  }) as const satisfies BuildOptions;

/** esbuild's warnings about code that fails whenever it runs. */
const FATAL_WARNINGS = new Set([
  "call-import-namespace",
  "commonjs-variable-in-esm",
  "import-is-undefined",
]);

/** What `FEATURES` is called where it was not replaced by `true` or `false`. */
const UNDECLARED = "undeclared_features__";

function refuseUndeclared(code: string, shownEntry: string): void {
  const [found, name] = new RegExp(`${UNDECLARED}(?:\\.(\\w+))?`).exec(code) ?? [];
  if (found === undefined) return;
  throw new BundleError(
    name === undefined
      ? `${shownEntry}: FEATURES is read as a whole; read one, as FEATURES.name`
      : `${shownEntry}: FEATURES.${name} is not declared; add "${name}: false" or "${name}: true" to OWN_FEATURES in infra/function/features.ts`,
  );
}

/** Builds once more with names that can be recognised, and reads that. */
async function refuseUnbundled(options: BuildSettings): Promise<void> {
  const define = { ...options.define, ...FREE_NAMES };
  const { outputFiles } = await build({ ...options, ...WHOLE_NAMES, define });
  const found = findUnbundled(textOf(outputFiles, ".mjs"), portable(textOf(outputFiles, ".map")));
  const faults = found.filter(({ file }) => !NEVER_RUN.some((name) => owner(file) === name));
  const [first] = faults;
  if (!first) return;
  const { file, line, column, problem, remedy } = first;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : "";
  const elsewhere =
    owner(file) === file
      ? ""
      : `, or take another package; if this code never runs in Lambda, add "${owner(file)}" to NEVER_RUN in infra/function/bundle.ts`;
  throw new BundleError(`${file}:${line}:${column}: ${problem}; ${remedy}${elsewhere}${more}`);
}

const textOf = (files: readonly { path: string; text: string }[], suffix: string): string =>
  files.find(({ path }) => path.endsWith(suffix))?.text ?? "";

/** The package that a file is of, or the file itself where it is the project's. */
const owner = (file: string): string =>
  /.*\bnode_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? file;

/**
 * The same map wherever the project lies and whatever builds it. Packages may lie above the project or behind a link:
 * they are named as if in it. What stands for a built-in module lists names that depend on the process (those of
 * `process` do), so its text is left out.
 */
function portable(sourceMap: string): string {
  const map = JSON.parse(sourceMap) as {
    readonly sources: readonly string[];
    readonly sourcesContent: readonly (string | null)[];
  };
  const sources = map.sources.map((source) =>
    source.replace(/^.*?\bnode_modules\//, "../node_modules/"),
  );
  const sourcesContent = map.sourcesContent.map((text, index) =>
    sources[index]?.startsWith(BUILTINS_NAMESPACE) === true ? null : text,
  );
  return JSON.stringify({ ...map, sources, sourcesContent });
}

const isBuildFailure = (error: unknown): error is Error & { errors: Message[] } =>
  error instanceof Error && "errors" in error && Array.isArray(error.errors);

/** The first error in one line, and how many more there are. */
function describe(errors: readonly Message[], shownEntry: string): string {
  const [first] = errors;
  if (!first) return `${shownEntry}: does not compile`;
  const location = first.location
    ? `${first.location.file}:${first.location.line}:${first.location.column + 1}`
    : shownEntry;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return `${location}: ${first.text.replaceAll(PROJECT_ROOT, "")}${more}`;
}

/** Which packages and files took the room, largest first. */
function overBudget(entry: string, bytes: number, budgetBytes: number, metafile: Metafile): string {
  const shares = new Map<string, number>();
  for (const output of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
      const part = owner(path);
      shares.set(part, (shares.get(part) ?? 0) + bytesInOutput);
    }
  }
  const largest = [...shares]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 5)
    .map(([part, share]) => `${part} ${share}`);
  return `${entry}: the zip has ${bytes} of at most ${budgetBytes} bytes; largest parts, in bytes before compression: ${largest.join(", ")}; take something out, or raise HANDLER_BUDGET_BYTES in infra/function/bundle.ts`;
}
