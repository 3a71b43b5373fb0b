/**
 * EventBridge Scheduler, whose calls in the emulator know no weights of an alias and count nothing. The emulator keeps
 * the schedules, switched off, and this calls (Scheduler User Guide, "Schedule types", "Adding context attributes",
 * "Configuring a dead-letter queue"):
 *
 * - a rate counts from the creation on, a cron expression is a moment of the schedule's time zone;
 * - a function is called asynchronously, so what it answers is Lambda's business;
 * - what cannot be called is tried again and then becomes a dead letter, with the reason in its attributes.
 *
 * A rate keeps the local cloud's time, where a minute may be short; a cron expression keeps the clock on the wall.
 */
import { Cron } from "croner";
import { GetQueueUrlCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { setTimeout as sleep } from "node:timers/promises";
import { randomUUID } from "node:crypto";
import type { Answer, Call, Forward } from "../http.ts";
import { targetOf } from "./mapping.ts";

export interface FrontSchedulesOptions {
  readonly sqs: SQSClient;
  readonly forward: Forward;
  /** Calls a function asynchronously; rejects when there is none. */
  readonly invoke: (target: ReturnType<typeof targetOf>, event: string) => Promise<void>;
  readonly minuteMs: number;
}

/** As CreateSchedule and UpdateSchedule take it. */
interface ScheduleInput {
  readonly GroupName?: string;
  readonly State?: string;
  readonly ScheduleExpression?: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly Target?: {
    readonly Arn?: string;
    readonly Input?: string;
    readonly DeadLetterConfig?: { readonly Arn?: string };
  };
}

const PATH = /^\/schedules\/([^/]+)$/;
const RATE = /^rate\((\d+) (minute|hour|day)s?\)$/;
const MINUTES = { minute: 1, hour: 60, day: 1_440 } as const;
/** Tries of one call; Scheduler makes up to 185 over a day. */
const TRIES = 3;
/** Longest pause that Node takes. */
const MOST_PAUSE_MS = 2_147_000_000;

export class FrontSchedules {
  readonly #options: FrontSchedulesOptions;
  readonly #running = new Map<string, { stop: AbortController; done: Promise<void> }>();

  constructor(options: FrontSchedulesOptions) {
    this.#options = options;
  }

  /** Answers the calls that change a schedule, and leaves all others. */
  async answer(call: Call): Promise<Answer | undefined> {
    const name = call.service === "scheduler" ? PATH.exec(call.path)?.[1] : undefined;
    if (name === undefined || call.method === "GET") return undefined;
    const input = call.json() as ScheduleInput;
    const body = Buffer.from(JSON.stringify({ ...input, State: "DISABLED" }));
    const headers = { ...call.headers, "content-length": String(body.length) };
    const answer = await this.#options.forward(
      call.method === "DELETE" ? call : { ...call, headers, body },
    );
    if (answer.status >= 300) return answer;
    const group = input.GroupName ?? call.query.get("groupName") ?? "default";
    const key = `${group}/${name}`;
    await this.#end(key);
    if (call.method !== "DELETE" && input.State !== "DISABLED") this.#start(key, input);
    return answer;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((key) => this.#end(key)));
  }

  #start(key: string, input: ScheduleInput): void {
    const stop = new AbortController();
    const done = this.#run(key, input, stop.signal).catch(() => undefined);
    this.#running.set(key, { stop, done });
  }

  async #end(key: string): Promise<void> {
    const running = this.#running.get(key);
    this.#running.delete(key);
    running?.stop.abort();
    await running?.done;
  }

  async #run(key: string, input: ScheduleInput, signal: AbortSignal): Promise<void> {
    const next = moments(input, this.#options.minuteMs);
    for (let dueMs = next(Date.now()); dueMs !== undefined; dueMs = next(dueMs)) {
      while (Date.now() < dueMs) {
        const pauseMs = Math.min(dueMs - Date.now(), MOST_PAUSE_MS);
        await sleep(pauseMs, undefined, { signal });
      }
      await this.#fire(key, input, new Date(dueMs));
    }
  }

  async #fire(key: string, { Target = {} }: ScheduleInput, due: Date): Promise<void> {
    const { Arn = "", Input = "{}", DeadLetterConfig } = Target;
    const scheduledTime = due.toISOString().replace(/\.\d+Z$/, "Z");
    let failure = "";
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const event = Input.replaceAll("<aws.scheduler.scheduled-time>", scheduledTime)
        .replaceAll("<aws.scheduler.execution-id>", randomUUID())
        .replaceAll("<aws.scheduler.attempt-number>", String(attempt))
        .replaceAll("<aws.scheduler.schedule-arn>", key);
      try {
        return await this.#options.invoke(targetOf(Arn), event);
      } catch (error) {
        failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      }
    }
    const queueName = DeadLetterConfig?.Arn?.split(":").at(-1);
    if (queueName === undefined) return;
    const { sqs } = this.#options;
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queueName }));
    const text = (StringValue: string) => ({ DataType: "String", StringValue });
    await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: Input.replaceAll("<aws.scheduler.scheduled-time>", scheduledTime),
        MessageAttributes: {
          ERROR_CODE: text(failure.split(":")[0] ?? ""),
          ERROR_MESSAGE: text(failure),
          SCHEDULED_TIME: text(scheduledTime),
          TARGET_ARN: text(Arn),
        },
      }),
    );
  }
}

/** The moment after one, in milliseconds since 1970; `undefined` when there is none. */
function moments(
  { ScheduleExpression = "", ScheduleExpressionTimezone: timezone = "UTC" }: ScheduleInput,
  minuteMs: number,
): (afterMs: number) => number | undefined {
  const [, number, unit] = RATE.exec(ScheduleExpression) ?? [];
  if (unit !== undefined) {
    const everyMs = Number(number) * MINUTES[unit as keyof typeof MINUTES] * minuteMs;
    return (afterMs) => afterMs + everyMs;
  }
  const fields = /^cron\((.+)\)$/.exec(ScheduleExpression)?.[1];
  if (fields === undefined) return () => undefined;
  // AWS counts the days of the week from Sunday, 1, and writes steps from a value: 0/15.
  const cron = new Cron(`0 ${fields}`, {
    mode: "7-part",
    alternativeWeekdays: true,
    sloppyRanges: true,
    domAndDow: true,
    timezone,
    paused: true,
  });
  return (afterMs) => cron.nextRun(new Date(afterMs))?.getTime();
}
