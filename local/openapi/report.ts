/** What a comparison comes to, for people and for machines. Pure. */
import type { Change } from "./compare.ts";
import { allowsBreaks, breakingVersion } from "./version.ts";

export interface ContractReport {
  /** What it was compared with. */
  readonly against: string;
  /** Versions of the contract; `before` is null where there was none. */
  readonly before: string | null;
  readonly after: string;
  /**
   * `same`, `compatible`; `accepted`: it breaks, and the version says so; `unused`: it breaks, and no stack has an API;
   * `broken`: anything else; `new`: there was no contract before.
   */
  readonly outcome: "new" | "same" | "compatible" | "accepted" | "unused" | "broken";
  /** The least version that may break; null where there was no contract. */
  readonly allowedFrom: string | null;
  readonly breaking: readonly Omit<Change, "isBreaking">[];
  readonly other: readonly Omit<Change, "isBreaking">[];
}

export interface Comparison {
  readonly against: string;
  readonly before: string | undefined;
  readonly after: string;
  readonly changes: readonly Change[];
  /** Whether any stack has an API, so that anybody could call by the contract. */
  readonly isOn: boolean;
}

export function judge({ against, before, after, changes, isOn }: Comparison): ContractReport {
  const of = (breaks: boolean) =>
    changes
      .filter(({ isBreaking }) => isBreaking === breaks)
      .map(({ operation, what }) => ({ operation, what }));
  const breaking = of(true);
  return {
    against,
    before: before ?? null,
    after,
    outcome: outcomeOf({ before, after, changes, isOn }, breaking.length),
    allowedFrom: before === undefined ? null : (breakingVersion(before) ?? "the next major one"),
    breaking,
    other: of(false),
  };
}

function outcomeOf(
  { before, after, changes, isOn }: Omit<Comparison, "against">,
  breaks: number,
): ContractReport["outcome"] {
  if (before === undefined) return "new";
  if (changes.length === 0) return "same";
  if (breaks === 0) return "compatible";
  if (allowsBreaks(before, after)) return "accepted";
  return isOn ? "broken" : "unused";
}

export function renderReport(report: ContractReport): string {
  const { breaking, other } = report;
  const width = Math.max(...[...breaking, ...other].map(({ operation }) => operation.length), 0);
  const lines = (kind: string, changes: ContractReport["breaking"]): string[] =>
    changes.map(({ operation, what }) => `${kind}  ${operation.padEnd(width)}  ${what}`);
  const listed = [...lines("breaking  ", breaking), ...lines("compatible", other)];
  return [...listed, ...(listed.length > 0 ? [""] : []), summaryOf(report)].join("\n");
}

/** One sentence. */
export function summaryOf({
  against,
  before,
  after,
  outcome,
  breaking,
  other,
}: ContractReport): string {
  const breaks = counted(breaking.length, "breaking change");
  const others = counted(other.length, "compatible one");
  const listed = `Since ${against}: ${breaks}, ${others}`;
  const summaries: Readonly<Record<ContractReport["outcome"], string>> = {
    new: `${against} has no contract: nothing to compare with`,
    same: `The contract is the one of ${against}`,
    compatible: `Since ${against}: ${counted(other.length, "change")}, none of them breaking`,
    accepted: `${listed}; version ${after} after ${before} says that it is on purpose`,
    unused: `${listed}; no stack has an API, so nobody calls by it`,
    broken: listed,
  };
  return summaries[outcome];
}

const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? "" : "s"}`;
