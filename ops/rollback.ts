/** `npm run rollback`: sends all traffic back to a version that worked, at once. */
import type { RollbackOptions } from "./rollback/plan.ts";
import { rollBackStack } from "./rollback/run.ts";
import { explaining } from "./support/aws.ts";
import { command, type ConfirmedOptions, run, withConfirmation } from "./support/command.ts";
import { type FunctionOptions, withFunction } from "./support/function-outputs.ts";
import { openSession } from "./support/session.ts";
import { versionNumber } from "./support/version-argument.ts";

interface Options extends ConfirmedOptions, FunctionOptions, RollbackOptions {
  readonly reason: string;
}

const rollback = withFunction(
  withConfirmation(
    command(
      "rollback",
      "Send all traffic back to the last version that was judged good, at once. Stops an active release first. The version that is left is recorded as bad, so that no release picks it again.",
      'npm run rollback -- --stack production --reason "orders fail since 14:02"',
    ),
  ),
)
  .requiredOption("--reason <text>", "why; recorded with the version that is left")
  .option("--to <version>", "version to go to instead", versionNumber)
  .option(
    "--if-unfinished",
    "do nothing unless the version deployed last gets traffic and has not passed its release; for pipelines",
  )
  .action(
    explaining(async (options: Options) => {
      const result = await rollBackStack(await openSession(options.stack, options), options);
      console.log(options.json ? JSON.stringify(result, undefined, 2) : result.summary);
    }),
  );

await run(rollback);
