/**
 * A token bucket: one request takes one token, `rate` tokens come each second, and `burst` fit in (API Gateway developer
 * guide, "Throttle requests to your REST APIs for better throughput"). It begins full. AWS calls its own limits best
 * effort; here they are exact.
 */
export interface Limit {
  /** Requests a second. */
  readonly rate: number;
  readonly burst: number;
}

export class Buckets {
  readonly #nowMs: () => number;
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Whether the bucket of that name has a token left, which is then taken. */
  take(name: string, { rate, burst }: Limit): boolean {
    const nowMs = this.#nowMs();
    const bucket = this.#buckets.get(name) ?? { tokens: burst, atMs: nowMs };
    const earned = (Math.max(0, nowMs - bucket.atMs) / 1000) * rate;
    const tokens = Math.min(burst, bucket.tokens + earned);
    const isTaken = tokens >= 1;
    this.#buckets.set(name, { tokens: isTaken ? tokens - 1 : tokens, atMs: nowMs });
    return isTaken;
  }
}
