/** The process of host.ts: evaluates one script after the other, and answers with what each has written. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Answer, Order } from "./host.ts";

const seen = new Set<string>();
const environment = { ...process.env };
// Each command listens for signals, and the process goes on.
process.setMaxListeners(0);

const exitCode = (): number => Number(process.exitCode ?? 0);

async function answer({ call: [script, ...args], env }: Order): Promise<Answer> {
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    process[name].write = (text: string | Uint8Array): boolean => {
      said[name] += String(text);
      return true;
    };
  }
  const file = resolve(script);
  process.argv = [process.execPath, file, ...args];
  process.env = { ...environment, ...env };
  process.exitCode = undefined;
  // A query makes Node evaluate a script once more, but not what it loads.
  const query = seen.has(file) ? `?${performance.now()}` : "";
  seen.add(file);
  await import(`${pathToFileURL(file).href}${query}`);
  return {
    exitCode: exitCode(),
    stdout: said.stdout.trimEnd(),
    stderr: said.stderr.trimEnd(),
  };
}

process.on("message", (order: Order) => {
  void answer(order).then((answered) => process.send?.(answered));
});
