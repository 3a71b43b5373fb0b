/** The guard for low traffic: how many synthetic calls are due, and whether a canary was judged at all. Pure. */
import type { StackOutputs } from "../../infra/outputs.ts";
import { expectedCalls, extended, type Shift } from "../../infra/release/shift.ts";

export interface TrafficFacts {
  readonly shift: Shift;
  /** Calls of the alias a minute, in the last quarter of an hour. */
  readonly callsPerMinute: number;
  /** Calls that the new version must have answered. */
  readonly minimum: number;
  readonly lowTraffic: StackOutputs["lowTraffic"];
}

export type TrafficPlan =
  | {
      readonly kind: "go";
      readonly shift: Shift;
      /** Whether real calls will be enough by themselves, with a margin of two. */
      readonly enough: boolean;
      /** Whether synthetic calls may be sent. */
      readonly synthetic: boolean;
    }
  | { readonly kind: "refuse"; readonly problem: string; readonly remedy: string };

/** Decides before the release, by the traffic of late. */
export function planTraffic({
  shift,
  callsPerMinute,
  minimum,
  lowTraffic,
}: TrafficFacts): TrafficPlan {
  const expected = expectedCalls(shift, callsPerMinute);
  const enough = expected >= 2 * minimum;
  if (shift.windowMinutes === 0 || enough || lowTraffic === "synthetic") {
    return { kind: "go", shift, enough, synthetic: lowTraffic === "synthetic" };
  }
  if (lowTraffic === "extend") {
    return {
      kind: "go",
      shift: extended(shift, callsPerMinute, minimum),
      enough: false,
      synthetic: false,
    };
  }
  if (expected >= minimum) return { kind: "go", shift, enough, synthetic: false };
  return {
    kind: "refuse",
    problem: `the new version would answer about ${expected} calls in ${shift.windowMinutes} minutes, and ${minimum} are needed to judge it`,
    remedy: "wait for more traffic, or set lowTraffic to synthetic or extend",
  };
}

/** Calls of the new version so far. */
export interface CanaryCalls {
  /** Those through the alias, as CloudWatch counts them: a minute or two late. */
  readonly real: number;
  /** Those of this command. */
  readonly synthetic: number;
}

/** All calls that judge the new version. */
export const answered = ({ real, synthetic }: CanaryCalls): number => real + synthetic;

/** Most calls between two polls: a canary is no load test. */
const MOST_AT_ONCE = 50;

/** Part of the window in which the synthetic calls are made: what they find is to stop the shift early. */
const CALLING_PART = 0.5;

export interface Moment {
  /** Part of the window that is over, 0 to 1. */
  readonly elapsedPart: number;
  /** Polls that fit into the window. */
  readonly polls: number;
}

/**
 * Synthetic calls to make now, so that the new version has its minimum by the middle of the window, or as soon as
 * possible after it. Where real calls should be enough, it waits for the middle.
 */
export function callsDue(
  calls: CanaryCalls,
  minimum: number,
  { elapsedPart, polls }: Moment,
  enough: boolean,
): number {
  const missing = minimum - answered(calls);
  if (missing <= 0) return 0;
  if (enough && elapsedPart < CALLING_PART) return 0;
  const pollsLeft = Math.max(1, Math.floor((CALLING_PART - elapsedPart) * polls));
  return Math.min(MOST_AT_ONCE, Math.ceil(missing / pollsLeft));
}
