/**
 * Writes every policy of both stacks as JSON, one file each, for linters that read files:
 * `node test/infra/identity/support/write-policies.ts .build/policies`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { recordProgram } from "./program.ts";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("name the folder to write to");

for (const options of [
  { stack: "staging" },
  { stack: "production", config: { network: "create" } },
]) {
  const { managed, roles } = await recordProgram(options);
  const inline = Object.entries(roles).flatMap(([role, { policies }]) =>
    policies
      .filter(({ name }) => !managed.has(name))
      .map(({ name, policy }) => ({ name: `${role}-${name}`, policy })),
  );
  const target = path.join(folder, options.stack);
  mkdirSync(target, { recursive: true });
  for (const { name, policy } of [...managed.values(), ...inline]) {
    writeFileSync(path.join(target, `${name}.json`), `${JSON.stringify(policy, undefined, 2)}\n`);
  }
}
