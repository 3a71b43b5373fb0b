/** What is compared: an empty handler, ours, and the same service bundled with other tools' defaults. */
import { basename, join } from "node:path";
import { build, type BuildOptions } from "esbuild";
import { buildOptions, bundleHandler } from "../../infra/function/bundle.ts";
import { type Features, OWN_FEATURES } from "../../infra/function/features.ts";
import { reproducibleZip } from "../../infra/function/zip.ts";

export interface Variant {
  readonly name: string;
  readonly code: string;
  /** `index.mjs` or `index.js`. */
  readonly fileName: string;
  /** Further files in the zip. */
  readonly extraFiles: Readonly<Record<string, string>>;
  /** Variables that the tool sets beside the function's own. */
  readonly variables: Readonly<Record<string, string>>;
  readonly zipBytes: number;
}

const EMPTY = `export const handler = async () => ({ statusCode: 200, body: "{}" });\n`;

/** Name of the handler that the ratios refer to. */
export const BASELINE = "empty handler";
export const OURS = "this project";
/** The same with its table: a connection over TLS, and two calls in the first invocation. */
export const WITH_TABLE = "this project with its table";

interface Peer {
  readonly name: string;
  /** File in peers/. */
  readonly entry: "with-tracer.ts" | "without-tracer.ts" | "own-with-tracer.ts";
  readonly fileName: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly options: BuildOptions;
}

/** esbuild options that the tools use when nothing is configured, as their sources and documents state them. */
const SST: Pick<Peer, "fileName" | "options"> = {
  fileName: "index.mjs",
  options: {
    format: "esm",
    target: "esnext",
    mainFields: ["module", "main"],
    keepNames: true,
    minify: true,
    banner: {
      js: `import { createRequire as topLevelCreateRequire } from "module"; const require = topLevelCreateRequire(import.meta.url);`,
    },
  },
};
const CDK: Pick<Peer, "fileName" | "options"> = {
  fileName: "index.js",
  options: { format: "cjs", target: "node22", external: ["@aws-sdk/*", "@smithy/*"] },
};

const PEERS: readonly Peer[] = [
  { name: "SST v3 defaults, no Tracer", entry: "without-tracer.ts", ...SST },
  { name: "CDK NodejsFunction defaults, no Tracer", entry: "without-tracer.ts", ...CDK },
  { name: "SST v3 defaults", entry: "with-tracer.ts", ...SST },
  { name: "CDK NodejsFunction defaults", entry: "with-tracer.ts", ...CDK },
  {
    name: "SAM esbuild defaults",
    entry: "with-tracer.ts",
    fileName: "index.js",
    options: { format: "cjs", target: "es2020", minify: true },
  },
  {
    name: "Serverless v4 defaults",
    entry: "with-tracer.ts",
    fileName: "index.js",
    variables: { NODE_OPTIONS: "--enable-source-maps" },
    options: { format: "cjs", target: "node22", external: ["@aws-sdk/*"], sourcemap: "linked" },
  },
];

/** What is measured, whatever the project's own config turns on. */
const PLAIN: Features = { ...OWN_FEATURES, api: false, database: false };

/** Ours and the empty one, and the peers where their packages are given. `table` are the variables of a stand-in. */
export async function buildVariants(
  table: Variant["variables"],
  peerModules?: string,
): Promise<Variant[]> {
  const own = { fileName: "index.mjs", extraFiles: {}, variables: {} };
  const plain = await bundleHandler({ features: PLAIN });
  const withTable = await bundleHandler({ features: { ...PLAIN, database: true } });
  return [
    { ...own, name: BASELINE, code: EMPTY, zipBytes: zipped({ "index.mjs": EMPTY }) },
    { ...own, name: OURS, code: plain.code, zipBytes: plain.zip.length },
    {
      ...own,
      name: WITH_TABLE,
      code: withTable.code,
      variables: table,
      zipBytes: withTable.zip.length,
    },
    ...(peerModules === undefined ? [] : await buildPeers(peerModules)),
  ];
}

async function buildPeers(modules: string): Promise<Variant[]> {
  const tuned = {
    fileName: "index.mjs",
    options: { ...buildOptions("", "", PLAIN), sourcemap: false },
  } as const;
  const ours: readonly Peer[] = [
    { name: "this project, Powertools Tracer", entry: "own-with-tracer.ts", ...tuned },
    { name: "our build options, all Powertools", entry: "with-tracer.ts", ...tuned },
  ];
  return Promise.all([...ours, ...PEERS].map((peer) => buildPeer(peer, modules)));
}

async function buildPeer(
  { name, entry, fileName, variables = {}, options }: Peer,
  modules: string,
): Promise<Variant> {
  const { outputFiles } = await build({
    bundle: true,
    platform: "node",
    logLevel: "silent",
    ...options,
    // The same service, so that only the tool differs.
    define: { ...options.define, ...constants(PLAIN) },
    entryPoints: [join(import.meta.dirname, "peers", entry)],
    nodePaths: [modules],
    // These come with Lambda's runtime, but not with this machine.
    external: (options.external ?? []).filter((pattern) => pattern !== "@smithy/*"),
    outfile: fileName,
    write: false,
  });
  const files = Object.fromEntries(outputFiles.map(({ path, text }) => [basename(path), text]));
  const { [fileName]: code = "", ...extraFiles } = files;
  return { name, code, fileName, extraFiles, variables, zipBytes: zipped(files) };
}

const constants = (features: Features): Record<string, string> =>
  Object.fromEntries(
    Object.entries(features).map(([name, isIn]) => [`FEATURES.${name}`, String(isIn)]),
  );

const zipped = (files: Readonly<Record<string, string>>): number => reproducibleZip(files).length;
