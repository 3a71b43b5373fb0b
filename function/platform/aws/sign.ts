/**
 * AWS's signature of a request, version 4 (IAM User Guide, "Create a signed AWS API request"): what an SDK client
 * does, without its 100 KB. Pure but for the day's key, which it keeps.
 * Put here: how a request is signed. How it is sent stands in call.ts.
 */
import { createHash, createHmac } from "node:crypto";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials, which are all that a role has. */
  readonly sessionToken?: string | undefined;
}

export interface SignedRequest {
  /** As it is in ARNs and hosts, for example `secretsmanager` or `dynamodb`. */
  readonly service: string;
  readonly region: string;
  readonly method: string;
  /** As it is sent: `/`, or with each segment encoded; without a query. */
  readonly path: string;
  /** Parameters behind `?`, each once. Default: none. */
  readonly query?: Readonly<Record<string, string>>;
  /** All that are signed, `host` among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly credentials: Credentials;
  readonly now: Date;
}

/** The request's headers with those of the signature, all in lower case. */
export function sign(request: SignedRequest): Record<string, string> {
  const { service, region, credentials, now } = request;
  const time = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const headers = lowerCase({
    ...request.headers,
    "x-amz-date": time,
    ...(credentials.sessionToken && { "x-amz-security-token": credentials.sessionToken }),
  });
  const names = Object.keys(headers).toSorted();
  const signedHeaders = names.join(";");
  const canonical = [
    request.method,
    // S3 alone takes the path as it is sent; all others encode what is encoded already once more.
    service === "s3" ? request.path : request.path.split("/").map(encode).join("/"),
    canonicalQuery(request.query ?? {}),
    ...names.map((name) => `${name}:${headers[name]?.trim().replaceAll(/\s+/g, " ")}`),
    "",
    signedHeaders,
    sha256(request.body),
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const signature = createHmac("sha256", keyOf(scope, credentials)).update(text).digest("hex");
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
  };
}

/** A text as part of a path or a query: more is encoded than `encodeURIComponent` does. */
export const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const canonicalQuery = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .map(([name, value]) => [encode(name), encode(value)] as const)
    // By code unit, as AWS sorts: a locale would put capitals elsewhere.
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The key of a day, a region and a service; the same for thousands of requests. */
function keyOf(scope: string, { secretAccessKey }: Credentials): Buffer {
  const known = keys.get(scope);
  if (known?.of === secretAccessKey) return known.key;
  const key = scope
    .split("/")
    .reduce<Buffer>(
      (outer, part) => createHmac("sha256", outer).update(part).digest(),
      Buffer.from(`AWS4${secretAccessKey}`),
    );
  // Yesterday's keys are of no use.
  if (keys.size >= MOST_KEYS) keys.clear();
  keys.set(scope, { of: secretAccessKey, key });
  return key;
}

const MOST_KEYS = 8;
const keys = new Map<string, { readonly of: string; readonly key: Buffer }>();
