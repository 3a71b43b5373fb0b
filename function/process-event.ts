/**
 * The business logic: pure, so it is tested without mocks.
 * Put here: what the service decides. No SDK, no clock, no random: they are passed in.
 */
import type { Action, LambdaEvent } from "./event.ts";

export interface ProcessResult {
  readonly id: string;
  readonly name?: string;
  readonly status: "created" | "updated" | "deleted";
  /** ISO 8601, UTC. */
  readonly timestamp: string;
}

/** What the logic may not find out by itself. */
export interface Facts {
  readonly now: Date;
  /** Identifier for a record that comes without one. */
  readonly newId: string;
}

const STATUS = {
  create: "created",
  update: "updated",
  delete: "deleted",
} as const satisfies Record<Action, ProcessResult["status"]>;

/** Decides the outcome of one event. */
export function processEvent({ action, data }: LambdaEvent, { now, newId }: Facts): ProcessResult {
  return {
    id: data.id ?? newId,
    ...(data.name !== undefined && { name: data.name }),
    status: STATUS[action],
    timestamp: now.toISOString(),
  };
}
