/**
 * The business logic: pure, so it is tested without mocks.
 * Put here: what the service decides, one function an action. No SDK, no clock, no random: they are passed in.
 */
import { RefusedError } from "../platform/errors.ts";
import type { Action, LambdaEvent } from "./event.ts";

export interface ProcessResult {
  readonly id: string;
  readonly name?: string;
  readonly status: "created" | "updated" | "deleted" | "current";
  /** When the record was changed. ISO 8601, UTC. */
  readonly timestamp: string;
  /** Of the record, where records are kept: 1 when it is created, and one more at every change. */
  readonly version?: number;
  /** The record, where it was asked for. */
  readonly data?: Readonly<Record<string, unknown>>;
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

/** Of a service that keeps nothing: versions.ts reads what is kept. */
const read: Logic = () => {
  throw noSuchRecord();
};

export const noSuchRecord = (): RefusedError =>
  new RefusedError([{ path: "data.id", message: "is that of no record" }], 404);

/** The router: which logic an action runs. */
const LOGIC: Readonly<Record<Action, Logic>> = { create, update, delete: remove, read };

/** Decides the outcome of one event. */
export const processEvent = ({ action, data }: LambdaEvent, facts: Facts): ProcessResult =>
  LOGIC[action](data, facts);
