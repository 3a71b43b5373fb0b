/**
 * How long a call takes at a memory size that was not seen. Pure.
 *
 * Lambda gives CPU in proportion to memory, one whole CPU at 1,769 MB, and code on one thread gains nothing beyond. So
 * a call of `wait` ms of waiting and `cpu` ms of computing on a whole CPU takes wait + cpu / share. Two sizes tell both
 * apart. One size does not: how much of a duration is computing, no report says. Then only bounds are known, from all
 * of it waiting to all of it computing.
 */
import { errorMs, type Size } from "./sizes.ts";

/** Lambda guide, "Configure Lambda function memory". */
const MB_PER_CPU = 1769;

/** Part of a CPU, at most one. */
export const cpuShare = (memoryMb: number): number => Math.min(1, memoryMb / MB_PER_CPU);

/** Milliseconds of an average warm call. */
export interface Prediction {
  /** Absent where only bounds are known. */
  readonly expectedMs?: number;
  /** 95 % of it where sizes were compared; else what is possible. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Model {
  /** `compared`: from two or more sizes. `bounds`: from one. */
  readonly kind: "compared" | "bounds";
  /** ms of a call that no CPU shortens, and ms on a whole CPU; only where sizes were compared. */
  readonly waitMs?: number;
  readonly cpuMs?: number;
  readonly predict: (memoryMb: number) => Prediction;
}

/** From sizes that have calls enough, one or more. */
export function modelOf(sizes: readonly Size[]): Model {
  const [one, ...others] = sizes;
  if (one === undefined) throw new Error("a model needs one size at least");
  // Beyond a whole CPU two sizes are one: they differ in nothing that the model knows.
  const shares = new Set(sizes.map(({ memoryMb }) => cpuShare(memoryMb)));
  return others.length === 0 || shares.size === 1 ? bounds(one) : compared(sizes);
}

function bounds(size: Size): Model {
  const { memoryMb: seenMb, averageMs } = size;
  const margin = 1.96 * errorMs(size);
  return {
    kind: "bounds",
    predict: (memoryMb) => {
      const computing = (averageMs * cpuShare(seenMb)) / cpuShare(memoryMb);
      return {
        fromMs: Math.max(0, Math.min(averageMs, computing) - margin),
        toMs: Math.max(averageMs, computing) + margin,
      };
    },
  };
}

/** Least squares, each size weighed by how well its average is known. Neither part may be negative. */
function compared(sizes: readonly Size[]): Model {
  const points = sizes.map((size) => ({
    x: 1 / cpuShare(size.memoryMb),
    y: size.averageMs,
    weight: 1 / Math.max(errorMs(size), 1e-6) ** 2,
  }));
  const sum = (of: (point: (typeof points)[number]) => number): number =>
    points.reduce((total, point) => total + of(point), 0);
  const total = sum(({ weight }) => weight);
  const meanX = sum(({ weight, x }) => weight * x) / total;
  const meanY = sum(({ weight, y }) => weight * y) / total;
  const spreadX = sum(({ weight, x }) => weight * (x - meanX) ** 2);
  const slope = sum(({ weight, x, y }) => weight * (x - meanX) * (y - meanY)) / spreadX;
  // All computing: a line through the origin.
  const steepest =
    sum(({ weight, x, y }) => weight * x * y) / sum(({ weight, x }) => weight * x * x);
  const cpuMs = slope <= 0 ? 0 : meanY - slope * meanX < 0 ? steepest : slope;
  const waitMs = slope <= 0 ? meanY : Math.max(0, meanY - cpuMs * meanX);
  // More spread than the averages' own errors explain is an error of the model: code or traffic has changed, too.
  const misfit =
    sum(({ weight, x, y }) => weight * (y - waitMs - cpuMs * x) ** 2) /
    Math.max(1, points.length - 2);
  const inflated = Math.max(1, misfit);
  return {
    kind: "compared",
    waitMs,
    cpuMs,
    predict: (memoryMb) => {
      const x = 1 / cpuShare(memoryMb);
      const expectedMs = waitMs + cpuMs * x;
      const margin = 1.96 * Math.sqrt(inflated * (1 / total + (x - meanX) ** 2 / spreadX));
      return { expectedMs, fromMs: Math.max(0, expectedMs - margin), toMs: expectedMs + margin };
    },
  };
}
