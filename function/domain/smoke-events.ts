/**
 * The smoke events: one for each thing that the service does, and none that changes anything which outlives it.
 * The pre-traffic hook, `npm run smoke` and a release's synthetic calls send them.
 */
import { smokeEvent, type SmokeEvent } from "../platform/smoke.ts";

export const SMOKE_EVENTS: readonly SmokeEvent[] = [
  smokeEvent("create", { action: "create", data: { name: "smoke" } }, 200, {
    name: "smoke",
    status: "created",
  }),
  smokeEvent("update", { action: "update", data: { id: "smoke", name: "smoke" } }, 200, {
    id: "smoke",
    status: "updated",
  }),
  smokeEvent("delete", { action: "delete", data: { id: "smoke" } }, 200, {
    id: "smoke",
    status: "deleted",
  }),
  // Nothing is left of a smoke event, with a table or without.
  smokeEvent("read", { action: "read", data: { id: "smoke" } }, 404),
  // A version that accepts anything is as broken as one that accepts nothing.
  smokeEvent("refusal", { action: "no such action", data: {} }, 400),
];
