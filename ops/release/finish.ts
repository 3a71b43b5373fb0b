/** The end of a release: records what CodeDeploy does not know, counts, reports. */
import { callsByVersion } from "./calls.ts";
import { changesBetween } from "./changes.ts";
import type { ReleaseContext } from "../support/session.ts";
import type { Followed } from "./follow.ts";
import { record } from "./record.ts";
import { type ReleaseReport, reportOf } from "./report.ts";
import type { ReleaseState } from "./state.ts";
import { tryByHook } from "./trial.ts";

const NONE = { invocations: 0, errors: 0 };

const HOOK_FAILED = "HOOK_EXECUTION_FAILURE";

/** CodeDeploy only says that the hook failed. Asked once more, the hook itself says what is wrong. */
async function whatTheHookSays(
  clients: ReleaseContext["clients"],
  outputs: ReleaseContext["outputs"],
  version: string,
): Promise<readonly string[]> {
  const trial = await tryByHook(clients, outputs, version).catch(() => undefined);
  return trial?.faults ?? [];
}

export async function finishRelease(
  { clients, outputs }: ReleaseContext,
  { published, serving }: ReleaseState,
  followed: Followed,
  {
    overriddenAlarms,
    reason,
  }: { readonly overriddenAlarms: readonly string[]; readonly reason?: string | undefined },
): Promise<ReleaseReport> {
  const { deployment, faults } = followed;
  const [fault] = faults;
  if (fault !== undefined) {
    // CodeDeploy only knows that it was stopped by hand.
    await record(clients, outputs, {
      version: deployment.to,
      codeSha256: published?.CodeSha256 ?? "",
      outcome: "bad",
      reason: `in deployment ${deployment.id}, ${fault}`,
    });
  }
  const hookFaults =
    deployment.errorCode === HOOK_FAILED
      ? await whatTheHookSays(clients, outputs, deployment.to)
      : [];
  const since = new Date(deployment.createdMs);
  const versions = [deployment.from, deployment.to];
  const [old = NONE, fresh = NONE] = await callsByVersion(clients, outputs, versions, since);
  return reportOf({
    stack: outputs.environment,
    functionName: outputs.functionName,
    followed,
    hookFaults,
    minimum: outputs.canaryMinimumInvocations,
    changes: changesBetween(serving, published),
    calls: { old, new: fresh },
    endedMs: Date.now(),
    overriddenAlarms,
    reason,
  });
}
