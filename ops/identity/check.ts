/** Stops a pipeline whose plan holds changes that only an administrator may make. */
import { readFile } from "node:fs/promises";
import { Refused } from "../support/refused.ts";
import { count } from "../support/words.ts";
import { type Change, identityChanges, type PlanDocument } from "./changes.ts";

/** The identity changes of the plan in a file. Throws `Refused` when the file holds none that can be read. */
export async function readIdentityChanges(file: string): Promise<readonly Change[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Refused(`--check: ${file} cannot be read (${code})`, "name the plan's file");
  }
  try {
    return identityChanges(JSON.parse(text) as PlanDocument);
  } catch {
    throw new Refused(
      `--check: ${file} is no plan of Pulumi`,
      "make one with: pulumi preview --save-plan FILE, or pulumi preview --json > FILE",
    );
  }
}

/** What a pipeline is stopped with. */
export const refusalOf = (stack: string, changes: readonly Change[]): Refused =>
  new Refused(
    `the plan of ${stack} holds ${count(changes.length, "change")} that an administrator makes`,
    `run npm run identity -- --stack ${stack}, then start this deployment again`,
    { reason: "identity-changes" },
  );
