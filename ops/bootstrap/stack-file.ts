/** Writes keys into `Pulumi.<stack>.yaml`, and leaves comments, order and everything else as they are. */
import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Document, isMap, parseDocument } from "yaml";
import type { Step } from "./steps.ts";

/** Config keys without their namespace; undefined removes the key. */
export type ConfigChange = Readonly<Record<string, string | undefined>>;

const fileOf = (root: string, stack: string): string => path.join(root, `Pulumi.${stack}.yaml`);

/** Makes the stack's file say what the change says. */
export function stackFileStep(
  root: string,
  project: string,
  stack: string,
  change: ConfigChange,
): Step {
  const file = fileOf(root, stack);
  const set = Object.keys(change).filter((key) => change[key] !== undefined);
  return {
    what: `Pulumi.${stack}.yaml with ${set.join(", ")}`,
    isDone: async () => {
      const document = parseDocument(await readFile(file, "utf8"));
      return Object.entries(change).every(
        ([key, value]) => textAt(document, spelled(document, project, key)) === value,
      );
    },
    make: async () => replace(file, edited(await readFile(file, "utf8"), project, change)),
  };
}

/** The file's text with the change. */
export function edited(text: string, project: string, change: ConfigChange): string {
  const document = parseDocument(text);
  if (!isMap(document.get("config"))) document.set("config", document.createNode({}));
  for (const [key, value] of Object.entries(change)) {
    const name = spelled(document, project, key);
    if (value === undefined) document.deleteIn(["config", name]);
    // What is so already is left as it is written.
    else if (textAt(document, name) !== value) document.setIn(["config", name], value);
  }
  return document.toString({ lineWidth: 0 });
}

/** What the CLI adds to the file of a new stack. */
const ENCRYPTION_KEYS = ["secretsprovider", "encryptedkey", "encryptionsalt"] as const;

/**
 * Runs what makes a stack, and keeps the file as a person has written it: the CLI writes it again, without
 * comments and with every key spelled out. Only what opens the secrets is taken over.
 */
export async function keepingStackFile(
  root: string,
  stack: string,
  make: () => Promise<void>,
): Promise<void> {
  const file = fileOf(root, stack);
  const before = parseDocument(await readFile(file, "utf8"));
  await make();
  const after = parseDocument(await readFile(file, "utf8"));
  for (const key of ENCRYPTION_KEYS) {
    if (after.has(key)) before.set(key, after.get(key));
  }
  await replace(file, before.toString({ lineWidth: 0 }));
}

/** Written aside and renamed, so that the file is never half written. */
async function replace(file: string, text: string): Promise<void> {
  const unfinished = `${file}.unfinished`;
  await writeFile(unfinished, text);
  await rename(unfinished, file);
}

/** A key may stand with its namespace or without; it is changed where it stands. */
const spelled = (document: Document, project: string, key: string): string =>
  document.hasIn(["config", `${project}:${key}`]) ? `${project}:${key}` : key;

function textAt(document: Document, key: string): string | undefined {
  const value = document.getIn(["config", key]);
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}
