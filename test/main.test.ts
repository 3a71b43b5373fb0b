import { expect } from "chai";
import { execa } from "execa";
import { PROJECT_ROOT } from "../ops/support/project.ts";
import { withMocks } from "./support/mocks.ts";

const MAIN = new URL("../main.js", import.meta.url).href;

describe("the entry that Pulumi takes", () => {
  it("is the program, with its outputs", async () => {
    const { outputs } = await withMocks(async () => {
      const { default: outputs } = (await import(MAIN)) as { default: object };
      return outputs;
    });

    expect(outputs).to.include.keys("functionName", "aliasName");
  });

  it("says in one line that a Node without type stripping cannot run it", async () => {
    const older = "Object.defineProperty(process.features, 'typescript', { value: undefined });";
    const load = `${older} await import(${JSON.stringify(MAIN)}).catch((error) => {
      console.log(JSON.stringify({ name: error.__pulumiRunError ? "RunError" : error.name, message: error.message }));
    });`;

    const { stdout } = await execa(process.execPath, ["--input-type=module", "--eval", load], {
      cwd: PROJECT_ROOT,
    });

    const { name, message } = JSON.parse(stdout) as { name: string; message: string };
    expect(name).to.equal("RunError");
    expect(message).to.match(/^Node [\d.]+ cannot run this program, .*22\.18.*npm run pulumi -- /);
    expect(message).not.to.contain("\n");
  });
});
