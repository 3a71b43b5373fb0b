/**
 * Traces for X-Ray: one document an invocation, sent to the daemon that Lambda runs beside the function.
 * AWS's own SDK is in maintenance and costs more in a cold start than the rest of the handler.
 * Put here: X-Ray's format. Documented under "X-Ray segment documents" and "X-Ray daemon".
 */
import { steadyMs } from "./clock.ts";
import { RefusedError } from "./errors.ts";
import { logValue } from "./log-value.ts";
import { secretKeys } from "./redact.ts";
import { type Label, type Step, type Trace, type Tracer, unsampled } from "./tracing.ts";

/** Sends one datagram and never throws. */
export type Send = (message: string) => void;

/** What the daemon wants before each document. */
const HEADER = '{"format":"json","version":1}\n';

/** A datagram holds 65,507 bytes and a character has at most three: a longer document goes without its steps. */
const MAX_DOCUMENT = 21_000;
const MAX_MESSAGE = 1000;

interface Subsegment {
  readonly id: string;
  readonly name: string;
  readonly start_time: number;
  readonly namespace?: "aws" | "remote";
  end_time?: number;
  /** The caller's error, 4xx. */
  error?: true;
  /** It was 429, or what a service says in its place. */
  throttle?: true;
  /** Ours, 5xx. */
  fault?: true;
  cause?: object;
  aws?: object;
  http?: object;
  metadata?: { default: Record<string, unknown> };
  subsegments?: Subsegment[];
}

/** Takes part in the trace that Lambda names in `_X_AMZN_TRACE_ID`, when that one is sampled. */
export function xrayTracer(send: Send, traceHeader: () => string = lambdaTraceHeader): Tracer {
  return {
    begin(name) {
      const header = traceHeader();
      const { Root, Parent, Sampled } = Object.fromEntries(
        header.split(";").map((part) => part.split("=")),
      );
      if (Sampled !== "1" || !Root || !Parent) return unsampled(header);
      return trace(name, { trace_id: Root, parent_id: Parent, type: "subsegment" }, send);
    },
  };
}

function trace(
  name: string,
  location: { readonly trace_id: string; readonly parent_id: string; readonly type: string },
  send: Send,
): Trace {
  // The wall clock once, then the steady one: steps of microseconds keep their lengths.
  const offsetMs = Date.now() - steadyMs();
  const seconds = (): number => (offsetMs + steadyMs()) / 1000;
  const open = (name: string, namespace?: "aws" | "remote"): Subsegment => ({
    id: newId(),
    name,
    start_time: seconds(),
    ...(namespace && { namespace }),
  });
  const close = (subsegment: Subsegment, error?: unknown): void => {
    subsegment.end_time = seconds();
    if (error !== undefined) Object.assign(subsegment, described(error));
  };
  const annotations: Record<string, Label> = {};

  const stepOf = (subsegment: Subsegment): Step => ({
    annotate(key, value) {
      annotations[key] = value;
    },
    metadata(key, value) {
      subsegment.metadata ??= { default: {} };
      subsegment.metadata.default[key] = logValue(value, isSecret);
    },
    async step(name, run, namespace) {
      const child = open(name, namespace);
      (subsegment.subsegments ??= []).push(child);
      try {
        const result = await run(stepOf(child));
        close(child);
        return result;
      } catch (error) {
        close(child, error ?? "unknown");
        throw error;
      }
    },
    details(details) {
      Object.assign(subsegment, details);
    },
    header: () => `Root=${location.trace_id};Parent=${subsegment.id};Sampled=1`,
  });

  const root = open(name);
  return {
    ...stepOf(root),
    end(error) {
      close(root, error);
      const { subsegments, metadata, ...own } = { ...root, ...location, annotations };
      const whole = JSON.stringify({ ...own, metadata, subsegments });
      send(HEADER + (whole.length <= MAX_DOCUMENT ? whole : JSON.stringify(own)));
    },
  };
}

const isSecret = secretKeys();

const lambdaTraceHeader = (): string => process.env._X_AMZN_TRACE_ID ?? "";

/** 16 hexadecimal digits. They must differ, not be unguessable. */
const newId = (): string => half() + half();
const half = (): string =>
  Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, "0");

function described(error: unknown): Partial<Subsegment> {
  try {
    const { name, message, stack } =
      error instanceof Error ? error : { name: typeof error, message: error, stack: "" };
    const whose = error instanceof RefusedError ? "error" : "fault";
    const isThrottle = THROTTLE.test(name);
    const exception = {
      id: newId(),
      type: name,
      message: String(message).slice(0, MAX_MESSAGE),
      stack: frames(stack),
    };
    return {
      ...(isThrottle ? { error: true, throttle: true } : { [whose]: true }),
      cause: { exceptions: [exception] },
    };
  } catch {
    // An error may hold what has no text; that must not take the place of the error.
    return { fault: true };
  }
}

/** Names that AWS's services give to "too many requests" (AWS SDK for JavaScript, retry classification). */
const THROTTLE =
  /Throttl|TooManyRequests|ProvisionedThroughputExceeded|SlowDown|RequestLimitExceeded/;

const MAX_FRAMES = 10;

/** The stack as X-Ray shows it. */
const frames = (stack = ""): object[] =>
  [...stack.matchAll(/^ +at (?:(.+?) \()?(.+?):(\d+):\d+\)?$/gm)]
    .slice(0, MAX_FRAMES)
    .map(([, label = "", path, line]) => ({ path, line: Number(line), label }));
