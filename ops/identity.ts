/** `npm run identity`: what only an administrator changes, planned, shown and applied by itself. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { APIGatewayClient } from "@aws-sdk/client-api-gateway";
import { IAMClient } from "@aws-sdk/client-iam";
import { STSClient } from "@aws-sdk/client-sts";
import { parseSettings } from "../infra/settings/parse.ts";
import { applyIdentity } from "./identity/apply.ts";
import { changeLine } from "./identity/changes.ts";
import { readIdentityChanges, refusalOf } from "./identity/check.ts";
import { openCli } from "./identity/cli.ts";
import {
  adoptLoggingRole,
  LOGGING_ROLE_NAME,
  loggingRoleText,
  needsLoggingRole,
  readLoggingRole,
} from "./identity/logging-role.ts";
import { readCaller } from "./support/caller.ts";
import { checkConfig } from "./support/check-config.ts";
import { rawSettings } from "./support/stack-config.ts";
import { command, type ConfirmedOptions, run, withConfirmation } from "./support/command.ts";
import { interruptible } from "./support/interrupt.ts";
import { PROJECT_ROOT } from "./support/project.ts";
import { confirmed, openTerminal } from "./support/terminal.ts";

interface Options extends ConfirmedOptions {
  readonly check?: string;
}

const identity = withConfirmation(
  command(
    "identity",
    "Show and apply what only an administrator changes: roles and who may take them, policies, the boundary, GitHub's provider, the dead-letter queue; and, where a REST API logs, the account's role for it if none is set. Everything else waits for the deployment. Needs an administrator's credentials of the stack's account and the stack's backend, as pulumi up does.",
    "npm run identity -- --stack production",
  ),
)
  .option(
    "--check <file>",
    "change nothing: end with status 1 when the plan in the file holds such changes; for pipelines",
  )
  .action(async ({ stack, json, yes, check }: Options) => {
    if (check !== undefined) {
      const changes = await readIdentityChanges(check);
      if (json) console.log(JSON.stringify({ stack, changes }, undefined, 2));
      else for (const change of changes) console.log(changeLine(change));
      if (changes.length > 0) throw refusalOf(stack, changes);
      if (!json) console.log(`the plan of ${stack} holds nothing that an administrator makes`);
      return;
    }
    await interruptible(async (signal) => {
      const terminal = openTerminal();
      const scratch = await mkdtemp(join(tmpdir(), "identity-"));
      try {
        const result = await applyIdentity({
          stack,
          terminal,
          scratch,
          signal,
          pulumi: await openCli({ root: PROJECT_ROOT, terminal, signal }),
          confirm: (question) => confirmed(question, yes),
        });
        const loggingRole = await adoptForStack(stack, yes, signal);
        if (loggingRole) terminal.say(loggingRole.text);
        const whole = { ...result, ...(loggingRole && { loggingRole: loggingRole.role }) };
        console.log(json ? JSON.stringify(whole, undefined, 2) : result.summary);
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    });
  });

/** The account's role by which a REST API logs: set where there is none, and no part of the stack. */
async function adoptForStack(stack: string, yes: Options["yes"], signal: AbortSignal) {
  const settings = parseSettings(rawSettings(checkConfig(PROJECT_ROOT, stack)));
  if (!needsLoggingRole(settings)) return undefined;
  const { region } = settings;
  const clients = {
    apiGateway: new APIGatewayClient({ region }),
    iam: new IAMClient({ region }),
  };
  const { accountId, partition } = await readCaller(new STSClient({ region }));
  const location = { partition, region, accountId };
  if ((await readLoggingRole(clients.apiGateway)) === undefined) {
    await confirmed(
      `Make the role ${LOGGING_ROLE_NAME}, by which API Gateway logs for all APIs of account ${accountId} in ${region}?`,
      yes,
    );
  }
  const role = await adoptLoggingRole(clients, location, { signal });
  return { role, text: loggingRoleText(location, role) };
}

await run(identity);
