/**
 * What pages of other origins may read of an answer. In the bundle only where an API is turned on.
 * Put here: CORS of the handler's own answers. A REST API answers a browser's question before a call itself, an HTTP
 * API and a function URL do all of it.
 */
import { header, type HttpEvent } from "./http.ts";
import type { Headers } from "./response.ts";

/** Headers of answers that a page may read beside the few that browsers always show. */
const EXPOSED = "etag, location, retry-after, x-correlation-id";

/**
 * For every answer, whatever its status: a page that may not read a refusal cannot say what is wrong. `allow` are the
 * methods, for a browser that asks before a call: behind a load balancer that question comes through to the handler.
 */
export function corsHeaders(event: HttpEvent, origins: readonly string[], allow: string): Headers {
  if (origins.length === 0) return {};
  const isAny = origins.includes("*");
  const asking = header(event, "origin") ?? "";
  const allowed = isAny ? "*" : origins.find((origin) => origin === asking);
  const isQuestion = header(event, "access-control-request-method") !== undefined;
  return {
    ...(!isAny && { vary: "Origin" }),
    ...(allowed !== undefined && {
      "access-control-allow-origin": allowed,
      "access-control-expose-headers": EXPOSED,
      ...(isQuestion && {
        "access-control-allow-methods": allow,
        "access-control-allow-headers": header(event, "access-control-request-headers") ?? "",
      }),
    }),
  };
}
