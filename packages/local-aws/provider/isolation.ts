/** Keeps offline runs away from what this machine is signed in to. */

/**
 * Takes every setting of AWS's and Pulumi's out of this process's environment, and so out of that of its
 * children: no account, no backend, no home and no debugging aid of the user's takes part in an offline run.
 */
export function isolateEnvironment(env: NodeJS.ProcessEnv = process.env): void {
  for (const name of Object.keys(env)) {
    if (name.startsWith("AWS_") || name.startsWith("PULUMI_")) delete env[name];
  }
}
