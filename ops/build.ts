/** `npm run build`: the zips that are deployed, with what is in them. */
import { createHash } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { Command } from "commander";
import { buildName, buildsOf } from "../infra/function/builds.ts";
import { BundleError, bundleHandler } from "../infra/function/bundle.ts";
import { bundledFeatures } from "../infra/function/features.ts";
import { MANIFEST_FILE, type Manifest } from "../infra/function/prebuilt.ts";
import { ownFunctions } from "../infra/own/functions.ts";
import { type BundledFunction, sbomOf } from "./build/sbom.ts";
import { run } from "./support/command.ts";
import { PROJECT_ROOT } from "./support/project.ts";
import { Refused } from "./support/refused.ts";

const SBOM_FILE = "sbom.cdx.json";

interface Options {
  readonly output: string;
}

const build = new Command("npm run build --")
  .description(
    `Build every Lambda's zip once, for all environments: pulumi takes them where PREBUILT_ARTIFACTS names the folder. Beside them are their source maps, ${MANIFEST_FILE} with their hashes, and ${SBOM_FILE}, the bill of materials (CycloneDX).`,
  )
  .requiredOption("-o, --output <folder>", "an empty or new folder")
  .helpOption("-h, --help", "show this help")
  .allowExcessArguments(false)
  .exitOverride()
  .addHelpText("after", "\nExample:\n  npm run build -- --output .build/artifact")
  .action(buildAll);

async function buildAll({ output }: Options): Promise<void> {
  await mkdir(output, { recursive: true });
  if ((await readdir(output)).length > 0) {
    throw new Refused(`--output ${output}: the folder is not empty`, "name another, or empty it");
  }
  const functions: BundledFunction[] = [];
  for (const options of buildsOf(ownFunctions)) {
    const name = buildName(options);
    const bundle = await bundleHandler(options).catch((error: unknown) => {
      if (error instanceof BundleError) throw new Refused(error.message);
      throw error;
    });
    const { sha256Hex, zip, sourceMap, metafile } = bundle;
    await writeFile(path.join(output, `${sha256Hex}.zip`), zip);
    await writeFile(path.join(output, `${sha256Hex}.map.json`), sourceMap);
    functions.push({ name, sha256Hex, metafile });
    console.log(`${name}  ${zip.length} bytes  sha256 ${sha256Hex}`);
  }
  const manifest: Manifest = {
    sha256: Object.fromEntries(functions.map(({ name, sha256Hex }) => [name, sha256Hex])),
    features: Object.entries(bundledFeatures()).flatMap(([name, isIn]) => (isIn ? [name] : [])),
  };
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
  await writeFile(path.join(output, MANIFEST_FILE), text);
  const { name } = JSON.parse(await readFile(path.join(PROJECT_ROOT, "package.json"), "utf8")) as {
    name: string;
  };
  const sbom = sbomOf(PROJECT_ROOT, name, functions);
  await writeFile(path.join(output, SBOM_FILE), `${JSON.stringify(sbom, undefined, 2)}\n`);
  const digest = createHash("sha256").update(text).digest("hex");
  console.log(`${MANIFEST_FILE}  sha256 ${digest}`);
  const stepOutput = process.env["GITHUB_OUTPUT"];
  if (stepOutput) await appendFile(stepOutput, `manifest-sha256=${digest}\n`);
}

await run(build);
