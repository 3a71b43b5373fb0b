/** The document that is compared with: a file, or the one of a revision of this repository. */
import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { Refused } from "../../ops/support/refused.ts";
import { gitIn } from "../git.ts";
import type { OpenApi } from "./document.ts";

/** Where the repository keeps it, relative to the project. */
export const DOCUMENT_FILE = "docs/openapi.json";

export interface Baseline {
  /** As the user named it; of a revision also its commit. */
  readonly shown: string;
  /** `undefined` where the revision has none. */
  readonly document: OpenApi | undefined;
}

/** Throws `Refused` where there is neither such a file nor such a revision, or it holds no OpenAPI 3.0 document. */
export async function readBaseline(root: string, against: string): Promise<Baseline> {
  if (existsSync(against)) {
    return { shown: against, document: readDocument(readFileSync(against, "utf8"), against) };
  }
  const git = gitIn(root);
  const commit = await git(
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${against}^{commit}`,
  ).catch(() => {
    throw new Refused(
      `--against ${against}: there is no such file, and git knows no such revision`,
      "name a file, or a branch, tag or commit that is fetched, for example origin/main",
    );
  });
  const shown = `${against} (${commit.slice(0, 7)})`;
  const text = await git("show", `${commit}:./${DOCUMENT_FILE}`).catch(() => undefined);
  return {
    shown,
    document: text === undefined ? undefined : readDocument(text, `${shown}: ${DOCUMENT_FILE}`),
  };
}

/** JSON or YAML. */
export function readDocument(text: string, file: string): OpenApi {
  const document = parsed(text, file);
  if (
    typeof document !== "object" ||
    document === null ||
    !String(Reflect.get(document, "openapi")).startsWith("3.0.")
  ) {
    throw new Refused(
      `${file} is no OpenAPI document of version 3.0`,
      "name one that has openapi: 3.0.x",
    );
  }
  return document as OpenApi;
}

function parsed(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new Refused(`${file} is neither JSON nor YAML: ${reason}`, "name an OpenAPI document");
  }
}
