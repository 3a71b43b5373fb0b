/** The process of usage.ts: evaluates one script after the other, and keeps what it writes. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Answer, Question } from "./usage.ts";

const questions = JSON.parse(process.argv[2] ?? "") as readonly Question[];
const write = process.stdout.write.bind(process.stdout);
const answers: Answer[] = [];
const asked = new Set<string>();
for (const [script, ...args] of questions) {
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    process[name].write = (text: string | Uint8Array): boolean => {
      said[name] += String(text);
      return true;
    };
  }
  const file = resolve(script);
  process.argv = [process.execPath, file, ...args];
  process.exitCode = undefined;
  // A query makes Node evaluate a script once more, but not what it loads.
  const query = asked.has(file) ? `?${answers.length}` : "";
  await import(`${pathToFileURL(file).href}${query}`);
  asked.add(file);
  answers.push({
    exitCode: Number(process.exitCode ?? 0),
    stdout: said.stdout.trimEnd(),
    stderr: said.stderr.trimEnd(),
  });
}
process.exitCode = 0;
write(JSON.stringify(answers));
