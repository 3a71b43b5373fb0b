import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { command, run, withoutNpm } from "../../../ops/support/command.ts";
import { PROJECT_ROOT } from "../../../ops/support/project.ts";
import { Refused } from "../../../ops/support/refused.ts";
import { start } from "../../support/command.ts";
import { type Answer, ask } from "../../support/host.ts";

const { scripts } = JSON.parse(readFileSync(path.join(PROJECT_ROOT, "package.json"), "utf8")) as {
  scripts: Readonly<Record<string, string>>;
};

/** Every script that is a command of ours: its name, its file and what it is always given. */
const COMMANDS = Object.entries(scripts)
  .filter(([, script]) => /^node (ops|local|tools)\//.test(script))
  .map(([name, script]) => [name, ...script.split(" ").slice(1)] as const);

/** Runs a command as documented for machines. */
const documented = (name: string, ...args: string[]) =>
  start("npx", [...withoutNpm(name).split(" ").slice(1), ...args], { cwd: PROJECT_ROOT });

describe("every command", function () {
  this.timeout(120_000);
  let helps: readonly Answer[];

  before(async () => {
    helps = await ask(COMMANDS.map(([, file = "", ...args]) => [file, ...args, "--help"]));
  });

  for (const [index, [name]] of COMMANDS.entries()) {
    it(`has help that shows an example, and how machines run it: ${name}`, () => {
      const { exitCode, stdout = "" } = helps[index] ?? {};

      expect(exitCode).to.equal(0);
      expect(stdout)
        .to.match(/^Usage: /)
        .and.not.match(/default: (null|\{\}|\[\])/);
      const text = stdout.replaceAll(/\s+/g, " ");
      expect(text).to.contain(`Example: npm run ${name}`);
      if (text.includes("--json")) expect(text).to.contain(`${withoutNpm(name)} --json`);
    });
  }

  it("ends wrong usage with 2, and points to its help", async () => {
    const wrong = [["--no-such-option"], ["superfluous"], ["--stack"]];
    const answers = await ask(wrong.map((args) => ["ops/stack-trace.ts", "README.md", ...args]));
    for (const { exitCode, stdout, stderr } of answers) {
      expect(exitCode, stderr).to.equal(2);
      expect(stdout).to.equal("");
      expect(stderr).to.match(/^error: .+\nsee: npm run stack-trace -- --help$/);
    }
  });

  it("writes JSON alone when it is run as documented", async () => {
    const { stdout, stderr, exitCode } = await documented("stack-trace", "--json", "README.md");

    expect(exitCode).to.equal(0);
    expect(stderr).not.to.contain("banner");
    expect(JSON.parse(stdout)).to.include.keys("mapped", "foreign");
  });

  it("says so when npm has written a banner before the JSON", async () => {
    const { stdout, stderr } = await start(
      "npm",
      ["run", "stack-trace", "--", "--json", "README.md"],
      { cwd: PROJECT_ROOT, env: { npm_config_loglevel: "notice", npm_command: "" } },
    );

    expect(() => JSON.parse(stdout) as unknown).to.throw();
    expect(stderr).to.contain("run it as: npx node ops/stack-trace.ts --json");
  });
});

describe("the end of a command", () => {
  let said: unknown[];
  const { error } = console;
  const { exitCode } = process;
  beforeEach(() => {
    said = [];
    console.error = (text: unknown) => void said.push(text);
  });
  afterEach(() => {
    console.error = error;
    process.exitCode = exitCode;
  });

  const ends = async (failure: unknown): Promise<unknown> => {
    const failing = command("logs", "Fails.", "none").action(() => {
      throw failure;
    });
    await run(failing, []);
    expect(process.exitCode).to.equal(1);
    expect(said).to.have.length(1);
    return said[0];
  };

  it("is one line for a refusal", async () => {
    expect(await ends(new Refused("the value is wrong", "correct it"))).to.equal(
      "error: the value is wrong; correct it",
    );
  });

  it("is one line for whatever AWS answers", async () => {
    const failure = Object.assign(new Error("1 validation error\ndetected: x"), {
      name: "InvalidParameterException",
      $fault: "client",
      $metadata: { httpStatusCode: 400, requestId: "r-1" },
    });
    expect(await ends(failure)).to.equal(
      "error: InvalidParameterException: 1 validation error detected: x (request r-1)",
    );
  });

  it("is one line for whatever the network answers", async () => {
    for (const code of ["ECONNRESET", "ETIMEDOUT", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"]) {
      said = [];
      const failure = Object.assign(new Error("socket hang up"), { code });
      expect(await ends(failure)).to.equal(`error: ${code}: socket hang up`);
    }
  });

  it("keeps the stack of a defect", async () => {
    const defect = new TypeError("x is not a function");
    expect(await ends(defect)).to.equal(defect);
    said = [];
    const ofNode = Object.assign(new TypeError("bad"), { code: "ERR_INVALID_ARG_TYPE" });
    expect(await ends(ofNode)).to.equal(ofNode);
  });
});
