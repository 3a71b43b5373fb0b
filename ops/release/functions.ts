/**
 * The functions beside the service's own, released one after the other: each is called once after its release, and sent
 * back where it answers wrongly. The first that fails is the last that is touched.
 */
import type { RollbackResult } from "../rollback/run.ts";
import type { SmokeReport } from "../smoke/run.ts";
import { isRefusal, render } from "../support/refused.ts";
import type { ReleaseResult } from "./run.ts";

/** What is done with one function; each throws `Refused` where it cannot be. */
export interface FunctionSteps {
  readonly release: (name: string) => Promise<ReleaseResult>;
  readonly call: (name: string) => Promise<SmokeReport>;
  readonly rollBack: (name: string, to: string) => Promise<RollbackResult>;
}

/** What became of one function. */
export interface FunctionOutcome {
  readonly name: string;
  /** `done`: its newest version serves and answers correctly. */
  readonly outcome: "done" | "failed" | "not reached";
  /** One line a step, the last of which says how it ended. */
  readonly lines: readonly string[];
}

export async function releaseFunctions(
  names: readonly string[],
  steps: FunctionSteps,
): Promise<readonly FunctionOutcome[]> {
  const outcomes: FunctionOutcome[] = [];
  for (const name of names) {
    const failed = outcomes.some(({ outcome }) => outcome === "failed");
    outcomes.push(
      failed ? { name, outcome: "not reached", lines: [] } : await releaseOne(name, steps),
    );
  }
  return outcomes;
}

async function releaseOne(name: string, steps: FunctionSteps): Promise<FunctionOutcome> {
  const lines: string[] = [];
  const failed = (): FunctionOutcome => ({ name, outcome: "failed", lines });
  try {
    const released = await steps.release(name);
    lines.push(released.summary);
    const from = "from" in released ? released.from : undefined;
    const back = async (): Promise<FunctionOutcome> => {
      if (from !== undefined) lines.push((await steps.rollBack(name, from)).summary);
      return failed();
    };
    // Only a release that is broken has left traffic where it should not be.
    if (released.verdict === "broken") return await back();
    if (released.verdict !== "released" && released.verdict !== "nothing to do") return failed();
    const called = await steps.call(name).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      return { passed: false, summary: render(error) };
    });
    lines.push(called.summary);
    return called.passed ? { name, outcome: "done", lines } : await back();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    lines.push(render(error));
    return failed();
  }
}

/** The outcomes as Markdown, for the summary of a run. */
export const functionsMarkdown = (stack: string, outcomes: readonly FunctionOutcome[]): string =>
  [
    `### Functions of ${stack}`,
    "",
    "| function | outcome | what happened |",
    "| --- | --- | --- |",
    ...outcomes.map(
      ({ name, outcome, lines }) =>
        `| ${name} | ${outcome} | ${lines.map((line) => line.replaceAll("|", "\\|")).join("<br>")} |`,
    ),
    "",
  ].join("\n");

/** One line where one has failed: which, why, and which were not reached. */
export function functionsFault(outcomes: readonly FunctionOutcome[]): string | undefined {
  const failed = outcomes.find(({ outcome }) => outcome === "failed");
  if (failed === undefined) return undefined;
  const rest = outcomes.filter(({ outcome }) => outcome === "not reached").map(({ name }) => name);
  const left = rest.length === 0 ? "" : `; not reached: ${rest.join(", ")}`;
  return `function ${failed.name}: ${failed.lines.join("; ")}${left}`;
}
