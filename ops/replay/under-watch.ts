/** Runs a replay so that releases see it, and ends it when one begins. */
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { AwsClients } from "../support/aws.ts";
import { stackArgument } from "../support/function-argument.ts";
import { Refused } from "../support/refused.ts";
import {
  RECORD_EVERY_MINUTES,
  releaseUnderWay,
  type ReplayRecord,
  writeReplay,
} from "./activity.ts";
import type { Clock } from "./clock.ts";
import type { Counts } from "./drain.ts";

export interface Watch {
  readonly clients: AwsClients;
  readonly outputs: StackOutputs;
  readonly clock: Clock;
  /** Length of a minute in milliseconds. */
  readonly minuteMs: number;
  readonly asynchronous: boolean;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** How far the replay is. */
  readonly counts: () => Pick<Counts, "delivered" | "failed">;
}

/** Checks for a release in a minute: one every five seconds. */
const CHECKS_A_MINUTE = 12;
const CHECKS_A_RECORD = CHECKS_A_MINUTE * RECORD_EVERY_MINUTES;

/**
 * Does the work. Its signal is aborted, with a text as reason, when a release begins. Throws `Refused` when
 * one is under way already. The record is written before that is asked: of a replay and a release that begin
 * at the same moment, at least one sees the other.
 */
export async function underWatch<T>(
  watch: Watch,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clients, outputs, asynchronous, signal, counts } = watch;
  const caller = new GetCallerIdentityCommand({});
  const { Arn: by = "unknown" } = await clients.sts.send(caller, { abortSignal: signal });
  const write = (over: boolean) => {
    const { delivered, failed } = counts();
    const record: ReplayRecord = { by, delivered, failed, asynchronous, over };
    return writeReplay(clients.s3, outputs, record);
  };
  await write(false);
  const ended = new AbortController();
  const released = new AbortController();
  let following: Promise<void> | undefined;
  try {
    const release = await releaseUnderWay(clients, outputs, signal);
    if (release !== undefined) {
      throw new Refused(
        `${release}, and dead letters that fail again would count against the new version`,
        `wait for its end, or follow it: npm run release -- ${stackArgument(outputs.environment, outputs)} --follow`,
        { reason: "release-under-way" },
      );
    }
    following = follow(watch, write, released, ended.signal);
    return await work(released.signal);
  } finally {
    ended.abort();
    await following;
    // A record that says nothing more is taken for that of a killed replay, two minutes later.
    await write(true).catch(() => {});
  }
}

/** A check or a record that fails is made up for by the next one. */
async function follow(
  { clients, outputs, clock, minuteMs }: Watch,
  write: (over: boolean) => Promise<void>,
  released: AbortController,
  ended: AbortSignal,
): Promise<void> {
  const isOver = () => ended.aborted || released.signal.aborted;
  for (let check = 1; !isOver(); check++) {
    await clock.sleep(minuteMs / CHECKS_A_MINUTE, ended);
    if (isOver()) return;
    const release = await releaseUnderWay(clients, outputs, ended).catch(() => undefined);
    if (release !== undefined) released.abort(`a release has begun: ${release}`);
    if (check % CHECKS_A_RECORD === 0) await write(false).catch(() => {});
  }
}
