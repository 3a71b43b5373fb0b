/**
 * JWT authorizers (API Gateway developer guide, "Control access to HTTP APIs with JWT authorizers in API Gateway"): the
 * token is signed with RSA by a key of the issuer, is for one of the audiences (`aud`, or without that `client_id`), is
 * valid now, and has one of the route's scopes.
 *
 * Issuers on this machine are asked for their keys as AWS asks them. Nothing here reaches beyond loopback, so the tokens
 * of all other issuers are signed by the local cloud, which hands them out.
 */
import { randomUUID } from "node:crypto";
import {
  createRemoteJWKSet,
  type CryptoKey,
  generateKeyPair,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
  SignJWT,
} from "jose";
import { scalarText } from "./document.ts";
import type { HttpRoute, JwtAuthorizer } from "./http-state.ts";
import { type ApiRequest, headerOf } from "./request.ts";

/** "Only RSA-based algorithms are supported" (guide). */
const ALGORITHMS = ["RS256", "RS384", "RS512"];

export type Verdict =
  | {
      readonly kind: "allowed";
      readonly claims: JWTPayload;
      readonly scopes: readonly string[] | null;
    }
  | { readonly kind: "unauthorized"; readonly reason: string }
  | { readonly kind: "forbidden" };

export class Tokens {
  readonly #keys = new Map<string, Promise<JWTVerifyGetKey>>();
  readonly #nowMs: () => number;
  #own: Promise<{ readonly publicKey: CryptoKey; readonly privateKey: CryptoKey }> | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  async judge(
    request: ApiRequest,
    authorizer: JwtAuthorizer,
    route: Pick<HttpRoute, "authorizationScopes">,
  ): Promise<Verdict> {
    const token = tokenOf(request, authorizer);
    if (token === undefined) return { kind: "unauthorized", reason: "no token" };
    const { issuer, audience } = authorizer.jwtConfiguration;
    try {
      const { payload } = await jwtVerify(token, await this.#keysOf(issuer), {
        issuer,
        algorithms: ALGORITHMS,
        currentDate: new Date(this.#nowMs()),
        requiredClaims: ["exp"],
      });
      const meant = [payload.aud ?? payload["client_id"]].flat().map(String);
      if (!meant.some((one) => audience.includes(one))) {
        return { kind: "unauthorized", reason: "the token has an invalid audience" };
      }
      const scopes = scopesOf(payload);
      const { authorizationScopes: wanted } = route;
      if (wanted.length > 0 && !wanted.some((scope) => scopes.includes(scope))) {
        return { kind: "forbidden" };
      }
      return { kind: "allowed", claims: payload, scopes: wanted.length > 0 ? wanted : null };
    } catch (error) {
      return { kind: "unauthorized", reason: error instanceof Error ? error.message : "" };
    }
  }

  /** A token that the authorizer takes, for an issuer that cannot be reached from here. */
  async issue(
    { jwtConfiguration: { issuer, audience } }: JwtAuthorizer,
    { subject, scope }: { readonly subject: string; readonly scope: string },
  ): Promise<string> {
    const { privateKey } = await this.#ownKeys();
    const seconds = Math.floor(this.#nowMs() / 1000);
    return new SignJWT({ ...(scope !== "" && { scope }), jti: randomUUID() })
      .setProtectedHeader({ alg: "RS256", kid: "local" })
      .setIssuer(issuer)
      .setSubject(subject)
      .setAudience(audience[0] ?? "")
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + 3600)
      .sign(privateKey);
  }

  #ownKeys() {
    this.#own ??= generateKeyPair("RS256");
    return this.#own;
  }

  #keysOf(issuer: string): Promise<JWTVerifyGetKey> {
    const known = this.#keys.get(issuer);
    if (known) return known;
    const keys = isLocal(issuer)
      ? remoteKeys(issuer)
      : this.#ownKeys().then(
          ({ publicKey }): JWTVerifyGetKey =>
            () =>
              Promise.resolve(publicKey),
        );
    this.#keys.set(issuer, keys);
    // An issuer that did not answer is asked again.
    keys.catch(() => this.#keys.delete(issuer));
    return keys;
  }
}

export const isLocal = (issuer: string): boolean =>
  ["127.0.0.1", "localhost", "[::1]"].includes(new URL(issuer).hostname);

/** The keys that the issuer's own description leads to (OpenID Connect Discovery 1.0). */
async function remoteKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const described = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const { jwks_uri: uri = "" } = (await described.json()) as { readonly jwks_uri?: string };
  if (!isLocal(uri)) throw new Error(`${uri} is beyond this machine`);
  return createRemoteJWKSet(new URL(uri));
}

/** The token, with or without `Bearer`. */
function tokenOf(request: ApiRequest, { identitySource }: JwtAuthorizer): string | undefined {
  for (const source of identitySource) {
    const [, where, name = ""] = /^\$request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
    const value =
      where === "header"
        ? headerOf(request, name)
        : request.query.find(([parameter]) => parameter === name)?.[1];
    if (value) return value.replace(/^Bearer\s+/i, "");
  }
  return undefined;
}

const scopesOf = (payload: JWTPayload): readonly string[] =>
  [payload["scope"] ?? payload["scp"] ?? []]
    .flat()
    .flatMap((scope) => scalarText(scope).split(" "));
