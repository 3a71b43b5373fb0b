/**
 * Signature Version 4 of a request, checked by signing it again (IAM user guide, "Signature Version 4 signing process").
 * Who signs with an account's id as access key and `local` as secret is that account's root, as everywhere in the local
 * cloud; what a role may do is not judged here, because the emulator alone knows the secrets of roles.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { GatewayRefusal } from "./gateway-response.ts";
import { type ApiRequest, headerOf } from "./request.ts";
import { Sha256 } from "./sha256.ts";

export interface SignatureOptions {
  readonly region: string;
  readonly nowMs: number;
}

/** Who has signed. */
export interface Signer {
  readonly accessKey: string;
  readonly accountId: string;
}

const SERVICE = "execute-api";
const SECRET = "local";
const ALGORITHM = "AWS4-HMAC-SHA256";
/** How far a client's clock may be off. */
const MOST_SKEW_MS = 5 * 60_000;

interface Signed {
  readonly accessKey: string;
  readonly scopeRegion: string;
  readonly scopeService: string;
  readonly headers: readonly string[];
  readonly signature: string;
  readonly date: Date;
  /** Seconds, where the signature stands in the query. */
  readonly expiresIn: number | undefined;
}

/** Who has signed a request. Throws a `GatewayRefusal` as API Gateway does: an unsigned one lacks its token. */
export async function signerOf(request: ApiRequest, options: SignatureOptions): Promise<Signer> {
  const signed = signedOf(request);
  const { accessKey, scopeRegion, scopeService, headers } = signed;
  if (scopeService !== SERVICE)
    throw invalid(`Credential should be scoped to correct service: '${SERVICE}'. `);
  if (scopeRegion !== options.region)
    throw invalid("Credential should be scoped to a valid region. ");
  if (!headers.includes("host")) {
    throw invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization. ");
  }
  checkTime(signed, options.nowMs);
  if (!/^\d{12}$/.test(accessKey)) {
    throw new GatewayRefusal("INVALID_SIGNATURE", {
      message: "The security token included in the request is invalid.",
      error: "UnrecognizedClientException",
    });
  }
  const expected = Buffer.from(await signatureOf(request, signed));
  const given = Buffer.from(signed.signature);
  // A client may send the body's hash along, and sign that: the body has to be the one that was hashed.
  const hash = headerOf(request, "x-amz-content-sha256") ?? hashOf(request.body);
  const isSame = expected.length === given.length && timingSafeEqual(expected, given);
  if (!isSame || hash !== hashOf(request.body)) {
    throw invalid(
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
  }
  return { accessKey, accountId: accessKey };
}

const hashOf = (body: Buffer): string => createHash("sha256").update(body).digest("hex");

const invalid = (message: string): GatewayRefusal =>
  new GatewayRefusal("INVALID_SIGNATURE", { message });

function signedOf(request: ApiRequest): Signed {
  const query = new Map(request.query);
  if (query.has("X-Amz-Signature")) {
    return parsed({
      credential: query.get("X-Amz-Credential") ?? "",
      headers: query.get("X-Amz-SignedHeaders") ?? "",
      signature: query.get("X-Amz-Signature") ?? "",
      date: query.get("X-Amz-Date") ?? "",
      expiresIn: Number(query.get("X-Amz-Expires") ?? 0),
    });
  }
  const authorization = headerOf(request, "authorization");
  if (authorization === undefined) throw new GatewayRefusal("MISSING_AUTHENTICATION_TOKEN");
  const [algorithm, ...rest] = authorization.split(" ");
  const members = new Map(
    rest
      .join(" ")
      .split(",")
      .map((member) => member.trim().split("=", 2) as [string, string]),
  );
  if (
    algorithm !== ALGORITHM ||
    !["Credential", "SignedHeaders", "Signature"].every((name) => members.has(name))
  ) {
    throw incomplete(authorization);
  }
  return parsed({
    credential: members.get("Credential") ?? "",
    headers: members.get("SignedHeaders") ?? "",
    signature: members.get("Signature") ?? "",
    date: headerOf(request, "x-amz-date") ?? "",
    expiresIn: undefined,
  });
}

/** AWS quotes the header, or a hash of it where it may hold a secret. */
const incomplete = (authorization: string): GatewayRefusal =>
  new GatewayRefusal("INVALID_SIGNATURE", {
    message: `Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '${createHash("sha256").update(authorization).digest("base64")}'.`,
    error: "IncompleteSignatureException",
  });

function parsed(of: {
  readonly credential: string;
  readonly headers: string;
  readonly signature: string;
  readonly date: string;
  readonly expiresIn: number | undefined;
}): Signed {
  const [accessKey = "", , scopeRegion = "", scopeService = ""] = of.credential.split("/");
  const date = new Date(
    of.date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"),
  );
  if (Number.isNaN(date.getTime())) {
    throw new GatewayRefusal("INVALID_SIGNATURE", {
      message:
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
      error: "IncompleteSignatureException",
    });
  }
  const { signature, expiresIn } = of;
  const headers = of.headers.split(";");
  return { accessKey, scopeRegion, scopeService, headers, signature, date, expiresIn };
}

function checkTime({ date, expiresIn }: Signed, nowMs: number): void {
  const lastMs = date.getTime() + (expiresIn === undefined ? MOST_SKEW_MS : expiresIn * 1000);
  if (nowMs > lastMs) {
    throw invalid(
      `Signature expired: ${stamp(date)} is now earlier than ${stamp(new Date(nowMs - (lastMs - date.getTime())))}`,
    );
  }
  if (date.getTime() > nowMs + MOST_SKEW_MS) {
    throw invalid(
      `Signature not yet current: ${stamp(date)} is still later than ${stamp(new Date(nowMs + MOST_SKEW_MS))}`,
    );
  }
}

const stamp = (date: Date): string => date.toISOString().replaceAll(/[-:]|\.\d+/g, "");

/** The signature that the request would have, were it signed with the right secret. */
async function signatureOf(request: ApiRequest, signed: Signed): Promise<string> {
  const signer = new SignatureV4({
    credentials: { accessKeyId: signed.accessKey, secretAccessKey: SECRET },
    region: signed.scopeRegion,
    service: SERVICE,
    sha256: Sha256,
    applyChecksum: false,
  });
  const query: Record<string, string | string[]> = {};
  for (const [name, value] of request.query) {
    if (signed.expiresIn !== undefined && OF_SIGNATURE.has(name)) continue;
    const before = query[name];
    query[name] = before === undefined ? value : [before, value].flat();
  }
  const original = {
    method: request.method,
    protocol: "http:",
    hostname: "127.0.0.1",
    path: request.url.split("?")[0] ?? "/",
    query,
    headers: Object.fromEntries(
      signed.headers.map((name) => [name, headerOf(request, name) ?? ""]),
    ),
    body: request.body,
  };
  const options = { signingDate: signed.date, signableHeaders: new Set(signed.headers) };
  if (signed.expiresIn === undefined) {
    const { headers } = await signer.sign(original, options);
    return /Signature=(\w+)/.exec(headers["authorization"] ?? "")?.[1] ?? "";
  }
  const { query: presigned = {} } = await signer.presign(original, {
    ...options,
    expiresIn: signed.expiresIn,
  });
  return String(presigned["X-Amz-Signature"]);
}

/** What presigning adds to the query. */
const OF_SIGNATURE = new Set([
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Expires",
  "X-Amz-SignedHeaders",
  "X-Amz-Signature",
]);
