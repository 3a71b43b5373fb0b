/** A copy of the program whose handler is wrapped, for the demonstration: a build that is good, or one that is not. */
import { cp, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../ops/support/project.ts";

/** What the program consists of; its packages are found in the project's own folder, above the copy. */
const PROGRAM = [
  "Pulumi.yaml",
  "Pulumi.staging.yaml",
  "Pulumi.production.yaml",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "index.ts",
  "infra",
  "function",
  "hook",
];

/** Each runs before the service's own handler, whatever that does. */
export const VARIANTS = {
  good: "",
  // The smoke events of the pre-traffic hook do not meet this one; calls of users do.
  bad: `if ((event as { source?: string }).source !== "smoke") {
    throw new TypeError("Cannot read properties of undefined (reading 'customer')");
  }`,
} as const;

/** Copies the program into `folder/name` and wraps its handler; the folder's path. */
export async function makeVariant(folder: string, name: keyof typeof VARIANTS): Promise<string> {
  const program = join(folder, name);
  await mkdir(program);
  for (const part of PROGRAM) {
    await cp(join(PROJECT_ROOT, part), join(program, part), { recursive: true });
  }
  const entry = join(program, "function/handler.ts");
  await rename(entry, join(program, "function/wrapped-handler.ts"));
  await writeFile(entry, wrapper(name, VARIANTS[name]));
  return program;
}

const wrapper = (name: string, statement: string): string => `
import { handler as wrapped } from "./wrapped-handler.ts";

/** The demonstration's ${name} build. */
export const build = ${JSON.stringify(name)};

export const handler: typeof wrapped = async (event, context) => {
  ${statement}
  return wrapped(event, context);
};
`;
