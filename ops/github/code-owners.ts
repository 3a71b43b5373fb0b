/** Who must review changes to the workflows and the roles: `.github/CODEOWNERS`. */
import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Step } from "../bootstrap/steps.ts";

/** Stands for the owners until bootstrap has run; no account on GitHub has this name. */
export const PLACEHOLDER_OWNER = "@your-organisation/operators";

export const codeOwnersFile = (root: string): string => path.join(root, ".github/CODEOWNERS");

/** The file's text; undefined where there is none. */
export const readCodeOwners = (root: string): Promise<string | undefined> =>
  readFile(codeOwnersFile(root), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });

/** Puts the owners where the placeholder is. What a team has written itself stays; so does a file that is gone. */
export const codeOwnersStep = (root: string, owners: readonly string[]): Step => ({
  what: `.github/CODEOWNERS with ${owners.map((owner) => `@${owner}`).join(" ")}`,
  isDone: async () => (await readCodeOwners(root))?.includes(PLACEHOLDER_OWNER) !== true,
  make: async () => {
    const text = (await readCodeOwners(root)) ?? "";
    const names = owners.map((owner) => `@${owner}`).join(" ");
    const unfinished = `${codeOwnersFile(root)}.unfinished`;
    await writeFile(unfinished, text.replaceAll(PLACEHOLDER_OWNER, names));
    await rename(unfinished, codeOwnersFile(root));
  },
});
