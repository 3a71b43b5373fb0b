/** `npm run smoke`: the smoke events against the alias or a version, once each. */
import { smokeStack, type SmokeReport } from "./smoke/run.ts";
import { explaining } from "./support/aws.ts";
import { command, type CommonOptions, run } from "./support/command.ts";
import { type FunctionOptions, withFunction } from "./support/function-outputs.ts";
import { openSession } from "./support/session.ts";
import { versionNumber } from "./support/version-argument.ts";

interface Options extends CommonOptions, FunctionOptions {
  readonly version?: string;
}

const smoke = withFunction(
  command(
    "smoke",
    "Call the service with the smoke events and check the answers. The calls are synthetic and count in no business metric.",
    "npm run smoke -- --stack staging --version 7",
  ),
)
  .option("--version <number>", "call this version instead of the alias", versionNumber)
  .action(
    explaining(async ({ stack, function: name, version, json }: Options) => {
      const { clients, outputs } = await openSession(stack, { deaf: true, function: name });
      const report = await smokeStack(clients, outputs, version);
      if (json) console.log(JSON.stringify(report, undefined, 2));
      else print(report);
      if (!report.passed) process.exitCode = 1;
    }),
  );

function print({ calls, summary }: SmokeReport): void {
  for (const { name, fault, durationMs } of calls) {
    console.log(`${fault === null ? "ok   " : "FAIL "} ${fault ?? name} (${durationMs} ms)`);
  }
  console.log(summary);
}

await run(smoke);
