/** What is called of Powertools' Tracer, on a stand-in with its methods; the benchmark runs the real one. */
import { expect } from "chai";
import {
  type PowertoolsTracer,
  powertoolsTracer,
  type XraySegment,
} from "../../../function/adapters/powertools-tracer.ts";
import type { Tracer } from "../../../function/platform/tracing.ts";
import { rejection } from "../support/harness.ts";

/** A segment that remembers what happened to it. */
function segment(name: string, log: string[]): XraySegment {
  return {
    id: `id-of-${name}`,
    addNewSubsegment(child) {
      log.push(`${name} > ${child}`);
      return segment(child, log);
    },
    addMetadata: (key, value) => log.push(`${name} metadata ${key} ${JSON.stringify(value)}`),
    addAttribute: (key, data) => log.push(`${name} ${key} ${JSON.stringify(data)}`),
    addError: (error) => log.push(`${name} error ${String(error)}`),
    close: () => log.push(`${name} closed`),
  };
}

function powertools(enabled = true) {
  const log: string[] = [];
  let current = segment("facade", log);
  const tracer: PowertoolsTracer = {
    isTracingEnabled: () => enabled,
    getSegment: () => current,
    setSegment: (of) => {
      current = of;
    },
    putAnnotation: (key, value) => log.push(`${current.id} annotation ${key} ${String(value)}`),
    getRootXrayTraceId: () => "1-root",
  };
  return { log, tracer: powertoolsTracer(tracer), current: () => current.id };
}

const play = async (tracer: Tracer) => {
  const trace = tracer.begin("handler");
  trace.annotate("ColdStart", true);
  const header = await trace.step(
    "DynamoDB",
    (step) => {
      step.metadata("key", 7);
      step.details({ aws: { operation: "PutItem" } });
      return step.header();
    },
    "aws",
  );
  await rejection(trace.step("broken", () => Promise.reject(new Error("x"))));
  trace.end(new Error("x"));
  return header;
};

describe("Powertools' Tracer in place of our own", () => {
  it("gets all that the service says of a trace", async () => {
    const { log, tracer, current } = powertools();

    expect(await play(tracer)).to.equal("Root=1-root;Parent=id-of-DynamoDB;Sampled=1");

    expect(log).to.deep.equal([
      "facade > handler",
      "id-of-handler annotation ColdStart true",
      "handler > DynamoDB",
      `DynamoDB metadata key {"value":7}`,
      `DynamoDB aws {"operation":"PutItem"}`,
      "DynamoDB closed",
      "handler > broken",
      "broken error Error: x",
      "broken closed",
      "handler error Error: x",
      "handler closed",
    ]);
    expect(current()).to.equal("id-of-facade");
  });

  it("carries the steps out where tracing is off", async () => {
    const { log, tracer } = powertools(false);

    expect(await play(tracer)).to.equal("");
    expect(log).to.deep.equal(["id-of-facade annotation ColdStart true"]);
  });
});
