/** Brings a program up offline in a process of its own; the request comes as JSON on standard input. */
import "./compile-cache.ts";
import { text } from "node:stream/consumers";
import { resolveEngine } from "../engine/resolve.ts";
import { Refused } from "../support/command.ts";
import { openTerminal } from "../support/terminal.ts";
import type { UpRequest } from "./baseline.ts";
import { interruptible } from "./interrupt.ts";
import { runOperation } from "./operation.ts";

const request = JSON.parse(await text(process.stdin)) as UpRequest;
try {
  await interruptible(async (signal) => {
    const engine = await resolveEngine(openTerminal(), { signal });
    await runOperation({ kind: "up", engine, signal, ...request });
  });
} catch (error) {
  console.error(error instanceof Refused ? `error: ${error.message}` : error);
  process.exitCode = 1;
}
