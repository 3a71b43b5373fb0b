/** Figures in words. */

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** `4 min 30 s` out of minutes. */
export function duration(minutes: number): string {
  const seconds = Math.round(minutes * 60);
  const whole = Math.floor(seconds / 60);
  return whole > 0 ? `${whole} min ${seconds % 60} s` : `${seconds} s`;
}

/** `1 call`, `3 calls`. */
export const count = (number: number, what: string): string =>
  `${number} ${what}${number === 1 ? "" : "s"}`;
