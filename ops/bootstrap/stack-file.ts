/** Writes keys into `Pulumi.<stack>.yaml`, and leaves comments, order and everything else as they are. */
import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Document, isMap, parseDocument } from "yaml";
import type { Step } from "./steps.ts";

/** Keys of the stack's config as the file spells them; undefined removes the key. */
export type ConfigChange = Readonly<Record<string, string | undefined>>;

/** Makes the stack's file say what the change says. */
export function stackFileStep(root: string, stack: string, change: ConfigChange): Step {
  const file = path.join(root, `Pulumi.${stack}.yaml`);
  const set = Object.entries(change).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  return {
    what: `Pulumi.${stack}.yaml with ${set.join(", ")}`,
    isDone: async () => {
      const document = parseDocument(await readFile(file, "utf8"));
      return Object.entries(change).every(([key, value]) => textAt(document, key) === value);
    },
    make: async () => {
      const unfinished = `${file}.unfinished`;
      await writeFile(unfinished, edited(await readFile(file, "utf8"), change));
      await rename(unfinished, file);
    },
  };
}

/** The file's text with the change. */
export function edited(text: string, change: ConfigChange): string {
  const document = parseDocument(text);
  if (!isMap(document.get("config"))) document.set("config", document.createNode({}));
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) document.deleteIn(["config", key]);
    // What is so already is left as it is written.
    else if (textAt(document, key) !== value) document.setIn(["config", key], value);
  }
  return document.toString({ lineWidth: 0 });
}

function textAt(document: Document, key: string): string | undefined {
  const value = document.getIn(["config", key]);
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}
