import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { expect } from "chai";
import * as fc from "fast-check";
import { encode, sign, type SignedRequest } from "../../../../function/platform/aws/sign.ts";

/** The hash that AWS's SDK is given on Node. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash("sha256")
        : createHmac(
            "sha256",
            typeof secret === "string" ? secret : Buffer.from(secret as Uint8Array),
          );
  }
  update(data: string | Uint8Array) {
    this.#hash.update(data);
  }
  digest() {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }
  reset() {}
}

/** What AWS's own SDK signs the same request with. */
async function signedBySdk(request: SignedRequest): Promise<Record<string, string>> {
  const { service, region, credentials, method, path, query = {}, headers, body, now } = request;
  const { sessionToken, ...keys } = credentials;
  const signer = new SignatureV4({
    service,
    region,
    credentials: { ...keys, ...(sessionToken && { sessionToken }) },
    sha256: Sha256,
    applyChecksum: false,
    // As each client of the SDK sets it.
    uriEscapePath: service !== "s3",
  });
  const signed = await signer.sign(
    { method, protocol: "https:", hostname: headers["host"] ?? "", path, query, headers, body },
    { signingDate: now },
  );
  return Object.fromEntries(
    Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

const request = (more: Partial<SignedRequest> = {}): SignedRequest => ({
  service: "secretsmanager",
  region: "eu-central-1",
  method: "POST",
  path: "/",
  headers: {
    host: "secretsmanager.eu-central-1.amazonaws.com",
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "secretsmanager.GetSecretValue",
  },
  body: '{"SecretId":"ledger/staging/bank"}',
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a secret", sessionToken: "token" },
  now: new Date("2026-11-25T20:15:00.123Z"),
  ...more,
});

describe("the signature of a request", () => {
  it("is that of AWS's own SDK, byte for byte", async () => {
    for (const more of [
      {},
      { credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "another" } },
      { body: "" },
      { body: '{"text":"ü € 😀"}' },
      { now: new Date("2026-11-26T00:00:00Z") },
      { method: "GET", path: "/a%20b/c%2Fd/ü", query: { z: "1", Alpha: "a b", "a!": "*'()" } },
      { service: "dynamodb", body: '{"TableName":"parcels","Key":{"pk":{"S":"record#a"}}}' },
      { service: "events", body: '{"Entries":[{"Detail":"{\\"id\\":\\"ü\\"}"}]}' },
      { service: "s3", method: "PUT", path: "/key%20with/signs" },
      { headers: { host: "example.com", "X-Amz-Target": "  two   blanks  " } },
    ]) {
      expect(sign(request(more)), JSON.stringify(more)).to.deep.equal(
        await signedBySdk(request(more)),
      );
    }
  });

  it("is that of the SDK for any text", () =>
    fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "grapheme" }),
        fc.dictionary(fc.stringMatching(/^[a-zA-Z!*'()~-]{1,6}$/), fc.string({ unit: "grapheme" })),
        fc.date({ min: new Date("2020-01-01"), max: new Date("2039-12-31"), noInvalidDate: true }),
        async (body, query, now) => {
          const one = request({ body, query, now });
          expect(sign(one)).to.deep.equal(await signedBySdk(one));
        },
      ),
      { numRuns: 50 },
    ));

  it("changes with every part of the request", () => {
    const signatures = [
      {},
      { service: "ssm" },
      { region: "eu-west-1" },
      { method: "GET" },
      { path: "/x" },
      { query: { a: "1" } },
      { body: "{}" },
      { now: new Date("2026-11-25T20:15:01Z") },
      { credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "b", sessionToken: "token" } },
    ].map((more) => sign(request(more))["authorization"]);
    expect(new Set(signatures).size).to.equal(signatures.length);
  });

  it("encodes what URLs leave alone and AWS does not", () => {
    expect(encode("a-b_c.d~e f/!'()*")).to.equal("a-b_c.d~e%20f%2F%21%27%28%29%2A");
  });
});
