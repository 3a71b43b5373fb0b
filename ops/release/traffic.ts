/** The guard for low traffic: how many marked calls are due, and whether a canary was judged at all. Pure. */
import type { StackOutputs } from "../../infra/outputs.ts";
import { expectedCalls, extended, type Shift } from "./shift.ts";

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
      /** Whether marked calls may be sent. */
      readonly synthetic: boolean;
    }
  | { readonly kind: "refuse"; readonly fault: string; readonly remedy: string };

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
    fault: `the new version would answer about ${expected} calls in ${shift.windowMinutes} minutes, and ${minimum} are needed to judge it`,
    remedy: "wait for more traffic, or set lowTraffic to synthetic or extend",
  };
}

/** Calls of the new version so far. */
export interface CanaryCalls {
  /** As CloudWatch counts them: all, but a minute or two late. */
  readonly counted: number;
  /** Marked ones that we sent and that the new version answered. */
  readonly synthetic: number;
}

/** All calls that the new version is known to have answered. */
export const answered = ({ counted, synthetic }: CanaryCalls): number =>
  Math.max(counted, synthetic);

/** Those among them that somebody else made. */
export const real = (calls: CanaryCalls): number => answered(calls) - calls.synthetic;

/** Most calls between two looks: a canary is no load test. */
const MOST_AT_ONCE = 50;

/**
 * Part of the window in which the marked calls are made. An alarm needs the rest: metrics are a minute
 * or two late, and its period is one more.
 */
const CALLING_PART = 0.5;

export interface Moment {
  /** Part of the window that is over, 0 to 1. */
  readonly elapsedPart: number;
  /** Looks that fit into the window. */
  readonly polls: number;
  /** The new version's share of calls now, 0 to 1. */
  readonly share: number;
}

/**
 * Marked calls of the alias to make now, so that the new version has its minimum by the middle of the
 * window, or as soon as possible after it. Where real calls should be enough, it waits for the middle.
 */
export function callsDue(
  calls: CanaryCalls,
  minimum: number,
  { elapsedPart, polls, share }: Moment,
  enough: boolean,
): number {
  const missing = minimum - answered(calls);
  if (missing <= 0 || share <= 0) return 0;
  if (enough && elapsedPart < CALLING_PART) return 0;
  const pollsLeft = Math.max(1, Math.floor((CALLING_PART - elapsedPart) * polls));
  return Math.min(MOST_AT_ONCE, Math.ceil(missing / share / pollsLeft));
}
