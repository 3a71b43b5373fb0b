/** How much a service is used in a month: what an estimate multiplies prices by. */
export interface Usage {
  /** Calls of the function a month. */
  readonly requests: number;
  /** Average duration of a call in milliseconds, as it is billed. */
  readonly durationMs: number;
  /** KB of log lines a call, Lambda's own included. Undefined: by the function's log level, see `LOG_KB`. */
  readonly logKb?: number | undefined;
  /** GB that leave through a NAT gateway or an interface endpoint a month. */
  readonly networkGb: number;
  /** GB that each table holds. */
  readonly storedGb: number;
  /** Alarms that ring a month. */
  readonly incidents: number;
}

/** One million calls of 100 ms. */
export const DEFAULT_USAGE: Usage = {
  requests: 1_000_000,
  durationMs: 100,
  networkGb: 10,
  storedGb: 1,
  incidents: 10,
};

export const HOURS_A_MONTH = 730;
export const SECONDS_A_MONTH = HOURS_A_MONTH * 3600;

/** Whoever keeps a key or a secret for five minutes asks for it so often in a month. */
export const READS_OF_FIVE_MINUTES = HOURS_A_MONTH * 12;

/**
 * Traces that Lambda records: the first request of each second and 5 % of the others, with calls spread evenly
 * (Lambda guide, "Visualize Lambda function invocations using AWS X-Ray"). Peaks make it fewer.
 */
export const tracesOf = (requests: number): number => sampled(requests, 1, 0.05);

/** Requests that a sampling rule takes: so many of each second, and a share of the others. */
export function sampled(requests: number, aSecond: number, share: number): number {
  const first = Math.min(requests, aSecond * SECONDS_A_MONTH);
  return first + share * (requests - first);
}
