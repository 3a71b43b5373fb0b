/** What the version of a contract says about its breaks, by semantic versioning. Pure. */

type Version = readonly [number, number, number];

const parts = (version: string): Version | undefined => {
  const found = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  return found ? [Number(found[1]), Number(found[2]), Number(found[3])] : undefined;
};

/** Whether a version says that it may break what the one before promised. Below 1.0.0 the second number says so. */
export function allowsBreaks(before: string, after: string): boolean {
  const [old, now] = [parts(before), parts(after)];
  if (!old || !now) return false;
  if (now[0] !== old[0]) return now[0] > old[0];
  return now[0] === 0 && now[1] > old[1];
}

/** The least version that says so; `undefined` where the version is none that counts. */
export function breakingVersion(before: string): string | undefined {
  const old = parts(before);
  if (!old) return undefined;
  return old[0] === 0 ? `0.${old[1] + 1}.0` : `${old[0] + 1}.0.0`;
}
