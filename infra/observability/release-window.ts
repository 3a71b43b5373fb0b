/**
 * How long a release may still be the reason of what fails: see docs/decisions/0205-a-canary-that-goes-back-wakes-nobody.md.
 * Pure.
 */
import type { Settings } from "../settings.ts";

/**
 * Minutes from the end of the shift until nothing that a bad version did still shows: one for its last call, four until
 * its alarm is red and CodeDeploy has gone back, five of the windows in which errors are counted.
 */
const AFTERMATH_MINUTES = 10;

/** Minutes that two versions share the traffic; 0 where all of it moves at once, and nothing could be sent back. */
export function shiftMinutes({ trafficShift }: Pick<Settings, "trafficShift">): number {
  const canary = /^Canary\d+Percent(\d+)Minutes$/.exec(trafficShift)?.[1];
  if (canary !== undefined) return Number(canary);
  const [, percent, every] = /^Linear(\d+)PercentEvery(\d+)Minutes?$/.exec(trafficShift) ?? [];
  return percent === undefined ? 0 : (100 / Number(percent)) * Number(every);
}

/** Minutes from the run of the hook, which begins a release, until its version can no longer be sent back; 0 without a canary. */
export function releaseMinutes(settings: Pick<Settings, "trafficShift">): number {
  const minutes = shiftMinutes(settings);
  return minutes === 0 ? 0 : minutes + AFTERMATH_MINUTES;
}
