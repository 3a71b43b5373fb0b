/**
 * Powertools' Tracer in place of xray.ts, for a service that wants what only the X-Ray SDK does:
 * `tracer: powertoolsTracer(new Tracer())` in handler.ts, and the package in package.json. It costs more in a
 * cold start than everything else together: docs/decisions/0301-powertools-over-our-own-sink.md.
 */
import type { Label, Step, Tracer } from "../platform/tracing.ts";

/** A segment of the X-Ray SDK, as far as it is used. */
export interface XraySegment {
  readonly id: string;
  readonly trace_id?: string;
  readonly segment?: { readonly trace_id: string };
  namespace?: string;
  addNewSubsegment(name: string): XraySegment;
  addMetadata(key: string, value: object | null, namespace?: string): void;
  addAttribute(name: string, data: object): void;
  addError(error: Error | string): void;
  close(): void;
}

/** What is used of Powertools' `Tracer`. */
export interface PowertoolsTracer {
  isTracingEnabled(): boolean;
  getSegment(): XraySegment | undefined;
  setSegment(segment: XraySegment): void;
  putAnnotation(key: string, value: Label): void;
  getRootXrayTraceId(): string | undefined;
}

export function powertoolsTracer(tracer: PowertoolsTracer): Tracer {
  const stepOf = (segment: XraySegment | undefined): Step => ({
    annotate: (key, value) => tracer.putAnnotation(key, value),
    metadata: (key, value) => segment?.addMetadata(key, { value }),
    async step(name, run, namespace) {
      const child = segment?.addNewSubsegment(name);
      if (child && namespace) child.namespace = namespace;
      try {
        return await run(stepOf(child));
      } catch (error) {
        child?.addError(asError(error));
        throw error;
      } finally {
        child?.close();
      }
    },
    details({ aws, http }) {
      if (aws) segment?.addAttribute("aws", aws);
      if (http) segment?.addAttribute("http", http);
    },
    header: () =>
      segment ? `Root=${tracer.getRootXrayTraceId() ?? ""};Parent=${segment.id};Sampled=1` : "",
  });
  return {
    begin(name) {
      const parent = tracer.isTracingEnabled() ? tracer.getSegment() : undefined;
      const own = parent?.addNewSubsegment(name);
      // Powertools' annotations go to the segment that it holds for the current one.
      if (own) tracer.setSegment(own);
      return {
        ...stepOf(own),
        end(error) {
          if (error !== undefined) own?.addError(asError(error));
          own?.close();
          if (parent) tracer.setSegment(parent);
        },
      };
    },
  };
}

const asError = (error: unknown): Error | string =>
  error instanceof Error ? error : `${typeof error} was thrown`;
