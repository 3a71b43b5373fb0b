/** Which memory size to take, at which price, and how sure that is. Pure. */
import { computePricePerGbSecond, REQUEST_PRICE } from "../../infra/observability/prices.ts";
import type { Settings } from "../../infra/settings/parse.ts";
import { type Model, modelOf, type Prediction } from "./model.ts";
import { callsMissing, type Size, warmCalls } from "./sizes.ts";

/** What to look for: the lowest price, the shortest calls, or both in equal parts. */
export const GOALS = ["balanced", "price", "speed"] as const;
export type Goal = (typeof GOALS)[number];

/** Sizes that are looked at beside those that were seen. */
const STEPS = [128, 256, 512, 1024, 1769, 3008];

/** An alarm rings at 85 % of the memory; a tenth of a size is left for what was not seen yet. */
const MOST_USED_SHARE = 0.75;

/** One memory size. */
export interface Step extends Prediction {
  readonly memoryMb: number;
  readonly seen: boolean;
  /** USD of a million calls, from the shortest to the longest that is predicted. */
  readonly fromUsd: number;
  readonly toUsd: number;
  /** Absent where only bounds are known. */
  readonly expectedUsd?: number;
  /** Why it cannot be taken. */
  readonly refused?: string;
}

export interface Recommendation {
  readonly memoryMb: number;
  /** What the function has now. */
  readonly currentMb: number;
  /** `yes`: seen, and apart by more than chance. `likely`: computed, or within chance. `no`: one size was seen. */
  readonly sure: "yes" | "likely" | "no";
  /** In words. */
  readonly why: string;
}

export interface Tuning {
  /** Sizes with calls enough. */
  readonly sizes: readonly Size[];
  /** Sizes that were seen too seldom, with how many warm calls are missing. */
  readonly tooFew: readonly { readonly memoryMb: number; readonly missing: number }[];
  readonly model: Omit<Model, "predict">;
  readonly steps: readonly Step[];
  readonly recommendation: Recommendation;
}

export interface TuneOptions {
  readonly currentMb: number;
  readonly architecture: Settings["architecture"];
  /** A call may take so long at the 99th percentile, in ms. */
  readonly limitMs: number;
  readonly goal: Goal;
}

/** How many warm calls the size that lacks the fewest lacks; 0 where one has enough, undefined without any call. */
export const missingCalls = (sizes: readonly Size[]): number | undefined =>
  sizes.length === 0 ? undefined : Math.min(...sizes.map(callsMissing));

/** Needs one size with calls enough at least, see `missingCalls`. */
export function tune(all: readonly Size[], options: TuneOptions): Tuning {
  const sizes = all.filter((size) => callsMissing(size) === 0);
  const model = modelOf(sizes);
  const { predict, ...shown } = model;
  const memories = [
    ...new Set([...STEPS, ...sizes.map(({ memoryMb }) => memoryMb), options.currentMb]),
  ];
  const steps = memories
    .toSorted((a, b) => a - b)
    .map((memoryMb) => stepOf(memoryMb, predict(memoryMb), sizes, options));
  return {
    sizes,
    tooFew: all
      .filter((size) => callsMissing(size) > 0)
      .map((size) => ({ memoryMb: size.memoryMb, missing: callsMissing(size) })),
    model: shown,
    steps,
    recommendation: recommend(steps, sizes, model, options),
  };
}

function stepOf(
  memoryMb: number,
  predicted: Prediction,
  sizes: readonly Size[],
  { architecture, limitMs }: TuneOptions,
): Step {
  const nearest = nearestTo(memoryMb, sizes);
  const price = (durationMs: number): number => {
    const gbSeconds = ((durationMs + nearest.billedBeyondMs) / 1000) * (memoryMb / 1024);
    return 1e6 * (REQUEST_PRICE + gbSeconds * computePricePerGbSecond(architecture));
  };
  const { expectedMs, fromMs, toMs } = predicted;
  // The tail grows as the average does.
  const tailMs = (nearest.p99Ms * toMs) / Math.max(nearest.averageMs, 1e-6);
  const mostUsedMb = Math.max(...sizes.map((size) => size.mostUsedMb));
  const refused =
    mostUsedMb > memoryMb * MOST_USED_SHARE
      ? `calls used ${mostUsedMb} MB`
      : tailMs > limitMs
        ? `the slowest could take ${Math.round(tailMs)} ms, above durationAlarmMs`
        : undefined;
  return {
    memoryMb,
    seen: sizes.some((size) => size.memoryMb === memoryMb),
    ...predicted,
    fromUsd: price(fromMs),
    toUsd: price(toMs),
    ...(expectedMs !== undefined && { expectedUsd: price(expectedMs) }),
    ...(refused !== undefined && { refused }),
  };
}

const nearestTo = (memoryMb: number, sizes: readonly Size[]): Size =>
  sizes.toSorted(
    (a, b) => Math.abs(a.memoryMb - memoryMb) - Math.abs(b.memoryMb - memoryMb),
  )[0] as Size;

function recommend(
  steps: readonly Step[],
  sizes: readonly Size[],
  { kind }: Model,
  { currentMb, goal }: TuneOptions,
): Recommendation {
  const possible = steps.filter(({ refused }) => refused === undefined);
  const current = steps.find(({ memoryMb }) => memoryMb === currentMb);
  if (kind === "bounds") return recommendTrial(possible, sizes, currentMb);
  const best = possible.toSorted(
    (a, b) => scoreOf(a, possible, goal) - scoreOf(b, possible, goal),
  )[0];
  if (best === undefined || current === undefined || best.memoryMb === currentMb) {
    const why =
      best === undefined
        ? "no size that was looked at fits: see the reasons beside the sizes"
        : `no size is better for ${goal === "balanced" ? "price and speed together" : goal}`;
    return { memoryMb: currentMb, currentMb, sure: best?.seen ? "yes" : "likely", why };
  }
  const apart =
    goal === "speed"
      ? best.toMs < current.fromMs
      : best.toUsd < current.fromUsd || best.toMs < current.fromMs;
  const sure = best.seen && current.seen && apart ? "yes" : "likely";
  const reasons = [
    best.seen && current.seen
      ? "both sizes were seen"
      : `${best.seen ? currentMb : best.memoryMb} MB was not seen, but computed from other sizes`,
    apart ? "the difference is more than chance" : "the difference may be chance",
  ];
  return { memoryMb: best.memoryMb, currentMb, sure, why: reasons.join("; ") };
}

/** One size says nothing of another: the way on is to see a second one. */
function recommendTrial(
  possible: readonly Step[],
  sizes: readonly Size[],
  currentMb: number,
): Recommendation {
  const seen = sizes[0]?.memoryMb ?? currentMb;
  const smaller = possible.filter(({ memoryMb }) => memoryMb < seen).at(-1);
  const larger = possible.find(({ memoryMb }) => memoryMb > seen);
  const trial = smaller ?? larger;
  const why =
    trial === undefined
      ? `only ${seen} MB was seen, and no other size fits`
      : `only ${seen} MB was seen, and no report says how much of a call is computing; to know, run ${trial.memoryMb} MB for a while${smaller ? ", which never costs more a call" : ""}, and tune again`;
  return { memoryMb: currentMb, currentMb, sure: "no", why };
}

/** Lower is better: both halves in shares of the largest, as AWS Lambda Power Tuning weighs them. */
function scoreOf(
  { expectedMs = 0, expectedUsd = 0 }: Step,
  all: readonly Step[],
  goal: Goal,
): number {
  const most = (of: (step: Step) => number | undefined) =>
    Math.max(1e-9, ...all.map((step) => of(step) ?? 0));
  const speed = expectedMs / most((step) => step.expectedMs);
  const price = expectedUsd / most((step) => step.expectedUsd);
  return { speed, price, balanced: (speed + price) / 2 }[goal];
}

/** Warm calls in all. */
export const sampleSize = (sizes: readonly Size[]): number =>
  sizes.reduce((total, size) => total + warmCalls(size), 0);
