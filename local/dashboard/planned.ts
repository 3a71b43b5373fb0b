/** The dashboard that a stack's plan holds, as it would go to CloudWatch. */
import { resolveEngine } from "local-aws/engine/resolve.ts";
import { isolateEnvironment } from "local-aws/provider/isolation.ts";
import { runOperation } from "local-aws/provider/operation.ts";
import { inWorkspace } from "local-aws/provider/workspace.ts";
import type { CheckedConfig } from "../../ops/support/check-config.ts";
import { PROJECT_ROOT } from "../../ops/support/project.ts";
import { Refused } from "../../ops/support/refused.ts";
import type { Terminal } from "../../ops/support/terminal.ts";
import { answersOf } from "../answers.ts";

/** A resource of the plan, as far as it is read. */
export interface PlannedResource {
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

const DASHBOARD = "aws:cloudwatch/dashboard:Dashboard";

/** Plans the stack offline, in an environment of its own: the caller's is left as it is. Throws `Refused`. */
export async function planResources(
  config: CheckedConfig,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<readonly PlannedResource[]> {
  const own = { ...process.env };
  try {
    isolateEnvironment();
    const engine = await resolveEngine({ signal, progress: terminal.progress });
    terminal.live(`planning ${config.stack}`, "planning");
    return await inWorkspace(PROJECT_ROOT, async (workspace) => {
      const program = PROJECT_ROOT;
      const answers = answersOf(program);
      const run = { kind: "preview", engine, workspace, program, config, answers, signal } as const;
      const { plan } = await runOperation(run);
      return plan.resources.filter(({ op }) => op !== "delete");
    });
  } finally {
    Object.assign(process.env, own);
    terminal.quiet();
  }
}

export interface NamedBody {
  readonly name: string;
  /** JSON. */
  readonly body: string;
}

/** The dashboard of that name. Throws `Refused`, naming those that the plan has. */
export function dashboardOf(resources: readonly PlannedResource[], name: string): NamedBody {
  const all = resources
    .filter(({ type }) => type === DASHBOARD)
    .map(({ inputs }) => ({
      name: String(inputs["dashboardName"]),
      body: String(inputs["dashboardBody"]),
    }));
  const wanted = all.find((dashboard) => dashboard.name === name);
  if (!wanted) {
    const names = all.map((dashboard) => dashboard.name);
    throw new Refused(
      `the plan has no dashboard ${name}`,
      names.length > 0 ? `name one of these: ${names.join(", ")}` : "add one to the program",
    );
  }
  return wanted;
}
