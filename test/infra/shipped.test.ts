/** The project's own files as they are: the one test of what Pulumi.yaml and the stack files say. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { CONFIG_KEYS } from "../../infra/settings/parse.ts";
import { checkConfig } from "../../ops/support/check-config.ts";
import { PROJECT_ROOT } from "../../ops/support/project.ts";
import { knownStacks } from "../../ops/support/stack-config.ts";
import { runProgram } from "../support/mocks.ts";

interface Declaration {
  readonly type?: string;
  readonly description?: string;
}

describe("the project's own files", () => {
  it("declare every setting in Pulumi.yaml, and nothing else", () => {
    const { config } = parse(readFileSync(join(PROJECT_ROOT, "Pulumi.yaml"), "utf8")) as {
      config: Readonly<Record<string, Declaration>>;
    };
    const declared = Object.keys(config).filter((key) => !key.includes(":"));
    expect(declared).to.have.members([...CONFIG_KEYS]);
    for (const key of declared) {
      expect(config[key]?.type, key).to.be.a("string");
      expect(config[key]?.description, key).to.be.a("string");
    }
  });

  it("hold at least one stack", () => {
    expect(knownStacks(PROJECT_ROOT)).not.to.be.empty;
  });

  for (const stack of knownStacks(PROJECT_ROOT)) {
    it(`configure ${stack} so that the program runs, as it says`, async () => {
      const project = checkConfig(PROJECT_ROOT, stack);
      // A preview takes the placeholder repository too.
      const run = await runProgram({ project, preview: true });
      const set = (key: string) => project.values[`${project.project}:${key}`] ?? "";
      expect(run.outputs).to.include({
        environment: stack,
        serviceName: set("serviceName"),
        region: project.values["aws:region"],
        deploymentConfigName: `CodeDeployDefault.Lambda${set("trafficShift")}`,
      });
      expect(run.find("aws:lambda/function:Function", "function").inputs).to.deep.include({
        memorySize: Number(set("memoryMb")),
        timeout: Number(set("timeoutSeconds")),
        runtime: set("runtime"),
        architectures: [set("architecture")],
      });
    });
  }
});
