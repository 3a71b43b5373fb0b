/**
 * Traces for X-Ray: one document an invocation, sent to the daemon that Lambda runs beside the function.
 * AWS's own SDK is in maintenance and costs more in a cold start than the rest of the handler.
 * Put here: X-Ray's format. Documented under "X-Ray segment documents" and "X-Ray daemon".
 */
import { steadyMs } from "./clock.ts";
import { RefusedError } from "./errors.ts";
import { noTracer, type Trace, type Tracer } from "./tracing.ts";

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
  end_time?: number;
  /** The caller's error, 4xx. */
  error?: true;
  /** Ours, 5xx. */
  fault?: true;
  cause?: object;
}

/** Takes part in the trace that Lambda names in `_X_AMZN_TRACE_ID`, when that one is sampled. */
export function xrayTracer(send: Send, traceHeader: () => string = lambdaTraceHeader): Tracer {
  return {
    begin(name) {
      const { Root, Parent, Sampled } = Object.fromEntries(
        traceHeader()
          .split(";")
          .map((part) => part.split("=")),
      );
      if (Sampled !== "1" || !Root || !Parent) return noTracer.begin(name);
      return trace(name, { trace_id: Root, parent_id: Parent, type: "subsegment" }, send);
    },
  };
}

function trace(name: string, location: object, send: Send): Trace {
  // The wall clock once, then the steady one: steps of microseconds keep their lengths.
  const offsetMs = Date.now() - steadyMs();
  const seconds = (): number => (offsetMs + steadyMs()) / 1000;
  const open = (name: string): Subsegment => ({ id: newId(), name, start_time: seconds() });
  const close = (subsegment: Subsegment, error?: unknown): void => {
    subsegment.end_time = seconds();
    if (error !== undefined) Object.assign(subsegment, described(error));
  };

  const root = open(name);
  const annotations: Record<string, string | number | boolean> = {};
  const subsegments: Subsegment[] = [];
  return {
    annotate(key, value) {
      annotations[key] = value;
    },
    async step(name, run) {
      const subsegment = open(name);
      subsegments.push(subsegment);
      try {
        const result = await run();
        close(subsegment);
        return result;
      } catch (error) {
        close(subsegment, error ?? "unknown");
        throw error;
      }
    },
    end(error) {
      close(root, error);
      const whole = JSON.stringify({ ...root, ...location, annotations, subsegments });
      const fits = whole.length <= MAX_DOCUMENT;
      send(HEADER + (fits ? whole : JSON.stringify({ ...root, ...location, annotations })));
    },
  };
}

const lambdaTraceHeader = (): string => process.env._X_AMZN_TRACE_ID ?? "";

/** 16 hexadecimal digits. They must differ, not be unguessable. */
const newId = (): string => half() + half();
const half = (): string =>
  Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, "0");

function described(error: unknown): Partial<Subsegment> {
  const whose = error instanceof RefusedError ? "error" : "fault";
  try {
    const { name, message } =
      error instanceof Error ? error : { name: typeof error, message: error };
    const exception = { id: newId(), type: name, message: String(message).slice(0, MAX_MESSAGE) };
    return { [whose]: true, cause: { exceptions: [exception] } };
  } catch {
    // An error may hold what has no text; that must not take the place of the error.
    return { [whose]: true };
  }
}
