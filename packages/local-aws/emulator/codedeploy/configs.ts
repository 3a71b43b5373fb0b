/** CodeDeploy's predefined configurations for Lambda, as the steps that they make. */

/** One step: the new version's share of traffic, then a wait. */
export interface Step {
  /** 0 to 1. */
  readonly share: number;
  readonly waitMinutes: number;
}

const PREFIX = "CodeDeployDefault.Lambda";

/** The steps of a configuration; `undefined` when there is none of this name. */
export function stepsOf(configName: string): readonly Step[] | undefined {
  if (!configName.startsWith(PREFIX)) return undefined;
  const name = configName.slice(PREFIX.length);
  if (name === "AllAtOnce") return [{ share: 1, waitMinutes: 0 }];
  const canary = /^Canary10Percent(5|10|15|30)Minutes$/.exec(name);
  if (canary) {
    return [
      { share: 0.1, waitMinutes: Number(canary[1]) },
      { share: 1, waitMinutes: 0 },
    ];
  }
  const linear = /^Linear10PercentEvery(1Minute|2Minutes|3Minutes|10Minutes)$/.exec(name);
  if (!linear) return undefined;
  const waitMinutes = Number.parseInt(linear[1] ?? "", 10);
  return Array.from({ length: 10 }, (_, index) => ({
    share: (index + 1) / 10,
    waitMinutes: index < 9 ? waitMinutes : 0,
  }));
}
