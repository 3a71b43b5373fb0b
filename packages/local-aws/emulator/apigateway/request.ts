/** A request of somebody who calls an API, as it came. */
import type { Call } from "../http.ts";

export interface ApiRequest {
  readonly method: string;
  /** Path within the API, encoded as it was sent; begins with `/`. */
  readonly path: string;
  /** The custom domain by which the API was called, and the base path there, with its slash. */
  readonly mount: Mount | undefined;
  /** Path and query as they came to the front, which a signature covers. */
  readonly url: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly rawQuery: string;
  /** Names as they were sent, in the order in which they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly sourceIp: string;
}

export interface Mount {
  readonly domainName: string;
  /** For example `/v1`, or nothing. */
  readonly basePath: string;
}

/** The request of a call, with the path that is left for the API. */
export function apiRequest(
  call: Call,
  { path, mount }: Pick<ApiRequest, "path" | "mount">,
): ApiRequest {
  const { method, url, query, rawHeaders, body } = call;
  const headers = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ""] as const] : [],
  );
  const rawQuery = url.split("?").slice(1).join("?");
  // Nothing but this machine reaches the front.
  const sourceIp = "127.0.0.1";
  return { method, path, mount, url, query: [...query], rawQuery, headers, body, sourceIp };
}

/** The value of a header, in whatever case its name was sent; several values are joined. */
export function headerOf(
  { headers }: Pick<ApiRequest, "headers">,
  name: string,
): string | undefined {
  const values = headers.filter(([key]) => key.toLowerCase() === name.toLowerCase());
  return values.length === 0 ? undefined : values.map(([, value]) => value).join(",");
}

/** The last value of each, and all of them. */
export function grouped(pairs: ApiRequest["headers"]): {
  readonly last: Readonly<Record<string, string>>;
  readonly all: Readonly<Record<string, readonly string[]>>;
} {
  const all: Record<string, string[]> = {};
  for (const [name, value] of pairs) (all[name] ??= []).push(value);
  const last = Object.fromEntries(
    Object.entries(all).map(([name, values]) => [name, values.at(-1) ?? ""]),
  );
  return { last, all };
}

/** `application/json` of `application/json; charset=utf-8`. Without a type, API Gateway takes a body for JSON. */
export const mediaTypeOf = (request: Pick<ApiRequest, "headers">): string =>
  (headerOf(request, "content-type") ?? "").split(";")[0]?.trim().toLowerCase() ||
  "application/json";
