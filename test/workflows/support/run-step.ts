/** Runs a step's script as the runner does, with stand-ins for the tools that it calls. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execaSync } from "execa";
import { start } from "../../support/command.ts";
import { stepAt } from "./workflows.ts";

/** What the scripts need beside bash, as the runner's image has it. */
const TOOLS = ["bash", "jq", "sha256sum", "cmp"];

/** The tools that this machine lacks; without one the scripts cannot be run. */
export const missingTools = (): string[] =>
  TOOLS.filter((tool) => execaSync(tool, ["--version"], { reject: false }).failed);

/** The log that each stand-in writes its name and arguments to, each ended by one character, and one more at the end. */
const LOG = "calls";
const END = "\u001f";
const CALL_END = `\u001e${END}`;

/** Without a process of its own, of which there would be hundreds, and in one write: calls of a pipe run side by side. */
const RECORD = `printf '%s\\x1f' "\${0##*/}" "$@" $'\\x1e' >> "$CALLS"`;

export interface Result {
  readonly exitCode: number | undefined;
  /** Process id of the shell that ran the script. */
  readonly pid: number | undefined;
  readonly output: string;
  readonly summary: string;
  readonly outputs: string;
  /** What was called with which arguments, in order. */
  readonly calls: readonly (readonly string[])[];
}

/** A folder with stand-ins on its own PATH, in which steps are run. */
export class Sandbox {
  readonly folder = mkdtempSync(path.join(tmpdir(), "workflow-step-"));

  constructor() {
    mkdirSync(path.join(this.folder, "bin"));
    mkdirSync(path.join(this.folder, "temp"));
  }

  /** Adds a stand-in for a tool: it records its arguments, then runs the script. */
  tool(name: string, script = ""): this {
    const file = path.join(this.folder, "bin", name);
    writeFileSync(file, `#!/usr/bin/env bash\n${RECORD}\n${script}\n`);
    chmodSync(file, 0o755);
    return this;
  }

  /** Lets a tool be the real one, with one of this project's folders beside it. */
  real(name: string, folder: string): this {
    const link = path.join(this.folder, folder);
    if (!existsSync(link)) {
      mkdirSync(path.dirname(link), { recursive: true });
      symlinkSync(path.resolve(folder), link);
    }
    rmSync(path.join(this.folder, "bin", name), { force: true });
    return this;
  }

  /** Whether there is such a file or folder below the folder. */
  exists(name: string): boolean {
    return existsSync(path.join(this.folder, name));
  }

  /** Writes a file below the folder. */
  write(name: string, text: string): this {
    const file = path.join(this.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return this;
  }

  /** The text of a file below the folder; empty when there is none. */
  read(name: string): string {
    try {
      return readFileSync(path.join(this.folder, name), "utf8");
    } catch {
      return "";
    }
  }

  /** Runs one step of the workflows here. */
  async run(location: string, name: string, env: Record<string, string> = {}): Promise<Result> {
    return this.script(stepAt(location, name).run ?? "", env);
  }

  /** Runs a script. */
  async script(text: string, env: Record<string, string> = {}): Promise<Result> {
    this.write("step.sh", text).write(LOG, "").write("summary.md", "");
    const at = (file: string) => path.join(this.folder, file);
    const { NODE_COMPILE_CACHE } = process.env;
    const child = start("bash", ["--noprofile", "--norc", "-eo", "pipefail", "step.sh"], {
      cwd: this.folder,
      extendEnv: false,
      env: {
        PATH: `${at("bin")}${path.delimiter}${process.env["PATH"] ?? ""}`,
        CALLS: at(LOG),
        ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }),
        GITHUB_ACTOR: "octocat",
        GITHUB_OUTPUT: at("outputs.txt"),
        GITHUB_REPOSITORY: "acme/service",
        GITHUB_RUN_ID: "42",
        GITHUB_SERVER_URL: "https://github.com",
        GITHUB_SHA: "0123456789abcdef",
        GITHUB_STEP_SUMMARY: at("summary.md"),
        GITHUB_WORKFLOW: "deploy",
        RUNNER_TEMP: at("temp"),
        STACK: "production",
        ...env,
      },
    });
    const { exitCode, all: output } = await child;
    return {
      exitCode,
      pid: child.pid,
      output,
      summary: this.read("summary.md"),
      outputs: this.read("outputs.txt"),
      calls: this.read(LOG)
        .split(CALL_END)
        .slice(0, -1)
        .map((call) => call.split(END).slice(0, -1)),
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
