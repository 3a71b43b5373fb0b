/**
 * List prices of Lambda in us-east-1 in USD, without free tiers, as of August 2026 (AWS Lambda pricing). The
 * dashboard's cost is an estimate by these; `npm run cost` has all prices of a stack.
 */
import type { Settings } from "../settings.ts";

/** One request. */
export const REQUEST_PRICE = 0.000_000_2;

const PER_GB_SECOND: Readonly<Record<Settings["architecture"], number>> = {
  arm64: 0.000_013_333_4,
  x86_64: 0.000_016_666_7,
};

/** A second of one GB of memory. */
export const computePricePerGbSecond = (architecture: Settings["architecture"]): number =>
  PER_GB_SECOND[architecture];
