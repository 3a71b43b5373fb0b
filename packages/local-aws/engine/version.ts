/** The Pulumi engine that this project is planned and tested with; go.mod beside this file pins the same one. */
export const ENGINE_VERSION = "3.258.0";

/** Whether a `pulumi` of this version can stand in for the pinned one: the same major version, and not older. */
export function fits(version: string): boolean {
  const parts = (text: string) => text.replace(/^v/, "").split(/[.+-]/, 3).map(Number);
  const [major = NaN, minor = NaN, patch = NaN] = parts(version);
  const [wantedMajor = 0, wantedMinor = 0, wantedPatch = 0] = parts(ENGINE_VERSION);
  if (major !== wantedMajor) return false;
  return minor > wantedMinor || (minor === wantedMinor && patch >= wantedPatch);
}
