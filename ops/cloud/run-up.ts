/**
 * Runs `pulumi up` on the local cloud in a process of its own, because a program is evaluated once a process.
 * The request comes as JSON on standard input, the outcome goes as JSON to standard output.
 */
import { text } from "node:stream/consumers";
import { resolveEngine } from "../engine/resolve.ts";
import { interruptible } from "../offline/interrupt.ts";
import { runOperation } from "../offline/operation.ts";
import { Refused } from "../support/command.ts";
import { openTerminal } from "../support/terminal.ts";
import { isMade } from "./backend.ts";
import type { UpOutcome, UpRequest } from "./up.ts";

const request = JSON.parse(await text(process.stdin)) as UpRequest;
try {
  await interruptible(async (signal) => {
    const engine = await resolveEngine(openTerminal());
    const { plan } = await runOperation({ kind: "up", engine, signal, ...request });
    // Components and the provider itself are nothing that a cloud could hold.
    const own = plan.resources.filter(({ urn }) => typeOf(urn).startsWith("aws:"));
    const outcome: UpOutcome = {
      outputs: plan.outputs,
      summary: plan.summary,
      made: own.filter(({ urn }) => isMade(typeOf(urn))).length,
      standIns: own.filter(({ urn }) => !isMade(typeOf(urn))).length,
    };
    process.stdout.write(JSON.stringify(outcome));
  });
} catch (error) {
  console.error(error instanceof Refused ? `error: ${error.message}` : error);
  process.exitCode = 1;
}

/** The type on the wire, for example `aws:sqs/queue:Queue`. */
function typeOf(urn: string): string {
  const [, , types = ""] = urn.split("::");
  return types.split("$").pop() ?? types;
}
