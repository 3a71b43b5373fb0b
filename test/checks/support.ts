import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { PROJECT_ROOT } from "../../ops/support/project.ts";
import { start } from "../support/command.ts";

const { scripts } = JSON.parse(readFileSync(path.join(PROJECT_ROOT, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** A test that a script of package.json finds nothing: it runs beside the others, and counts. */
export const passes = (script: string): void => {
  it(`passes npm run ${script}`, async function () {
    // The type checker reads all of the SDK's declarations.
    this.timeout(300_000);
    // Without npm, which takes longer to start than some of them run.
    const [file = "", ...args] = (scripts[script] ?? "").split(" ");
    const { exitCode, all } = await start(file, args, { cwd: PROJECT_ROOT, preferLocal: true });
    expect(exitCode, `\n${all}`).to.equal(0);
  });
};
