import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readStackOutputs } from "../../../ops/support/stack-outputs.ts";
import { refusal } from "../../support/release-context.ts";

const OUTPUTS = {
  environment: "staging",
  serviceName: "lambda",
  region: "us-east-1",
  accountId: "123456789012",
  functionName: "lambda-function-staging",
  functionVersion: "7",
  aliasName: "live",
  deadLetterQueueUrl: "https://sqs",
  artifactsBucketName: "lambda-artifacts-staging-123456789012",
  codeDeployApplicationName: "lambda-release-staging",
  deploymentGroupName: "lambda-release-staging",
  deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce",
  hookFunctionName: "lambda-hook-staging",
  metricsNamespace: "lambda-service",
  canaryMinimumInvocations: 30,
  durationAlarmMs: 10_000,
  hookTimeoutSeconds: 280,
  timeoutSeconds: 30,
};

describe("stack outputs", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "outputs-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const fromFile = async (content: string): Promise<NodeJS.ProcessEnv> => {
    const file = join(folder, "outputs.json");
    await writeFile(file, content);
    return { STACK_OUTPUTS_FILE: file };
  };
  /** A `pulumi` on the PATH that answers as it is set up to. */
  const fromEngine = async (script: string): Promise<NodeJS.ProcessEnv> => {
    const file = join(folder, "pulumi");
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
    return { PATH: folder };
  };

  it("come from the file that is named", async () => {
    const environment = await fromFile(JSON.stringify(OUTPUTS));

    expect(await readStackOutputs("staging", environment)).to.deep.equal(OUTPUTS);
  });

  it("come from the engine otherwise, which is asked for this stack", async () => {
    const environment = await fromEngine(
      `test "$*" = "stack output --json --stack staging" && printf '%s' '${JSON.stringify(OUTPUTS)}'`,
    );

    expect(await readStackOutputs("staging", environment)).to.deep.equal(OUTPUTS);
  });

  const refused: [what: string, outputs: object | string, expected: string][] = [
    [
      "another stack's",
      { ...OUTPUTS, environment: "production" },
      "holds the outputs of production",
    ],
    ["of a stack that was not deployed", {}, "deploy it first: pulumi up --stack staging"],
    ["without what a command needs", { ...OUTPUTS, region: "" }, "has no output region"],
    ["that are no JSON", "oops", "not a JSON object"],
    ["that are no object", "[]", "has no output environment"],
  ];
  for (const [what, outputs, expected] of refused) {
    it(`are refused: ${what}`, async () => {
      const content = typeof outputs === "string" ? outputs : JSON.stringify(outputs);
      const environment = await fromFile(content);

      expect(await refusal(readStackOutputs("staging", environment))).to.contain(expected);
    });
  }

  it("say what is wrong with the file, the engine and the stack", async () => {
    const missing = { STACK_OUTPUTS_FILE: join(folder, "none.json") };
    const failing = await fromEngine(`echo "error: no stack named 'staging' found" >&2; exit 255`);

    expect(await refusal(readStackOutputs("staging", missing))).to.contain("ENOENT");
    expect(await refusal(readStackOutputs("staging", failing))).to.contain(
      "no stack named 'staging' found; see: pulumi stack ls",
    );
    expect(await refusal(readStackOutputs("staging", { PATH: join(folder, "none") }))).to.contain(
      "pulumi is not on the PATH",
    );
  });
});
