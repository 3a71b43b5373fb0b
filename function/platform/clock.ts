/** The steady clock. `performance` costs 0.7 ms when it is touched first, in the throttled first invocation. */

/** Milliseconds since some moment in the past. */
export const steadyMs = (): number => {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
};
