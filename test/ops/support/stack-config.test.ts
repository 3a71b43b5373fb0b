import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { PLACEHOLDER_REPOSITORY } from "../../../infra/settings/parse.ts";
import { checkConfig } from "../../../ops/support/check-config.ts";
import {
  readStackConfig,
  SECRET_PLACEHOLDER,
  withoutPlaceholder,
  withValues,
} from "../../../ops/support/stack-config.ts";
import { testConfig, testProjectFile, TEST_PROJECT } from "../../support/settings.ts";

describe("a stack's config, read without an engine", () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "stack-config-"));
    write(
      "Pulumi.yaml",
      `name: demo
config:
  aws:region: us-east-1
  size: { type: integer, default: 3 }
  ids: { type: array, items: { type: string }, default: [] }
  owner: { type: string }
`,
    );
    write("Pulumi.staging.yaml", "config: { owner: me }\n");
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const write = (file: string, text: string) => {
    writeFileSync(path.join(root, file), text);
  };

  it("joins the project's defaults with what the stack sets", () => {
    write("Pulumi.staging.yaml", "config: { owner: me, demo:size: 4, ids: [a, b] }\n");
    const { project, values } = readStackConfig(root, "staging");

    expect(project).to.equal("demo");
    expect(values).to.deep.equal({
      "aws:region": "us-east-1",
      "demo:size": "4",
      "demo:ids": '["a","b"]',
      "demo:owner": "me",
    });
  });

  it("puts a placeholder where a secret is, and leaves out how it is sealed", () => {
    write(
      "Pulumi.staging.yaml",
      "secretsprovider: awskms://alias/x\nencryptionsalt: v1:abc=\nconfig: { owner: { secure: v1:xyz= } }\n",
    );
    const config = readStackConfig(root, "staging");

    expect(config.values["demo:owner"]).to.equal(SECRET_PLACEHOLDER);
    expect(JSON.stringify(config)).to.not.match(/v1:|awskms/);
  });

  it("reads the file as the CLI writes it: full keys, numbers as text, lists, what is sealed", () => {
    write(
      "Pulumi.staging.yaml",
      `config:
  aws:region: eusc-de-east-1
  demo:size: "4"
  demo:ids:
    - a
    - secure: AAABAKtext=
  demo:owner:
    secure: AAABAKtext=
encryptionsalt: v1:177MwzUU9YE=:v1:2LfKUsbyHjHMLred:X6+G/sBPJE7Pr6J37Q/VFfj24G9rZg==
`,
    );
    expect(readStackConfig(root, "staging").values).to.deep.include({
      "aws:region": "eusc-de-east-1",
      "demo:size": "4",
      "demo:owner": SECRET_PLACEHOLDER,
    });
  });

  it("reads a file without any config, as the CLI leaves it", () => {
    for (const text of ["encryptionsalt: v1:abc=\n", "# nothing yet\n", ""]) {
      write("Pulumi.staging.yaml", text);
      expect(readStackConfig(root, "staging").values).to.include({ "demo:size": "3" });
    }
  });

  it("names the stacks that there are when it is asked for another", () => {
    write("Pulumi.production.yaml", "config: {}\n");

    expect(() => readStackConfig(root, "qa")).to.throw(
      'stack "qa" has no Pulumi.qa.yaml; the stacks are production, staging',
    );
    expect(() => readStackConfig(root, "../staging")).to.throw("has no");
  });

  it("says in one line which file is no YAML", () => {
    write("Pulumi.staging.yaml", "config: [\n");

    expect(() => readStackConfig(root, "staging")).to.throw(
      /^Pulumi\.staging\.yaml cannot be read: .+$/,
    );
  });

  it("takes overrides, and a repository for the placeholder", () => {
    const config = testConfig("staging", { githubRepository: PLACEHOLDER_REPOSITORY });
    const changed = withoutPlaceholder(withValues(config, { memoryMb: 1024 }));

    expect(changed.values[`${TEST_PROJECT}:memoryMb`]).to.equal("1024");
    expect(changed.stackValues[`${TEST_PROJECT}:memoryMb`]).to.equal(1024);
    expect(changed.values[`${TEST_PROJECT}:githubRepository`]).to.match(/^example-/);
  });

  it("is checked as a whole: every fault at once, without an engine", () => {
    const faulty = `config:
  githubRepository: no-slash
  memoryMb: 7
  durationAlarmMs: 30000
  logRetentionDays: 8
  memoryMB: 512
`;
    write("Pulumi.yaml", testProjectFile());
    write("Pulumi.staging.yaml", faulty);

    expect(() => checkConfig(root, "staging")).to.throw(
      /^5 faults[^]*memoryMB: no such key[^]*memoryMb: "7"[^]*logRetentionDays[^]*githubRepository[^]*durationAlarmMs/,
    );
  });
});
