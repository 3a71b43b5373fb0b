import { expect } from "chai";
import { readFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { variablesOf } from "../../ops/bootstrap/setup.ts";
import { ENGINE_VERSION } from "local-aws/engine/version.ts";
import { JOBS, TEXTS, WORKFLOWS } from "./support/workflows.ts";

interface PackageFile {
  readonly scripts: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

const ROOT = path.join(import.meta.dirname, "../..");
const { scripts, optionalDependencies } = JSON.parse(
  readFileSync(path.join(ROOT, "package.json"), "utf8"),
) as PackageFile;

const runs = JOBS.flatMap(([location, { steps }]) =>
  steps.flatMap(({ run }) => (run === undefined ? [] : [{ location, run }])),
);

/** The options of a command in all steps that start it, on its own line or gathered in `arguments`. */
const optionsGivenTo = (name: string): string[] =>
  runs
    .filter(({ run }) => run.includes(`ops/${name}.ts`) || run.includes(`npm run --silent ${name}`))
    .flatMap(({ run }) => run.split("\n"))
    .filter((line) => /\barguments\+?=|ops\/|npm run/.test(line))
    .map((line) => line.replace(/^.*(ops\/\w+\.ts|npm run --silent \w+ --) /, ""))
    .flatMap((line) => line.match(/--[a-z-]+/g) ?? []);

describe("workflows: commands", () => {
  it("call npm scripts that exist", () => {
    const called = runs.flatMap(({ run }) =>
      [...run.matchAll(/^\s*npm (?:run (?:--silent )?)?([\w:-]+)/gm)].map(([, name = ""]) => name),
    );
    expect(called).to.include.members(["test:all", "lint:workflows", "preview"]);
    expect([...Object.keys(scripts), "ci", "audit"]).to.include.members(called);
  });

  it("start a command without npm exactly as its npm script does", () => {
    const started = runs.flatMap(({ run }) =>
      [...run.matchAll(/^\s*exec (node ops\/([\w-]+)\.ts)\b/gm)].map(([, command, name]) => ({
        command,
        name,
      })),
    );
    expect(started).to.have.length.at.least(6);
    for (const { command, name = "" } of started) expect(scripts[name], name).to.equal(command);
  });

  for (const name of ["preview", "release", "rollback", "smoke"]) {
    it(`give ${name} only options that it knows`, async () => {
      const options = optionsGivenTo(name);
      const { stdout } = await execa(
        process.execPath,
        [scripts[name]?.replace(/^node /, "") ?? "", "--help"],
        { cwd: ROOT },
      );
      expect(options).to.include("--stack");
      expect(stdout.match(/--[a-z-]+/g)).to.include.members(options);
    });
  }

  it("use the Pulumi version and the Node version that the project is tested with", () => {
    const nodeVersions = new Set(Object.values(optionalDependencies));
    for (const [location, { steps }] of JOBS) {
      for (const { uses = "", with: inputs = {} } of steps) {
        if (uses.startsWith("pulumi/actions@")) {
          // Nothing else is asked of it: it installs, and the CLI itself is called.
          expect(inputs, location).to.deep.equal({ "pulumi-version": ENGINE_VERSION });
        }
        if (uses.startsWith("actions/setup-node@")) {
          expect([...nodeVersions], location).to.deep.equal([inputs["node-version"]]);
        }
      }
    }
  });

  it("need no variable that docs/workflows.md does not explain", () => {
    const docs = readFileSync(path.join(ROOT, "docs/workflows.md"), "utf8");
    const names = [...TEXTS.values()].flatMap((text) =>
      [...text.matchAll(/\bvars\.(\w+)/g)].map(([, name = ""]) => name),
    );
    expect(names).to.include("AWS_ROLE_ARN");
    for (const name of names) expect(docs).to.include(`\`${name}\``);
  });

  it("need no variable that bootstrap does not set, but for Pulumi Cloud's", () => {
    const location = { partition: "aws", region: "eu-west-1", accountId: "111111111111" };
    const set = ["staging", "production"].flatMap((environment) =>
      variablesOf(location, { serviceName: "lambda", environment }, "s3://state"),
    );
    const ofEnvironments = set.filter(({ environment }) => environment).map(({ name }) => name);
    const ofRepository = set.filter(({ environment }) => !environment).map(({ name }) => name);
    for (const [location, { environment, steps, ...job }] of JOBS) {
      const used = [...JSON.stringify({ steps, job }).matchAll(/\bvars\.(\w+)/g)].map(
        ([, name = ""]) => name,
      );
      // `X_STAGING || X`: the second is the shorthand of who sets variables by hand.
      const needed = used.filter(
        (name) => !used.some((other) => !environment && other.startsWith(`${name}_`)),
      );
      const known = [...(environment ? ofEnvironments : ofRepository), "PULUMI_ORGANIZATION"];
      if (needed.length > 0) expect(known, location).to.include.members([...new Set(needed)]);
    }
  });

  it("stop at the first failing command, also inside a pipe", () => {
    for (const [name, workflow] of WORKFLOWS) {
      // This spelling, and not the default, makes GitHub add -o pipefail.
      expect(workflow, name).to.have.nested.property("defaults.run.shell", "bash");
    }
  });
});
