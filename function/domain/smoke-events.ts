/**
 * The smoke events: one for each thing that the service does, and none that changes anything which outlives it.
 * The pre-traffic hook, `npm run smoke` and a release's synthetic calls send them.
 */
import "../platform/features.ts";
import { smokeCall, smokeEvent, type SmokeEvent } from "../platform/smoke.ts";

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
  ...(FEATURES.api ? throughRoutes() : []),
];

/** The same through the routes of the API: a version whose paths are broken answers every direct call. */
function throughRoutes(): readonly SmokeEvent[] {
  const path = "/records/smoke";
  return [
    smokeCall("PUT", { method: "PUT", path, body: { name: "smoke" } }, 200, { status: "updated" }),
    smokeCall("refused PUT", { method: "PUT", path, body: { name: 7 } }, 400),
  ];
}
