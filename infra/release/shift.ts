/** How traffic is shifted: what a CodeDeploy configuration's name says, and which one suits the traffic. Pure. */

/** One of CodeDeploy's predefined configurations for Lambda. */
export interface Shift {
  /** Full name, for example `CodeDeployDefault.LambdaCanary10Percent5Minutes`. */
  readonly configName: string;
  /** Minutes in which both versions answer; 0 when everything moves at once. */
  readonly windowMinutes: number;
  /** Share of calls that the new version gets in the window, on average, 0 to 1. */
  readonly averageShare: number;
}

const PREFIX = "CodeDeployDefault.Lambda";
const CANARY_MINUTES = [5, 10, 15, 30];
const LINEAR_MINUTES = [1, 2, 3, 10];

const canary = (minutes: number): Shift => ({
  configName: `${PREFIX}Canary10Percent${minutes}Minutes`,
  windowMinutes: minutes,
  averageShare: 0.1,
});
const linear = (minutes: number): Shift => ({
  configName: `${PREFIX}Linear10PercentEvery${minutes}Minute${minutes === 1 ? "" : "s"}`,
  // 10 % at once, then nine waits; 10, 20 … 90 % are 50 % on average.
  windowMinutes: 9 * minutes,
  averageShare: 0.5,
});
const AT_ONCE: Shift = { configName: `${PREFIX}AllAtOnce`, windowMinutes: 0, averageShare: 0 };

/** Families of configurations, each from short to long. */
export const FAMILIES: readonly (readonly Shift[])[] = [
  [AT_ONCE],
  CANARY_MINUTES.map(canary),
  LINEAR_MINUTES.map(linear),
];

/** Reads a configuration's name. A name that is not predefined says nothing, and counts as one without a window. */
export const shiftOf = (configName: string): Shift =>
  FAMILIES.flat().find((shift) => shift.configName === configName) ?? { ...AT_ONCE, configName };

/** Calls that the new version is to be expected to answer. */
export const expectedCalls = (shift: Shift, callsPerMinute: number): number =>
  Math.floor(callsPerMinute * shift.windowMinutes * shift.averageShare);

/** The configurations of the same kind that are as long or longer, short ones first. */
export const longerShifts = (shift: Shift): readonly Shift[] =>
  (
    FAMILIES.find((shifts) => shifts.some(({ configName }) => configName === shift.configName)) ??
    []
  ).filter(({ windowMinutes }) => windowMinutes >= shift.windowMinutes);

/** The shortest configuration of the same family that brings enough calls, else the longest. Never a shorter one. */
export function extended(shift: Shift, callsPerMinute: number, minimum: number): Shift {
  const candidates = longerShifts(shift);
  const enough = candidates.find((other) => expectedCalls(other, callsPerMinute) >= minimum);
  return enough ?? candidates.at(-1) ?? shift;
}
