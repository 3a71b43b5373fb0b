import { InvalidArgumentError } from "commander";

/** Reads a version's number from the command line; anything else is wrong usage. */
export function versionNumber(text: string): string {
  if (/^[1-9]\d*$/.test(text)) return text;
  throw new InvalidArgumentError("It must be the number of a version, for example 7.");
}
