/** How often the pre-traffic hook calls a version, and how long it may take for it. Pure. */

export interface HookBudget {
  /** Rounds of all smoke events. */
  readonly rounds: number;
  /** Timeout of the hook's function. */
  readonly timeoutSeconds: number;
}

/** With four smoke events 20 calls, which see an error of one call in seven with 95 %. */
const MOST_ROUNDS = 5;
/** Seconds beyond the calls: the hook's own start, throttling, and its answer to CodeDeploy. */
const MARGIN_SECONDS = 60;
/** Lambda quotas, "Function timeout". */
const LAMBDA_MAX_SECONDS = 900;

/**
 * As many rounds as fit into Lambda's 15 minutes when every call takes as long as it is allowed to: a hook that
 * runs out of time would blame the version for its own haste. The first call of a version may take the function's
 * whole timeout, because it pays for the cold start.
 *
 * Where not even one round fits, the hook gets what there is, and reports that it ran out of time.
 */
export function hookBudget(of: {
  readonly events: number;
  readonly timeoutSeconds: number;
  /** Longest that a warm call may take. */
  readonly slowestCallMs: number;
}): HookBudget {
  const callSeconds = of.slowestCallMs / 1000;
  const needed = (rounds: number): number =>
    Math.ceil(of.timeoutSeconds + (rounds * of.events - 1) * callSeconds + MARGIN_SECONDS);
  let rounds = MOST_ROUNDS;
  while (rounds > 1 && needed(rounds) > LAMBDA_MAX_SECONDS) rounds -= 1;
  return { rounds, timeoutSeconds: Math.min(LAMBDA_MAX_SECONDS, needed(rounds)) };
}
