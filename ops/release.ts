/** `npm run release`: moves the alias to the version that the last `pulumi up` published. */
import { appendFile } from "node:fs/promises";
import { InvalidArgumentError, Option } from "commander";
import type { ReleaseOptions } from "./release/plan.ts";
import { markdownOf } from "./release/report.ts";
import { type ReleaseResult, releaseStack } from "./release/run.ts";
import { explaining } from "./support/aws.ts";
import { command, type ConfirmedOptions, run, withConfirmation } from "./support/command.ts";
import { type FunctionOptions, withFunction } from "./support/function-outputs.ts";
import { openSession } from "./support/session.ts";

interface Options extends ConfirmedOptions, FunctionOptions, ReleaseOptions {
  readonly reason?: string;
  readonly timeLimit?: number;
  /** Had a meaning before releases were judged by alarms of their own. */
  readonly overrideAlarms?: true;
  readonly markdown?: string;
}

const release = withFunction(
  withConfirmation(
    command(
      "release",
      "Move traffic to the version that was deployed last: judged by the pre-traffic hook and a canary, and back by itself when it fails. Interrupted, it goes back; run again, it goes on.",
      "npm run release -- --stack production",
    ),
  ),
)
  .option(
    "--retry",
    "release a version that has failed before, or judge one again that nothing has judged (needs --reason)",
  )
  .option("--follow", "follow the active deployment, whatever it moves to")
  .option("--reason <text>", "why; recorded in the deployment and in the report")
  .option(
    "--time-limit <minutes>",
    "what the surroundings allow: a release that can take longer is refused before it begins",
    minutes,
  )
  .addOption(new Option("--override-alarms").hideHelp())
  .option("--markdown <file>", "append the report as Markdown to a file")
  .action(
    explaining(async (options: Options) => {
      if (options.overrideAlarms) {
        console.error(
          "--override-alarms is not needed: only alarms on the calls of the new version judge it",
        );
      }
      await report(options, await releaseStack(await openSession(options.stack, options), options));
    }),
  );

function minutes(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) {
    throw new InvalidArgumentError("must be a whole number of minutes above 0");
  }
  return Number(text);
}

/** Says what is true now, to people or machines, and fails where it is not what was asked for. */
async function report({ json, markdown }: Options, result: ReleaseResult): Promise<void> {
  const text = "deploymentId" in result ? markdownOf(result) : `${result.summary}\n`;
  for (const file of [markdown, process.env["GITHUB_STEP_SUMMARY"]]) {
    if (file) await appendFile(file, text);
  }
  console.log(json ? JSON.stringify(result, undefined, 2) : result.summary);
  if (result.verdict !== "released" && result.verdict !== "nothing to do") process.exitCode = 1;
}

await run(release);
