/** What a change adds to a month, line by line: two estimates of the same usage compared. Pure. */
import type { PriceName } from "../../infra/observability/prices.ts";
import type { CostLine, Estimate } from "./estimate.ts";

/** One line of a difference. */
export interface DifferenceLine {
  /** The resource's name in the program. */
  readonly resource: string;
  /** What is paid for. */
  readonly what: string;
  /** The price that applies afterwards; before, where nothing is left. */
  readonly price: PriceName;
  readonly beforeUsd: number;
  readonly afterUsd: number;
  /** What the change adds a month; negative where it saves. */
  readonly usd: number;
  /** What the quantity comes from, for example `512 MB for 100 ms`; absent on the side that has no such line. */
  readonly before?: string;
  readonly after?: string;
}

/** How many resources of a type without a price there are. */
export interface NotPriced {
  readonly before: number;
  readonly after: number;
}

export interface Difference {
  /** Only what differs, the largest amounts first. */
  readonly lines: readonly DifferenceLine[];
  readonly beforeUsd: number;
  readonly afterUsd: number;
  readonly usd: number;
  /** Types without a price whose number differs. */
  readonly notPriced: Readonly<Record<string, NotPriced>>;
}

/** Amounts below this are an artefact of floating-point numbers. */
const NOTHING_USD = 1e-9;

/** Compares two estimates. A line is the same line when it is of the same resource and for the same thing. */
export function difference(before: Estimate, after: Estimate): Difference {
  const [old, current] = [before, after].map(
    ({ lines }) => new Map(lines.map((line) => [keyOf(line), line])),
  ) as [Map<string, CostLine>, Map<string, CostLine>];
  const lines = [...new Set([...old.keys(), ...current.keys()])].flatMap((key) => {
    const [one, other] = [old.get(key), current.get(key)];
    const line = other ?? one;
    const [beforeUsd, afterUsd] = [one?.usd ?? 0, other?.usd ?? 0];
    if (line === undefined || Math.abs(afterUsd - beforeUsd) < NOTHING_USD) return [];
    return [
      {
        resource: line.resource,
        what: line.what,
        price: line.price,
        beforeUsd,
        afterUsd,
        usd: afterUsd - beforeUsd,
        ...(one?.detail !== undefined && { before: one.detail }),
        ...(other?.detail !== undefined && { after: other.detail }),
      },
    ];
  });
  return {
    lines: lines.toSorted((a, b) => Math.abs(b.usd) - Math.abs(a.usd)),
    beforeUsd: before.totalUsd,
    afterUsd: after.totalUsd,
    usd: after.totalUsd - before.totalUsd,
    notPriced: changedCounts(before.notPriced, after.notPriced),
  };
}

const keyOf = ({ type, resource, what }: CostLine): string => [type, resource, what].join("\n");

const changedCounts = (
  before: Estimate["notPriced"],
  after: Estimate["notPriced"],
): Difference["notPriced"] =>
  Object.fromEntries(
    [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .sort()
      .map((type) => [type, { before: before[type] ?? 0, after: after[type] ?? 0 }] as const)
      .filter(([, counts]) => counts.before !== counts.after),
  );
