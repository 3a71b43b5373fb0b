/** What a function's answer to a batch says. Pure. */

/** How an invocation of a batch ended. */
export interface BatchEnd {
  /** Whether the invocation failed. */
  readonly failed: boolean;
  /** The answer as text. */
  readonly payload: string;
}

/**
 * Ids of the records that failed; `"all"` when the whole batch did. Lambda developer guide, "Handling errors for an
 * SQS event source" and "Configuring partial batch response with DynamoDB and Lambda": an empty or null answer, and one
 * without the list, are successes; a null or empty id, a wrong key and an id that is not in the batch are failures of
 * all. Without ReportBatchItemFailures an answer says nothing.
 */
export function failedIds(
  { failed, payload }: BatchEnd,
  ids: readonly string[],
  isPartial: boolean,
): readonly string[] | "all" {
  if (failed) return "all";
  if (!isPartial) return [];
  const answer = parsed(payload);
  if (answer === undefined) return "all";
  const { batchItemFailures = [] } = (answer ?? {}) as { batchItemFailures?: unknown };
  if (batchItemFailures === null) return [];
  if (!Array.isArray(batchItemFailures)) return "all";
  const named = batchItemFailures.map(
    (one) => (one as { itemIdentifier?: unknown } | null)?.itemIdentifier,
  );
  return named.every((id): id is string => typeof id === "string" && ids.includes(id))
    ? named
    : "all";
}

/** `undefined`: no JSON. */
function parsed(payload: string): unknown {
  if (payload === "") return null;
  try {
    return JSON.parse(payload) as unknown;
  } catch {
    return undefined;
  }
}
