/** What a stack would consist of, planned offline: what an estimate is computed from. */
import { resolveEngine } from "local-aws/engine/resolve.ts";
import { runOperation, type StateResource } from "local-aws/provider/operation.ts";
import { inWorkspace } from "local-aws/provider/workspace.ts";
import { functionName } from "../../infra/names.ts";
import { parseSettings } from "../../infra/settings/parse.ts";
import type { CheckedConfig } from "../../ops/support/check-config.ts";
import { rawSettings, withoutPlaceholder } from "../../ops/support/stack-config.ts";
import type { Terminal } from "../../ops/support/terminal.ts";
import { answersOf } from "../answers.ts";
import { type Baseline, bringUp } from "../preview/baseline.ts";
import type { PricedResource } from "./estimate.ts";

/** The resources of a stack, and which of its functions users call. */
export interface Planned {
  readonly resources: readonly PricedResource[];
  /** Name of that function in AWS. */
  readonly main: string;
}

export interface Planning {
  /** This tree. */
  readonly after: Planned;
  /** The revision that it is compared with. */
  readonly before?: Planned & Baseline;
}

export interface PlanningOptions {
  /** The repository. */
  readonly root: string;
  readonly config: CheckedConfig;
  /** Anything that git resolves to a commit. */
  readonly against?: string | undefined;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Plans this tree, on the state that the revision would have left where one is named. Throws `Refused`. */
export async function planOffline(options: PlanningOptions): Promise<Planning> {
  const { root, config, against, terminal, signal } = options;
  const main = functionName(parseSettings(rawSettings(config)));
  const engine = await resolveEngine({ signal, progress: terminal.progress });
  return inWorkspace(root, async (workspace) => {
    const { stack } = config;
    let baseline: Baseline | undefined;
    if (against !== undefined) {
      terminal.live(`bringing up ${against} offline`, "baseline");
      baseline = await bringUp({ root, revision: against, stack, workspace, signal });
    }
    terminal.live(`planning ${stack}`, "planning");
    const { plan, state } = await runOperation({
      kind: "preview",
      engine,
      workspace,
      program: root,
      config: baseline === undefined ? config : withoutPlaceholder(config),
      answers: answersOf(root),
      signal,
    });
    const resources = plan.resources.filter(({ op }) => op !== "delete" && op !== "read");
    const after: Planned = { resources, main };
    // A plan changes nothing: the state is still the one that the revision left.
    return baseline === undefined
      ? { after }
      : { after, before: { ...baseline, ...stateOf(await state(), main) } };
  });
}

/** The stack of a state. `fallback` is the name of its function where its outputs do not say it. */
function stateOf(state: readonly StateResource[], fallback: string): Planned {
  const stack = state.find(({ type }) => type === "pulumi:pulumi:Stack");
  const main = stack?.outputs?.["functionName"];
  return {
    resources: state
      .filter(({ external }) => external !== true)
      .map(({ type, urn, inputs = {} }) => ({
        type,
        name: urn.split("::").slice(3).join("::"),
        inputs,
      })),
    main: typeof main === "string" ? main : fallback,
  };
}
