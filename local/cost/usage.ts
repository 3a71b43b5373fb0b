/** How much a service is used in a month: what an estimate multiplies prices by. */
export interface Usage {
  /** Calls of the function a month. */
  readonly requests: number;
  /** Average duration of a call in milliseconds, as it is billed. */
  readonly durationMs: number;
  /** KB of log lines a call, Lambda's own included. */
  readonly logKb: number;
  /** GB that leave through a NAT gateway a month. */
  readonly natGb: number;
  /** Alarms that ring a month. */
  readonly incidents: number;
}

/** One million calls of 100 ms. 1.5 KB is what the handler and Lambda write at level info. */
export const DEFAULT_USAGE: Usage = {
  requests: 1_000_000,
  durationMs: 100,
  logKb: 1.5,
  natGb: 10,
  incidents: 10,
};

export const SECONDS_A_MONTH = 730 * 3600;

/**
 * Traces that Lambda records: the first request of each second and 5 % of the others, with calls spread evenly
 * (Lambda guide, "Visualize Lambda function invocations using AWS X-Ray"). Peaks make it fewer.
 */
export function tracesOf(requests: number): number {
  const first = Math.min(requests, SECONDS_A_MONTH);
  return first + 0.05 * (requests - first);
}
