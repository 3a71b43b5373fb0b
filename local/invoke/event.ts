/** The event that the handler is called with: one of the domain's samples by its name, or a file. */
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import type { OwnFunction } from "../../infra/functions/own-function.ts";
import { PROJECT_ROOT } from "../../ops/support/project.ts";
import { Refused } from "../../ops/support/refused.ts";

/** Where the domain keeps its samples: good ones, and bad ones in `bad/`. */
const SAMPLES = join(import.meta.dirname, "../../function/domain/events");

/** Where a function of infra/own/functions.ts keeps its samples, where it has some: beside its entry point. */
export const samplesOf = (own: OwnFunction | undefined): string =>
  own === undefined ? SAMPLES : join(PROJECT_ROOT, dirname(own.entryPoint), "events");

/** Names of the samples in a folder, such as `create` and `bad/no-id`, sorted; none where there is no such folder. */
export async function sampleNames(folder = SAMPLES): Promise<string[]> {
  const files = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return [];
  });
  return files
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length).split(sep).join("/"))
    .sort();
}

/** The file that a user means: a sample's where there is one of that name, else the text as a path. */
export async function eventFile(nameOrFile: string, folder = SAMPLES): Promise<string> {
  const names = await sampleNames(folder);
  return names.includes(nameOrFile) ? join(folder, `${nameOrFile}.json`) : nameOrFile;
}

/** The event's JSON text as the file holds it. Throws `Refused` when the file is missing or holds no JSON. */
export async function readEvent(file: string, folder = SAMPLES): Promise<string> {
  const text = await readFile(file, "utf8").catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw new Refused(`${file} cannot be read (${error.code})`);
    const samples = (await sampleNames(folder)).join(", ");
    throw new Refused(
      `${file} is neither a file nor a sample event`,
      samples === ""
        ? `name a file, or keep samples in ${relative(PROJECT_ROOT, folder)}/`
        : `name a file, or one of the samples: ${samples}`,
    );
  });
  try {
    JSON.parse(text);
  } catch (error) {
    throw new Refused(`${file} holds no JSON: ${(error as Error).message}`);
  }
  return text;
}
