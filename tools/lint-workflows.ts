/** Lints the GitHub Actions workflows: `npm run lint:workflows`. */
import path from "node:path";
import { Command } from "commander";
import { execa } from "execa";
import { run } from "../ops/support/command.ts";
import { Refused } from "../ops/support/refused.ts";
import { openTerminal } from "../ops/support/terminal.ts";
import { installLinters } from "./workflow-linters/install.ts";

const ROOT = path.dirname(import.meta.dirname);

const lintWorkflows = new Command("npm run lint:workflows")
  .description(
    "Audit the workflows with zizmor (auditor persona, offline) and check them with actionlint and ShellCheck. Needs Python and Go; installs the pinned linters once, into .cache.",
  )
  .helpOption("-h, --help", "show this help")
  .allowExcessArguments(false)
  .exitOverride()
  .addHelpText("after", "\nExample:\n  npm run lint:workflows")
  .action(lint);

async function lint(): Promise<void> {
  const terminal = openTerminal();
  const linters = await installLinters((line) => {
    terminal.say(line);
  });
  const shellcheck = linters.shellcheck === undefined ? [] : ["-shellcheck", linters.shellcheck];
  const runs: [name: string, file: string, args: string[]][] = [
    [
      "zizmor",
      linters.zizmor,
      ["--offline", "--persona", "auditor", "--strict-collection", "--no-progress", "--quiet", "."],
    ],
    ["actionlint", linters.actionlint, shellcheck],
  ];
  const failed: string[] = [];
  for (const [name, file, args] of runs) {
    const { failed: found } = await execa(file, args, {
      cwd: ROOT,
      reject: false,
      stdio: "inherit",
    });
    if (found) failed.push(name);
  }
  if (failed.length > 0) throw new Refused(`findings of ${failed.join(" and ")}`, "see above");
  console.log("zizmor and actionlint found nothing.");
}

await run(lintWorkflows);
