/** Every event source of a stack: those that config states, and the one by which a table's changes are published. */
import { outboxSources } from "../database/outbox.ts";
import type { DatabaseSettings } from "../database/settings.ts";
import type { Source } from "./source.ts";

export const allSources = (
  settings: DatabaseSettings & { readonly sources: readonly Source[] },
): readonly Source[] => [...settings.sources, ...outboxSources(settings)];
