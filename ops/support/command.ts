/**
 * What every command has in common: its options, its exit status and how it says that something is wrong.
 *
 * Exit status: 0 done, 1 refused or failed (one line with the remedy), 2 wrong usage.
 */
import { Command, CommanderError, Option } from "commander";
import { isRefusal, render } from "./refused.ts";

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
    .option("--json", "print one JSON document for machines")
    .helpOption("-h, --help", "show this help")
    .allowExcessArguments(false)
    .exitOverride()
    .addHelpText("after", `\nExample:\n  ${example}`);
}

/** Adds `--yes` to a command that asks. */
export const withConfirmation = (command: Command): Command =>
  command.option("-y, --yes", "do not ask before changing anything");

/**
 * Parses the arguments, runs the command's action and turns its end into an exit status.
 * A refusal is one line; anything unexpected keeps its stack trace, because it is a defect of ours.
 */
export async function run(command: Command, args = process.argv.slice(2)): Promise<void> {
  try {
    await command.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help was asked for and shown: exit status 0. Everything else of commander's is wrong usage.
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else if (isRefusal(error)) {
      console.error(`error: ${render(error)}`);
      process.exitCode = 1;
    } else {
      console.error(error);
      process.exitCode = 1;
    }
  }
}
