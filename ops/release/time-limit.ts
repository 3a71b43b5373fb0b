/** Refuses a release that its surroundings cannot hold: it would be cut off and rolled back every time. */
import { longestReleaseMinutes, type ReleaseLength } from "../../infra/release/limits.ts";
import { Refused } from "../support/refused.ts";

export interface TimeAllowed {
  /** Minutes that whoever runs the command gives it, for example the limit of a pipeline's step. */
  readonly limitMinutes?: number | undefined;
  /** Minutes until the credentials end, where they say so. */
  readonly credentialsMinutes?: number | undefined;
}

/** The longest that the release can take, in minutes. Throws `Refused` when that is not allowed. */
export function checkTime(length: ReleaseLength, allowed: TimeAllowed): number {
  const minutes = longestReleaseMinutes(length);
  const { limitMinutes, credentialsMinutes } = allowed;
  const { configName } = length.shift;
  const longest = `a release by ${configName}${length.mayExtend ? ", which lowTraffic: extend may make longer," : ""} can take ${minutes} minutes`;
  if (limitMinutes !== undefined && minutes > limitMinutes) {
    throw new Refused(
      `${longest}, and --time-limit allows ${limitMinutes}`,
      "raise the limit, or set trafficShift to a shorter shift",
    );
  }
  if (credentialsMinutes !== undefined && minutes > credentialsMinutes) {
    throw new Refused(
      `${longest}, and the credentials end in ${Math.floor(credentialsMinutes)}`,
      "take them for longer, sign in again, or set trafficShift to a shorter shift",
    );
  }
  return minutes;
}
