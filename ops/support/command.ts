/**
 * What every command has in common: its options, its exit status and how it says that something is wrong.
 *
 * Exit status: 0 done, 1 refused or failed (one line with the remedy), 2 wrong usage.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { PROJECT_ROOT } from "./project.ts";
import { isRefusal, type Refusal, render } from "./refused.ts";

/** Options that every command takes. */
export interface CommonOptions {
  /** Stack to work on. */
  readonly stack: string;
  /** Print one JSON document instead of text. */
  readonly json?: true;
}

/** Options of commands that ask before they change something. */
export interface ConfirmedOptions extends CommonOptions {
  /** Do not ask. */
  readonly yes?: true;
}

/** A command with the common options: name, one sentence, and an example that its help shows. */
export function command(name: string, description: string, example: string): Command {
  return new Command(`npm run ${name} --`)
    .description(description)
    .addOption(new Option("-s, --stack <name>", "stack to work on").default("staging"))
    .option("--json", `print one JSON document; for machines: ${withoutNpm(name)} --json`)
    .helpOption("-h, --help", "show this help")
    .allowExcessArguments(false)
    .exitOverride()
    .addHelpText("after", `\nExample:\n  ${example}`);
}

/**
 * How a script is run so that nothing but its own output is on stdout: `npm run` writes a banner there first.
 * `npx` has none, and finds the Node that the project brings.
 */
export function withoutNpm(name: string): string {
  const { scripts } = JSON.parse(readFileSync(join(PROJECT_ROOT, "package.json"), "utf8")) as {
    scripts: Readonly<Record<string, string>>;
  };
  return `npx ${scripts[name] ?? name}`;
}

/** An option in the help, with its default where that says something. */
function describeOption({
  description,
  argChoices,
  defaultValue,
  defaultValueDescription,
}: Option) {
  const shown = defaultValueDescription ?? JSON.stringify(defaultValue);
  const extra = [
    argChoices && `choices: ${argChoices.join(", ")}`,
    // No limit, nothing yet: not worth a word.
    ![undefined, "null", "false", "{}", "[]", '""'].includes(shown) && `default: ${shown}`,
  ].filter(Boolean);
  return extra.length > 0 ? `${description} (${extra.join("; ")})` : description;
}

/** Adds `--yes` to a command that asks. */
export const withConfirmation = (command: Command): Command =>
  command.option("-y, --yes", "do not ask before changing anything");

/**
 * Parses the arguments, runs the command's action and turns its end into an exit status.
 * A refusal is one line, and so is what AWS or the network answers; anything else keeps its stack trace, because
 * it is a defect of ours.
 */
export async function run(command: Command, args = process.argv.slice(2)): Promise<void> {
  command
    .configureHelp({ optionDescription: describeOption })
    .showHelpAfterError(`see: ${command.name().replace(/ --$/, "")} -- --help`);
  command.hook("preAction", (_, called) => {
    if (called.opts()["json"]) warnOfBanner(called.name());
  });
  try {
    await command.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help was asked for and shown: exit status 0. Everything else of commander's is wrong usage.
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    const refusal = isRefusal(error) ? error : fromOutside(error);
    console.error(refusal ? `error: ${render(refusal)}` : error);
    process.exitCode = 1;
  }
}

/** Whoever parses the output learns why it is no JSON. */
function warnOfBanner(usage: string): void {
  const {
    npm_command: npm,
    npm_lifecycle_event: script = "",
    npm_config_loglevel: level,
  } = process.env;
  // `npx` is a command of npm's too, and writes no banner.
  if (npm === undefined || npm === "exec" || level === "silent" || process.stdout.isTTY) return;
  console.error(
    `note: npm has written a banner before this JSON; run it as: ${withoutNpm(usage.split(" ")[2] ?? script)} --json`,
  );
}

/** The answer of AWS, or of the network, that nothing before had a word for. */
function fromOutside(error: unknown): Refusal | undefined {
  if (!(error instanceof Error)) return undefined;
  const { $metadata, $fault, code, syscall } = error as Error & {
    $metadata?: { readonly requestId?: string };
    $fault?: unknown;
    code?: unknown;
    syscall?: unknown;
  };
  const fromAws = $metadata !== undefined || $fault !== undefined;
  const fromNetwork =
    typeof code === "string" &&
    (syscall !== undefined ||
      /^(E[A-Z]+|ERR_TLS_\w+|CERT_\w+|UNABLE_TO_\w+|DEPTH_\w+|SELF_SIGNED\w*)$/.test(code));
  if (!fromAws && !fromNetwork) return undefined;
  const message = error.message.replaceAll(/\s*\n\s*/g, " ").trim() || "no message";
  const id = $metadata?.requestId === undefined ? "" : ` (request ${$metadata.requestId})`;
  return { problem: `${error.name === "Error" ? String(code) : error.name}: ${message}${id}` };
}
