/** A domain that takes HTTP and direct calls alone, as many do. */
import type { Domain } from "../../function/platform/domain.ts";
import { createDomain as ofAllSources } from "./all-sources.ts";

export const createDomain = (): Domain<unknown, object> => {
  const { sources: _, ...domain } = ofAllSources();
  return domain;
};
