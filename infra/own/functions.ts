/**
 * Your service's further functions, each with a role, logs, dead letters, alarms and releases of its own.
 * docs/extending.md#add-a-second-function shows one from end to end, and says when a second service is better.
 *
 *     {
 *       name: "reports",
 *       entryPoint: "function/reports/handler.ts",
 *       smokeEvents: SMOKE_EVENTS, // from function/reports/smoke-events.ts
 *       settings: () => ({ memoryMb: 512, timeoutSeconds: 60 }),
 *     },
 */
import type { OwnFunction } from "../functions/own-function.ts";

export const ownFunctions: readonly OwnFunction[] = [];
