/** Plans, shows and applies the identity of a stack by the Pulumi CLI. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Refused } from "../support/refused.ts";
import type { Terminal } from "../support/terminal.ts";
import { count } from "../support/words.ts";
import {
  type Change,
  changeLine,
  changes,
  identityChanges,
  isIdentity,
  isWithin,
  type PlanDocument,
  typeOf,
} from "./changes.ts";

/** The Pulumi CLI on one project and backend. */
export interface PulumiCli {
  /** Runs it quietly. */
  read(args: readonly string[], signal: AbortSignal): Promise<CliResult>;
  /** Runs it for all to see. */
  show(args: readonly string[], signal: AbortSignal): Promise<{ readonly failed: boolean }>;
}

export interface CliResult {
  readonly failed: boolean;
  /** What it printed. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface IdentityOptions {
  readonly stack: string;
  readonly pulumi: PulumiCli;
  readonly terminal: Terminal;
  /** Folder for the plan between showing and applying it; the caller removes it. */
  readonly scratch: string;
  /** Asks; rejects with `Refused` when the answer is no. */
  readonly confirm: (question: string) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface IdentityResult {
  readonly stack: string;
  readonly changes: readonly Change[];
  /** One sentence that says what is true now. */
  readonly summary: string;
}

/**
 * Shows what the program changes of the identity, asks, and applies exactly that. Everything else of the plan
 * waits for the deployment.
 */
export async function applyIdentity(options: IdentityOptions): Promise<IdentityResult> {
  const { stack, pulumi, terminal, scratch, confirm, signal } = options;
  terminal.live(`planning ${stack} …`, "planning");
  const plan = await planOf(options, join(scratch, "all.plan.json"));
  terminal.quiet();
  const found = identityChanges(plan);
  if (found.length === 0) {
    return {
      stack,
      changes: [],
      summary: `the identity of ${stack} is as the program says; nothing to apply`,
    };
  }
  refuseToStrand(stack, plan, found);

  terminal.say(`${count(found.length, "change")} of the identity of ${stack}:`);
  for (const change of found) terminal.say(`  ${changeLine(change)}`);
  const file = join(scratch, "identity.plan.json");
  const targets = targetsOf(plan, found);
  const shown = await pulumi.show(
    ["preview", "--stack", stack, "--diff", "--save-plan", file, ...targets],
    signal,
  );
  stopIfInterrupted(signal);
  if (shown.failed) {
    throw new Refused(
      `the identity of ${stack} cannot be planned by itself, for the reason above`,
      `correct it, or apply the whole program as an administrator: pulumi up --stack ${stack}`,
    );
  }
  await confirm(`Apply ${count(found.length, "change")} of the identity of ${stack}?`);
  const applied = await pulumi.show(
    ["up", "--stack", stack, "--yes", "--skip-preview", "--plan", file, ...targets],
    signal,
  );
  stopIfInterrupted(signal);
  if (applied.failed) {
    throw new Refused(
      `the identity of ${stack} is only partly applied, for the reason above`,
      `when it is corrected, run this again: npm run identity -- --stack ${stack}`,
    );
  }
  const waiting = changes(plan).length - found.length;
  return {
    stack,
    changes: found,
    summary: `the identity of ${stack} is as the program says; ${
      waiting === 0
        ? "nothing else waits"
        : `${count(waiting, "other change")} of the plan can be deployed now`
    }`,
  };
}

/** The whole plan, unseen: by the same file that a pipeline's plan is handed over in. */
async function planOf(
  { stack, pulumi, signal }: IdentityOptions,
  file: string,
): Promise<PlanDocument> {
  const { failed, stdout, stderr } = await pulumi.read(
    ["preview", "--stack", stack, "--save-plan", file],
    signal,
  );
  stopIfInterrupted(signal);
  if (!failed) return JSON.parse(await readFile(file, "utf8")) as PlanDocument;
  const reason = `${stdout}\n${stderr}`
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line.startsWith("error:"));
  throw new Refused(
    `stack ${stack} cannot be planned: ${reason?.slice("error:".length).trim() ?? "pulumi said nothing"}`,
    `see all of it with: pulumi preview --stack ${stack}`,
  );
}

/** A role is lent to what is there: the identity of a stack that was never deployed is all of it. */
function refuseToStrand(stack: string, plan: PlanDocument, found: readonly Change[]): void {
  const all = changes(plan);
  if (
    all.every(({ op }) => op === "create") &&
    all.some(({ urn }) => urn.includes("pulumi:pulumi:Stack::"))
  ) {
    throw new Refused(
      `stack ${stack} was never deployed, so it has no identity to change`,
      `set it up first: npm run bootstrap -- --stack ${stack}`,
    );
  }
  // The right to delete something goes with it: without that right, the deployment could not delete it.
  const whole = `apply it whole, as an administrator: pulumi up --stack ${stack}`;
  const deleted = all.filter(({ op, urn }) => op === "delete" && !isIdentity(urn));
  const changesRight = (ending: string, ...ops: readonly string[]): boolean =>
    found.some(({ op, urn }) => ops.includes(op) && urn.endsWith(ending));
  if (
    changesRight("-deploy-network", "delete") &&
    deleted.some(({ urn }) => typeOf(urn).startsWith("aws:ec2/"))
  ) {
    throw new Refused(
      `the plan of ${stack} deletes a network, and the deploy role's right to delete it, at once`,
      whole,
    );
  }
  const goes = all.find(
    ({ op, urn }) => op === "delete" && typeOf(urn) === "lambda-service:infra:Function",
  );
  if (goes !== undefined && changesRight("identity-service", "update")) {
    throw new Refused(
      `the plan of ${stack} deletes a function (${changeLine(goes)}), and the deploy role's right to delete it, at once`,
      whole,
    );
  }
  const [first] = deleted;
  const ofOptions = ["-deploy-options", "identity-growth", "-deploy-growth"];
  if (first !== undefined && ofOptions.some((one) => changesRight(one, "delete", "update"))) {
    throw new Refused(
      `the plan of ${stack} deletes what an option made (${changeLine(first)}), and changes the deploy role's rights on options, at once`,
      whole,
    );
  }
}

/**
 * The changes, the provider that makes them where its own settings change, and components that are new: the engine
 * makes no resource of a component that is not there, and none that waits for one which is not among the targets.
 */
function targetsOf(plan: PlanDocument, found: readonly Change[]): readonly string[] {
  const all = changes(plan);
  const providers = all.filter(({ urn }) => urn.includes("::pulumi:providers:aws::"));
  const components = all.filter(
    ({ op, urn }) =>
      op === "create" &&
      typeOf(urn).startsWith("lambda-service:infra:") &&
      found.some((change) => isWithin(change.urn, urn)),
  );
  // The queue of a new function waits for the rights of its role, where a key encrypts it.
  const awaited = all.filter(
    ({ op, urn }) =>
      op === "create" &&
      typeOf(urn) === "aws:iam/rolePolicy:RolePolicy" &&
      components.some(
        (component) =>
          typeOf(component.urn) === "lambda-service:infra:Function" && isWithin(urn, component.urn),
      ),
  );
  return [...providers, ...components, ...awaited, ...found].flatMap(({ urn }) => [
    "--target",
    urn,
  ]);
}

function stopIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) {
    throw new Refused("interrupted; what was applied until then stays", "run this again to go on");
  }
}
