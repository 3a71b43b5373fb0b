/**
 * What a stack would consist of: what an estimate is computed from. The program is brought up offline and not only
 * planned, so that no input is unknown, such as the subnets of an endpoint or the queue of an event source.
 */
import { resolveEngine } from "local-aws/engine/resolve.ts";
import { readState, runOperation } from "local-aws/provider/operation.ts";
import { inWorkspace } from "local-aws/provider/workspace.ts";
import type { CheckedConfig } from "../../ops/support/check-config.ts";
import { type StackConfig, withoutPlaceholder } from "../../ops/support/stack-config.ts";
import type { Terminal } from "../../ops/support/terminal.ts";
import { answersOf } from "../answers.ts";
import { type Baseline, bringUp } from "../preview/baseline.ts";
import type { PricedResource } from "./pricing.ts";

/** The resources of a stack. */
export interface Planned {
  readonly resources: readonly PricedResource[];
  /** Name in AWS of the function that users call; undefined where the stack's outputs do not say it. */
  readonly main?: string;
}

export interface Planning {
  /** This tree, under the config that was asked for. */
  readonly after: Planned;
  /** What it is compared with. */
  readonly before?: Planned;
  /** The revision that it is compared with. */
  readonly baseline?: Baseline;
}

export interface PlanningOptions {
  /** The repository. */
  readonly root: string;
  readonly config: CheckedConfig;
  /** What to compare with: anything that git resolves to a commit, or another config of this tree. */
  readonly against?: string | CheckedConfig | undefined;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Brings up this tree, after what it is to be compared with. Throws `Refused`. */
export async function planOffline(options: PlanningOptions): Promise<Planning> {
  const { root, against, terminal, signal } = options;
  const config = withoutPlaceholder(options.config);
  const { stack } = config;
  const engine = await resolveEngine({ signal, progress: terminal.progress });
  return inWorkspace(root, async (workspace) => {
    const up = async (of: StackConfig): Promise<Planned> => {
      const answers = answersOf(root);
      await runOperation({
        kind: "up",
        engine,
        workspace,
        program: root,
        config: of,
        answers,
        signal,
      });
      return plannedIn(workspace.state, of);
    };
    if (typeof against === "string") {
      terminal.live(`bringing up ${against} offline`, "baseline");
      const baseline = await bringUp({ root, revision: against, stack, workspace, signal });
      const before = plannedIn(workspace.state, config);
      terminal.live(`bringing up ${stack} offline`, "planning");
      return { baseline, before, after: await up(config) };
    }
    terminal.live(`bringing up ${stack} offline`, "planning");
    if (against === undefined) return { after: await up(config) };
    return { before: await up(withoutPlaceholder(against)), after: await up(config) };
  });
}

type Stack = Parameters<typeof readState>[1];

function plannedIn(folder: string, stack: Stack): Planned {
  const state = readState(folder, stack);
  const outputs = state.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
  const main = outputs?.["functionName"];
  return {
    resources: state
      // What the program only reads is paid for by somebody else.
      .filter(({ external }) => external !== true)
      .map(({ type, urn, inputs = {} }) => ({
        type,
        name: urn.split("::").slice(3).join("::"),
        inputs,
      })),
    ...(typeof main === "string" && { main }),
  };
}
