/**
 * Which calls to AWS your own resources and commands need: what the proof of the roles expects beside the
 * template's own rows. A test prints the row that is missing, ready to paste here.
 * A newer version of the template leaves this folder alone.
 */
import type { CommandCall } from "../identity/tables/command-calls.ts";
import type { Program } from "../identity/support/program.ts";
import type { RowTable } from "../identity/support/rows.ts";

/** What the AWS provider calls for the resource types of infra/own/resources.ts, by type. */
export const OWN_PROVIDER_CALLS: RowTable = {};

/** What your own commands in ops call, and by whose rights. */
export const ownCommandCalls = (_program: Program): readonly CommandCall[] => [];
