/** `npm run openapi`: the contract of the service as an OpenAPI document, and what a change of it breaks. */
import "./compile-cache.ts";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { stringify } from "yaml";
import { createDomain } from "../function/domain/index.ts";
import { contractOf } from "../infra/api/contract.ts";
import type { OpenApiDocument } from "../infra/api/openapi-types.ts";
import { bundledFeatures } from "../infra/function/features.ts";
import { run, withoutNpm } from "../ops/support/command.ts";
import { PROJECT_ROOT } from "../ops/support/project.ts";
import { Refused } from "../ops/support/refused.ts";
import { DOCUMENT_FILE, readBaseline } from "./openapi/baseline.ts";
import { compareDocuments } from "./openapi/compare.ts";
import { judge, renderReport } from "./openapi/report.ts";

interface OpenApiOptions {
  readonly out?: string;
  readonly check?: true;
  readonly against?: string;
  readonly json?: true;
}

const openapi = new Command("npm run openapi --")
  .description(
    `Write the contract of the service, made from its routes, to ${DOCUMENT_FILE}; or compare it with another one.`,
  )
  .option(
    "-o, --out <file>",
    `write to this file: YAML for .yaml and .yml, else JSON; - prints it (default: ${DOCUMENT_FILE})`,
  )
  .option("--check", `write nothing; fail when ${DOCUMENT_FILE} is not current`)
  .option(
    "--against <revision|file>",
    "write nothing; list what changed since this revision or file, and fail when it breaks callers",
  )
  .option(
    "--json",
    `print one JSON document, the report or else the contract; for machines: ${withoutNpm("openapi")} --json`,
  )
  .helpOption("-h, --help", "show this help")
  .allowExcessArguments(false)
  .exitOverride()
  .addHelpText("after", "\nExample:\n  npm run openapi -- --against origin/main")
  .action(async (options: OpenApiOptions, command: Command) => {
    const together = (["out", "check", "against"] as const).filter(
      (name) => options[name] !== undefined,
    );
    if (together.length > 1) {
      command.error(`error: --${together[0]} and --${together[1]} do not go together`, {
        exitCode: 2,
      });
    }
    const contract = ownContract();
    if (options.against !== undefined) await compare(contract, options.against, options.json);
    else if (options.check) check(contract);
    else write(contract, options.json && options.out === undefined ? "-" : options.out);
  });

/** Throws `Refused` where the routes have a fault. */
function ownContract(): OpenApiDocument {
  const { routes } = createDomain();
  try {
    return contractOf(routes);
  } catch (error) {
    throw new Refused(error instanceof Error ? error.message : String(error));
  }
}

const textOf = (contract: OpenApiDocument, file: string): string =>
  /\.ya?ml$/.test(file)
    ? // By the older rules, so that no reader takes a time or an id for something else than text.
      stringify(contract, { aliasDuplicateObjects: false, version: "1.1" })
    : `${JSON.stringify(contract, undefined, 2)}\n`;

function check(contract: OpenApiDocument): void {
  if (textOf(contract, DOCUMENT_FILE) !== kept(path.join(PROJECT_ROOT, DOCUMENT_FILE))) {
    throw new Refused(`${DOCUMENT_FILE} is not the contract of the routes`, "run: npm run openapi");
  }
  console.log(`${DOCUMENT_FILE} is current`);
}

function write(contract: OpenApiDocument, out: string | undefined): void {
  if (out === "-") {
    process.stdout.write(textOf(contract, DOCUMENT_FILE));
    return;
  }
  const file = out ?? path.join(PROJECT_ROOT, DOCUMENT_FILE);
  const text = textOf(contract, file);
  const shown = out ?? DOCUMENT_FILE;
  if (kept(file) === text) {
    console.log(`${shown} is current`);
    return;
  }
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new Refused(
      `--out ${shown} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      "name another file",
    );
  }
  console.log(`${shown} is written`);
}

const kept = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
};

async function compare(contract: OpenApiDocument, against: string, json?: true): Promise<void> {
  const { shown, document } = await readBaseline(PROJECT_ROOT, against);
  const report = judge({
    against: shown,
    before: document?.info.version,
    after: contract.info.version,
    changes: document ? changesSince(document, contract, shown) : [],
    isOn: bundledFeatures()["api"] === true,
  });
  console.log(json ? JSON.stringify(report, undefined, 2) : renderReport(report));
  if (report.outcome === "broken") {
    throw new Refused(
      "the contract breaks for those who call the service",
      `keep what they use; or say that it is on purpose: raise the version in package.json to ${report.allowedFrom}, and run: npm run openapi`,
    );
  }
}

function changesSince(...[before, after, shown]: [...Parameters<typeof compareDocuments>, string]) {
  try {
    return compareDocuments(before, after);
  } catch (error) {
    throw new Refused(
      `${shown} cannot be compared: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

await run(openapi);
