/**
 * Keeps nothing: the service as it is shipped only answers, so it needs no permission and no table.
 * Put here: nothing. Replace it in handler.ts by an adapter of your own, such as dynamodb-store.ts.
 */
import type { Store } from "../domain/store.ts";

export const noStore: Store = { name: "no-store", apply: () => Promise.resolve() };
