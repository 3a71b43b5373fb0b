/** Looks for what is wrong with a stack, and says what to do: `npm run doctor`. Changes nothing. */
import { STSClient } from "@aws-sdk/client-sts";
import { parseSettings } from "../infra/settings/parse.ts";
import { apiCheck } from "./doctor/api.ts";
import type { Check, DoctorContext, Finding } from "./doctor/check.ts";
import { databaseCheck } from "./doctor/database.ts";
import { concurrencyCheck } from "./doctor/concurrency.ts";
import { gatesCheck } from "./doctor/gates.ts";
import { keyCheck } from "./doctor/key.ts";
import { identityCheck } from "./doctor/identity.ts";
import { releaseCheck } from "./doctor/release.ts";
import { sourcesCheck } from "./doctor/sources.ts";
import { checkConfig } from "./support/check-config.ts";
import { rawSettings } from "./support/stack-config.ts";
import { explaining } from "./support/aws.ts";
import { readCaller } from "./support/caller.ts";
import { PROJECT_ROOT } from "./support/project.ts";
import { command, type CommonOptions, run } from "./support/command.ts";
import { inLocalCloud } from "./support/pace.ts";
import { openTerminal } from "./support/terminal.ts";

/** Every part of the doctor, in the order of its report. */
const CHECKS: readonly Check[] = [
  identityCheck,
  gatesCheck,
  keyCheck,
  concurrencyCheck,
  databaseCheck,
  sourcesCheck,
  apiCheck,
  releaseCheck,
];

interface Report {
  readonly check: string;
  readonly findings: readonly Finding[];
}

const doctor = command(
  "doctor",
  "Looks for what is wrong with a stack, and says what to do. Changes nothing; exit status 1 when something does not work.",
  "npm run doctor -- --stack production",
).action(
  explaining(async ({ stack, json }: CommonOptions) => {
    const context = await openDoctor(stack);
    const terminal = openTerminal();
    const { accountId, region } = context.location;
    terminal.say(`stack ${stack} in ${region}, account ${accountId}`);
    const reports: Report[] = [];
    // No token of GitHub's ever comes to a local cloud.
    const checks = inLocalCloud() ? [databaseCheck, sourcesCheck, releaseCheck] : CHECKS;
    for (const { name, run } of checks) {
      terminal.live(`looking at: ${name}`, name);
      reports.push({ check: name, findings: await run(context) });
      terminal.quiet();
    }
    const errors = reports.flatMap(({ findings }) =>
      findings.filter(({ severity }) => severity === "error"),
    );
    console.log(json ? JSON.stringify({ stack, reports }, undefined, 2) : written(reports));
    if (errors.length > 0) process.exitCode = 1;
  }),
);

async function openDoctor(stack: string): Promise<DoctorContext> {
  const settings = parseSettings(rawSettings(checkConfig(PROJECT_ROOT, stack)));
  const { region } = settings;
  const { accountId, partition } = await readCaller(new STSClient({ region }));
  return {
    root: PROJECT_ROOT,
    stack,
    settings,
    location: { partition, region, accountId },
  };
}

function written(reports: readonly Report[]): string {
  return reports
    .flatMap(({ check, findings }) =>
      findings.length === 0
        ? [`${check}: all is well`]
        : findings.map(
            ({ severity, problem, remedy }) =>
              `${check}: ${severity}: ${problem}\n  remedy: ${remedy}`,
          ),
    )
    .join("\n");
}

await run(doctor);
