/** The dashboard that a stack's plan holds, as it would go to CloudWatch. */
import { isolateEnvironment } from "local-aws/provider/isolation.ts";
import type { CheckedConfig } from "../../ops/support/check-config.ts";
import { PROJECT_ROOT } from "../../ops/support/project.ts";
import { Refused } from "../../ops/support/refused.ts";
import type { Terminal } from "../../ops/support/terminal.ts";
import { planOffline } from "../cost/planned.ts";

/** A resource of the plan, as far as it is read. */
export interface PlannedResource {
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

const DASHBOARD = "aws:cloudwatch/dashboard:Dashboard";

/** Brings the stack up offline, in an environment of its own: the caller's is left as it is. Throws `Refused`. */
export async function planResources(
  config: CheckedConfig,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<readonly PlannedResource[]> {
  const own = { ...process.env };
  try {
    isolateEnvironment();
    const { after } = await planOffline({ root: PROJECT_ROOT, config, terminal, signal });
    return after.resources;
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
