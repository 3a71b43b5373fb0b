/**
 * For the workflow deploy: releases the functions beside the service's own, one after the other, and calls each. A
 * function whose version serves already is left as it is. Where there are none, it does nothing. On stdout is what became
 * of them, as JSON.
 *
 *   node ops/pipeline/release-functions.ts --stack staging --time-limit 58
 *
 * Where that came to a violent end, `--unfinished` sends back what it was about to release.
 */
import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { functionsFault, functionsMarkdown, releaseFunctions } from "../release/functions.ts";
import { releaseStack } from "../release/run.ts";
import { rollBackStack } from "../rollback/run.ts";
import { smokeStack } from "../smoke/run.ts";
import { openStackAccount } from "../support/aws.ts";
import { functionNames, outputsOf } from "../support/function-outputs.ts";
import { onInterrupt } from "../support/interrupt.ts";
import { minuteMs } from "../support/pace.ts";
import { isRefusal, render } from "../support/refused.ts";
import type { Session } from "../support/session.ts";
import { readStackOutputs } from "../support/stack-outputs.ts";
import { openTerminal } from "../support/terminal.ts";

const { values } = parseArgs({
  options: {
    stack: { type: "string", default: "" },
    /** Minutes for all functions together. Default: no limit. */
    "time-limit": { type: "string", default: "" },
    retry: { type: "boolean", default: false },
    reason: { type: "string", default: "" },
    unfinished: { type: "boolean", default: false },
  },
});

async function main(): Promise<void> {
  const startedMs = performance.now();
  const outputs = await readStackOutputs(values.stack);
  const names = functionNames(outputs);
  if (names.length === 0) {
    console.error("nothing to do: the service has one function");
    console.log(JSON.stringify({ fault: null, outcomes: [] }));
    return;
  }
  const clients = await openStackAccount(outputs);
  const terminal = openTerminal();
  const interrupted = onInterrupt();
  const run = `run ${process.env["GITHUB_RUN_ID"] ?? "by hand"}`;
  const sessionOf = (name: string): Session => ({
    clients,
    outputs: outputsOf(outputs, name),
    terminal,
    minuteMs: minuteMs(),
    interrupted,
  });
  if (values.unfinished) {
    for (const name of names) {
      const reason = `${run}: the release of ${name} did not come to its end`;
      const back = { ifUnfinished: true, reason, yes: true } as const;
      console.log(`${name}: ${(await rollBackStack(sessionOf(name), back)).summary}`);
    }
    return;
  }
  const outcomes = await releaseFunctions(names, {
    release: (name) => {
      terminal.say(`function ${name}`);
      const spentMinutes = Math.ceil((performance.now() - startedMs) / 60_000);
      return releaseStack(sessionOf(name), {
        yes: true,
        ...(values["time-limit"] && { timeLimit: Number(values["time-limit"]) - spentMinutes }),
        ...(values.retry && { retry: true }),
        ...(values.reason && { reason: values.reason }),
      });
    },
    call: (name) => smokeStack(clients, outputsOf(outputs, name)),
    rollBack: (name, to) => {
      const reason = `${run}: the call after the release of ${name} failed`;
      // Also after an interruption, which has ended what came before.
      const session = { ...sessionOf(name), interrupted: new AbortController().signal };
      return rollBackStack(session, { to, reason, yes: true });
    },
  });
  const summary = process.env["GITHUB_STEP_SUMMARY"];
  if (summary) appendFileSync(summary, functionsMarkdown(values.stack, outcomes));
  for (const { name, lines } of outcomes)
    for (const line of lines) terminal.say(`${name}: ${line}`);
  const fault = functionsFault(outcomes);
  console.log(JSON.stringify({ fault: fault ?? null, outcomes }));
  if (fault === undefined) return;
  console.error(`error: ${fault}`);
  process.exitCode = 1;
}

await main().catch((error: unknown) => {
  if (!isRefusal(error)) throw error;
  console.error(`error: ${render(error)}`);
  process.exitCode = 1;
});
