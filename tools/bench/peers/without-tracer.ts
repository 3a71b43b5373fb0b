/** The service without any tracer. */
import { makeHandler } from "./service.ts";

export const handler = makeHandler();
