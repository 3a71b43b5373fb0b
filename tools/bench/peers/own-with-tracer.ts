/** This project with Powertools' Tracer in place of its own: what changing the tracer costs. */
import { Tracer } from "@aws-lambda-powertools/tracer";
import { powertoolsTracer } from "../../../function/adapters/powertools-tracer.ts";
import { createDomain } from "../../../function/domain/index.ts";
import { createHandler } from "../../../function/flow.ts";
import { writeLine } from "../../../function/platform/sink.ts";
import { createTelemetry } from "../../../function/platform/telemetry.ts";

export const handler = createHandler({
  ...createTelemetry(writeLine),
  tracer: powertoolsTracer(new Tracer()),
  domain: createDomain(),
  now: () => new Date(),
  startsCold: true,
  callers: { httpFronts: [], answerDirect: false, partialBatches: false },
});
