/**
 * The business logic: pure, so it is tested without mocks.
 * Put here: what the service decides, one function an action. No SDK, no clock, no random: they are passed in.
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
  /** Identifier for a record that comes without one. The same at every retry of an event. */
  readonly newId: string;
}

type Logic = (data: LambdaEvent["data"], facts: Facts) => ProcessResult;

const named = ({ name }: LambdaEvent["data"]) => (name === undefined ? {} : { name });

const create: Logic = (data, { now, newId }) => ({
  id: data.id ?? newId,
  ...named(data),
  status: "created",
  timestamp: now.toISOString(),
});

const update: Logic = (data, { now, newId }) => ({
  id: data.id ?? newId,
  ...named(data),
  status: "updated",
  timestamp: now.toISOString(),
});

const remove: Logic = (data, { now, newId }) => ({
  id: data.id ?? newId,
  status: "deleted",
  timestamp: now.toISOString(),
});

/** The router: which logic an action runs. */
const LOGIC: Readonly<Record<Action, Logic>> = { create, update, delete: remove };

/** Decides the outcome of one event. */
export const processEvent = ({ action, data }: LambdaEvent, facts: Facts): ProcessResult =>
  LOGIC[action](data, facts);
