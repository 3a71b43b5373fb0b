/** Which version a deployment wants tried. Pure. */
import type { AppSpec } from "./app-spec.ts";

/** Throws when the deployment is not one of this function: the hook calls, and answers for, no other. */
export function targetVersion(functionName: string, spec: AppSpec | undefined): string {
  if (spec?.functionName === functionName) return spec.targetVersion;
  throw new Error(
    `the deployment moves ${spec?.functionName ?? "no Lambda function"}; this hook tries ${functionName} only`,
  );
}
