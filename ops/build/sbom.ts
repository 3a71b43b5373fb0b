/** The software bill of materials of a bundle: what is really in the zip, not what is installed beside it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Metafile } from "esbuild";

/** A package that is part of a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, where the package states one. */
  readonly license: string | undefined;
}

/** One Lambda's zip. */
export interface BundledFunction {
  /** For example `function/handler.ts`. */
  readonly name: string;
  readonly sha256Hex: string;
  readonly metafile: Metafile;
}

/** The packages whose code is in the bundle, by name. */
export function bundledPackages(root: string, metafile: Metafile): readonly BundledPackage[] {
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [file] : [],
    ),
  );
  const folders = new Set(
    used.flatMap((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
  );
  return [...folders].sort().map((folder) => {
    const manifest = JSON.parse(readFileSync(path.join(root, folder, "package.json"), "utf8")) as {
      name: string;
      version: string;
      license?: unknown;
    };
    const { name, version, license } = manifest;
    return { name, version, license: typeof license === "string" ? license : undefined };
  });
}

/** The document in CycloneDX 1.6, as JSON. It holds no time and no random number, so that equal bundles have equal ones. */
export function sbomOf(
  root: string,
  service: string,
  functions: readonly BundledFunction[],
): object {
  const components = new Map<string, object>();
  const dependencies = functions.map(({ name, sha256Hex, metafile }) => {
    const packages = bundledPackages(root, metafile);
    for (const one of packages) components.set(urlOf(one), component(one));
    components.set(name, {
      type: "application",
      "bom-ref": name,
      name: `${service}/${name}`,
      hashes: [{ alg: "SHA-256", content: sha256Hex }],
    });
    return { ref: name, dependsOn: packages.map(urlOf) };
  });
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { type: "application", "bom-ref": service, name: service } },
    components: [...components.values()],
    dependencies: [{ ref: service, dependsOn: functions.map(({ name }) => name) }, ...dependencies],
  };
}

const component = (one: BundledPackage) => ({
  type: "library",
  "bom-ref": urlOf(one),
  name: one.name,
  version: one.version,
  purl: urlOf(one),
  ...(one.license && { licenses: [{ expression: one.license }] }),
});

/** https://github.com/package-url/purl-spec: the @ of a scope is encoded. */
const urlOf = ({ name, version }: BundledPackage): string =>
  `pkg:npm/${name.replace("@", "%40")}@${version}`;
