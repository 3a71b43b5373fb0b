/** Types, lint and format, as tests: they run beside the others, and count. By hand: `npm run check`. */
import { expect } from "chai";
import { execa } from "execa";
import { PROJECT_ROOT } from "../ops/support/project.ts";

describe("the project's code", function () {
  // The type checker reads all of the SDK's declarations.
  this.timeout(300_000);

  for (const script of ["lint", "format:check"]) {
    it(`passes npm run ${script}`, async () => {
      const { exitCode, all } = await execa("npm", ["run", "--silent", script], {
        cwd: PROJECT_ROOT,
        all: true,
        reject: false,
      });
      expect(exitCode, `\n${all}`).to.equal(0);
    });
  }
});
