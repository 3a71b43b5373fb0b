import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { execa } from "execa";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { stringify } from "yaml";
import { awsSecrets } from "../../function/adapters/secrets.ts";
import { unsampled } from "../../function/platform/tracing.ts";
import { putSecrets } from "../../local/secrets/put.ts";
import { withServedSecrets } from "../../local/secrets/server.ts";
import { localSecrets } from "../../local/secrets/values.ts";
import { PROJECT_ROOT } from "../../ops/support/project.ts";
import { Refused } from "../../ops/support/refused.ts";
import { copyProjectTo } from "../support/project.ts";
import { testConfig, testProjectFile } from "../support/settings.ts";

const NAMES = { bank: "ledger/staging/bank", limit: "/ledger/staging/limit" };

const call = { signal: new AbortController().signal, trace: unsampled() };

const environment = (variables: Readonly<Record<string, string>>) => ({
  AWS_REGION: "eu-central-1",
  SECRETS: JSON.stringify({ ...NAMES, absent: "ledger/staging/absent" }),
  ...variables,
});

describe("secrets on this machine", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "secrets-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const fileOf = async (text: string): Promise<string> => {
    const file = join(folder, "values.json");
    await writeFile(file, text);
    return file;
  };

  it("are those of the file, and made up where it has none", async () => {
    expect(await localSecrets(NAMES, undefined)).to.deep.equal({
      "ledger/staging/bank": "made-up value of bank",
      "/ledger/staging/limit": "made-up value of limit",
    });
    expect(await localSecrets(NAMES, await fileOf('{ "bank": "mine" }'))).to.include({
      "ledger/staging/bank": "mine",
      "/ledger/staging/limit": "made-up value of limit",
    });
  });

  for (const [what, text, said] of [
    ["no JSON, without repeating it", '{ "bank": pass', /holds no JSON object$/],
    ["a list", '["a"]', /holds no JSON object$/],
    ["a number", '{ "bank": 1 }', /bank is no text$/],
    [
      "a key that the config does not have",
      '{ "bnak": "a" }',
      /bnak is no key of the config's secrets, which has bank, limit$/,
    ],
  ] as const) {
    it(`refuse a file with ${what}`, async () => {
      const file = await fileOf(text);
      const error: unknown = await localSecrets(NAMES, file).catch((error: unknown) => error);
      expect(error).to.be.instanceOf(Refused);
      expect((error as Refused).problem)
        .to.match(said)
        .and.not.contain("pass");
      expect((error as Refused).remedy).to.be.a("string");
    });
  }

  it("are served to the handler's own way of reading them", async () => {
    await withServedSecrets(await localSecrets(NAMES, undefined), async (variables) => {
      const secrets = awsSecrets(environment(variables));
      expect(await secrets.secret("bank", call)).to.equal("made-up value of bank");
      expect(await secrets.secret("limit", call)).to.equal("made-up value of limit");
      const error: unknown = await secrets.secret("absent", call).catch((error: unknown) => error);
      expect(String((error as Error).cause)).to.contain("does not exist");
    });
  });

  it("reach npm run invoke, and no line of what it prints", async function () {
    this.timeout(60_000);
    const project = join(folder, "project");
    copyProjectTo(project);
    await symlink(join(PROJECT_ROOT, "node_modules"), join(project, "node_modules"));
    const config = { ...testConfig("staging").stackValues, "ledger-api:secrets": NAMES };
    await writeFile(join(project, "Pulumi.yaml"), testProjectFile());
    await writeFile(join(project, "Pulumi.staging.yaml"), stringify({ config }));
    const fixture = '"../test/bundle/fixtures/secret-handler.ts"';
    await writeFile(join(project, "function/handler.ts"), `export { handler } from ${fixture};\n`);
    // As docs/options.md tells whoever uses secrets.
    const bundle = join(project, "infra/function/bundle.ts");
    const budget = (await readFile(bundle, "utf8")).replace(
      /HANDLER_BUDGET_BYTES = [^;]+;/,
      "HANDLER_BUDGET_BYTES = 22 * 1024;",
    );
    await writeFile(bundle, budget);
    const event = join(folder, "event.json");
    await writeFile(event, '{ "key": "bank", "and": "log" }');
    const { all, exitCode } = await execa(
      process.execPath,
      [
        "--no-warnings",
        "local/invoke.ts",
        event,
        "--secrets",
        await fileOf('{"bank":"a local one"}'),
      ],
      { cwd: project, env: { PATH: "" }, all: true, reject: false },
    );
    expect(exitCode, all).to.equal(0);
    expect(all).to.contain('"length": 11').and.contain("[secret]").and.not.contain("a local one");
  });
});

describe("secrets in the local cloud", () => {
  const account = useEmulator();

  it("are there for the handler, also after they were put again", async () => {
    for (const bank of ["first value", "second value"]) {
      const values = { "ledger/staging/bank": bank, "/ledger/staging/limit": "a hundred" };
      await putSecrets(values, account().environment);
      const secrets = awsSecrets(environment(account().environment));
      expect(await secrets.secret("bank", call)).to.equal(bank);
      expect(await secrets.secret("limit", call)).to.equal("a hundred");
    }
  });
});
