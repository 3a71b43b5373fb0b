/** The service with Powertools' Tracer, which is installed with the peers only. */
import { Tracer } from "@aws-lambda-powertools/tracer";
import { makeHandler } from "./service.ts";

export const handler = makeHandler(new Tracer());
