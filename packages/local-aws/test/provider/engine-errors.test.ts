import { expect } from "chai";
import { explain } from "../../provider/engine-errors.ts";

describe("errors of the engine", () => {
  it("name the provider that a run has not got, and what to do", () => {
    const { problem, remedy } = explain([
      "default: no resource plugin 'pulumi-resource-random' found in the workspace or on your $PATH",
    ]);

    expect(problem).to.equal(
      "the program uses the random provider, and offline runs know only aws and awsx",
    );
    expect(remedy).to.contain("pulumi preview");
  });

  it("are the causes without their consequences, unless there is nothing else", () => {
    const cause = "orders: @pulumi/aws 7.48.0 has no resource type aws:sqs/queu:Queu";
    const consequence =
      "Unhandled exception: Error: failed to register new resource r: 2 UNKNOWN: resource monitor shut down";

    expect(explain([cause, consequence]).problem).to.equal(cause);
    expect(explain([consequence]).problem).to.equal(consequence);
  });
});
