import { runProgram } from "./support/mocks.ts";
it("x", async function () {
  this.timeout(20000);
  const r = await runProgram({ stack: "staging" });
  console.log(r.resources.length);
});
