/** What is known of a request, by the names of `$context` (API Gateway developer guide, "Variables for data models"). */
import { randomBytes, randomUUID } from "node:crypto";
import { type ApiRequest, headerOf } from "./request.ts";

export class Context {
  readonly #values = new Map<string, string>();

  /** Sets variables; those that are undefined stay unknown. */
  set(values: Readonly<Record<string, string | number | undefined>>): void {
    for (const [name, value] of Object.entries(values)) {
      if (value !== undefined) this.#values.set(name, String(value));
    }
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** All as objects within objects, as templates read them. */
  nested(): Readonly<Record<string, unknown>> {
    const root: Record<string, unknown> = {};
    for (const [name, value] of this.#values) {
      const parts = name.split(".");
      const last = parts.pop() ?? "";
      let at = root;
      for (const part of parts) at = (at[part] ??= {}) as Record<string, unknown>;
      at[last] = value;
    }
    return root;
  }

  /** The text with its `$context.name` replaced, and what is unknown by `missing`. */
  substitute(text: string, missing: string): string {
    const replaced = (_all: string, name: string) => this.#values.get(name) ?? missing;
    return text
      .replaceAll(/\$\{context\.([\w.-]+)\}/g, replaced)
      .replaceAll(/\$context\.(\w+(?:[.-]\w+)*)/g, replaced);
  }
}

export interface Gateway {
  readonly accountId: string;
  readonly region: string;
  readonly apiId: string;
  readonly stage: string;
}

/** What is known before any check. */
export function newContext(gateway: Gateway, request: ApiRequest, nowMs: number): Context {
  const context = new Context();
  const { apiId, stage, region, accountId } = gateway;
  const { mount } = request;
  // AWS's own host, also where the request came by this machine's.
  const domainName = mount?.domainName ?? `${apiId}.execute-api.${region}.amazonaws.com`;
  context.set({
    accountId,
    apiId,
    stage,
    domainName,
    domainPrefix: domainName.split(".")[0],
    // "Clients can override this request ID" (guide), and not the extended one.
    requestId: headerOf(request, "x-amzn-requestid") ?? randomUUID(),
    extendedRequestId: `${randomBytes(11).toString("base64url")}=`,
    requestTime: requestTime(nowMs),
    requestTimeEpoch: nowMs,
    httpMethod: request.method,
    protocol: "HTTP/1.1",
    path: `${mount?.basePath ?? `/${stage}`}${request.path}`,
    "identity.sourceIp": request.sourceIp,
    "identity.userAgent": headerOf(request, "user-agent"),
    xrayTraceId: traceId(nowMs),
  });
  return context;
}

/** As CLF writes it: `09/Apr/2015:12:34:56 +0000`. */
function requestTime(nowMs: number): string {
  const [, day = "", month = "", year = "", time = ""] = new Date(nowMs).toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}

/** Version, time in hexadecimal seconds, 96 random bits (X-Ray developer guide, "Tracing header"). */
const traceId = (nowMs: number): string =>
  `1-${Math.floor(nowMs / 1000).toString(16)}-${randomBytes(12).toString("hex")}`;
