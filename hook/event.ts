/** What the hook is called with. Pure. */

export type HookEvent =
  /** By CodeDeploy: answer it. */
  | { readonly kind: "deployment"; readonly deploymentId: string; readonly executionId: string }
  /** By the release command: only report. */
  | { readonly kind: "version"; readonly version: string };

/** Throws a plain error on anything else, which makes the invocation and with it the deployment fail. */
export function parseHookEvent(input: unknown): HookEvent {
  const { DeploymentId, LifecycleEventHookExecutionId, version } = {
    ...(input as Record<string, unknown>),
  };
  if (typeof DeploymentId === "string" && typeof LifecycleEventHookExecutionId === "string") {
    return {
      kind: "deployment",
      deploymentId: DeploymentId,
      executionId: LifecycleEventHookExecutionId,
    };
  }
  // `$LATEST` is no version: nothing that can still change is ever released.
  if (typeof version === "string" && /^\d+$/.test(version)) return { kind: "version", version };
  throw new Error(
    "the hook takes a CodeDeploy lifecycle event, or {version} with a version's number",
  );
}
