/**
 * How long a release can take, and what a pipeline has to allow for it: the one source of these numbers.
 * `npm run release` prints and enforces them; the workflow's limits are held to them by a test. Pure.
 */
import { FAMILIES, longerShifts, type Shift } from "./shift.ts";

/** Between CodeDeploy's call of the hook and the hook's start, and between its end and the step after it. */
export const HOOK_GRACE_MINUTES = 2;
/** After the shift, until CloudWatch has delivered what was counted in its last minute. */
export const DELIVERY_MINUTES = 2;
/** CodeDeploy begins a rollback within seconds and needs about one more minute; real ones took two. */
const ROLLBACK_MINUTES = 5;

export interface ReleaseLength {
  readonly shift: Shift;
  /** Timeout of the pre-traffic hook. */
  readonly hookTimeoutSeconds: number;
  /** Whether the shift may be made longer (`lowTraffic: extend`). */
  readonly mayExtend: boolean;
}

/** The longest that a release can take, in whole minutes: hook, the longest shift that it may choose, last counts, rollback. */
export function longestReleaseMinutes({
  shift,
  hookTimeoutSeconds,
  mayExtend,
}: ReleaseLength): number {
  const longest = mayExtend ? (longerShifts(shift).at(-1) ?? shift) : shift;
  const hookMinutes = hookTimeoutSeconds / 60 + HOOK_GRACE_MINUTES;
  return Math.ceil(hookMinutes + longest.windowMinutes + DELIVERY_MINUTES + ROLLBACK_MINUTES);
}

/** Lambda quotas, "Function timeout". */
const LONGEST_HOOK_SECONDS = 900;

/** The longest release of any stack: every predefined shift, with a hook of Lambda's longest time. */
const LONGEST_RELEASE_MINUTES = Math.max(
  ...FAMILIES.flat().map((shift) =>
    longestReleaseMinutes({ shift, hookTimeoutSeconds: LONGEST_HOOK_SECONDS, mayExtend: true }),
  ),
);

/** Minutes that the other steps of a deploy job are given in all: setting up, the update, calls, a rollback. */
const OTHER_STEPS_MINUTES = 70;

/**
 * What the pipeline allows, so that it can hold every shift. Sessions of a role may last up to 12 hours (IAM user
 * guide, "Maximum session duration"), jobs up to 6 (GitHub Actions, "Usage limits").
 */
export const PIPELINE_LIMITS = {
  /** Limit of the release step; the step passes it on as `--time-limit`. */
  releaseMinutes: LONGEST_RELEASE_MINUTES,
  /** Limit of the job that holds the step. */
  jobMinutes: LONGEST_RELEASE_MINUTES + OTHER_STEPS_MINUTES,
  /**
   * Length of the deploy role's session, and the least that its `maxSessionDuration` may be: the release, and
   * the calls and the rollback after it.
   */
  sessionSeconds: (LONGEST_RELEASE_MINUTES + 30) * 60,
} as const;
