import { SignatureV4 } from "@smithy/signature-v4";
import {
  CreateApiKeyCommand,
  CreateUsagePlanCommand,
  CreateUsagePlanKeyCommand,
  DeleteUsagePlanCommand,
  GetUsageCommand,
  PutGatewayResponseCommand,
  UpdateAccountCommand,
  UpdateApiKeyCommand,
  UpdateUsagePlanCommand,
} from "@aws-sdk/client-api-gateway";
import { createHash, createHmac } from "node:crypto";
import { expect } from "chai";
import {
  ACCOUNT,
  type Asked,
  document,
  REGION,
  toFunction,
  trustFor,
  useGateway,
} from "../../support/api-gateway.ts";
import { deployRestApi, patchStage, refusalOf } from "../../support/rest-api.ts";

const gatewayResponses = (responses: object) => ({
  "x-amazon-apigateway-gateway-responses": responses,
});

/** The hash that AWS's SDK is given on Node. */
class Sha256 {
  readonly #hash;
  constructor(secret?: unknown) {
    this.#hash =
      secret === undefined ? createHash("sha256") : createHmac("sha256", secret as string);
  }
  update(data: unknown) {
    this.#hash.update(data as string);
  }
  digest() {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }
  reset() {}
}

describe("a REST API refuses", () => {
  const gateway = useGateway();
  const post = (path: string, asked: Asked = {}) =>
    gateway().ask(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      ...asked,
    });

  describe("by its models", () => {
    const ORDER = {
      type: "object",
      required: ["name"],
      properties: {
        name: { type: "string", maxLength: 3, nullable: true },
        tags: { type: "array", maxItems: 1, items: { $ref: "#/components/schemas/Tag" } },
        minItems: { type: "integer" },
        count: { type: "integer", minimum: 1, exclusiveMinimum: true },
      },
      additionalProperties: false,
    };
    const api = (content: object, validator: object = {}) =>
      document(
        {
          "/records": {
            post: {
              ...toFunction(),
              parameters: [
                { in: "query", name: "dry", required: true, schema: { type: "boolean" } },
                { in: "header", name: "X-Token", required: true, schema: { type: "string" } },
                { in: "query", name: "free", schema: { type: "string" } },
              ],
              requestBody: { content },
            },
          },
        },
        {
          components: { schemas: { Order: ORDER, Tag: { type: "string", enum: ["a", "b"] } } },
          "x-amazon-apigateway-request-validators": {
            all: { validateRequestBody: true, validateRequestParameters: true, ...validator },
          },
          "x-amazon-apigateway-request-validator": "all",
          ...gatewayResponses({
            BAD_REQUEST_BODY: {
              responseTemplates: {
                "application/json":
                  '{"message":$context.error.messageString,"why":"$context.error.responseType"}',
              },
            },
          }),
        },
      );
    const schema = { $ref: "#/components/schemas/Order" };
    const GOOD = "?dry=anything";
    const headers = { "content-type": "application/json; charset=utf-8", "X-Token": "t" };

    it("a body that does not obey that of its content type", async () => {
      const { path } = await deployRestApi(gateway(), api({ "application/json": { schema } }));
      const asked = (body: string) => post(`${path}/records${GOOD}`, { headers, body });

      for (const good of [
        '{"name":"abc"}',
        '{"name":"a","tags":["a","b"]}',
        '{"name":"a","count":1}',
      ]) {
        expect((await asked(good)).status, good).to.equal(200);
      }
      for (const bad of [
        "",
        "no JSON",
        "[]",
        "{}",
        '{"name":"abcd"}',
        '{"name":null}',
        '{"name":"a","x":1}',
        '{"name":"a","tags":["c"]}',
        '{"name":"a","count":0}',
        '{"name":"a","minItems":"x"}',
      ]) {
        const reply = await asked(bad);
        expect(reply.status, bad).to.equal(400);
        expect(reply.json).to.deep.equal({
          message: "Invalid request body",
          why: "BAD_REQUEST_BODY",
        });
        expect(reply.headers["x-amzn-errortype"]).to.equal("BadRequestException");
      }
      expect(gateway().events).to.have.length(3);
    });

    it("nothing of a content type without a model, unless there is one for all others", async () => {
      const { path } = await deployRestApi(gateway(), api({ "application/json": { schema } }));
      const text = { headers: { ...headers, "content-type": "text/plain" }, body: "no JSON" };
      expect((await post(`${path}/records${GOOD}`, text)).status).to.equal(200);

      const closed = await deployRestApi(
        gateway(),
        api({ "application/json": { schema }, $default: { schema } }),
      );
      expect((await post(`${closed.path}/records${GOOD}`, text)).status).to.equal(400);
      const { "content-type": _, ...untyped } = headers;
      const none = { headers: untyped, body: "{}" };
      expect((await post(`${path}/records${GOOD}`, none)).status).to.equal(400);
    });

    it("a request without a required parameter, or with a blank one, whatever its type", async () => {
      const { path } = await deployRestApi(gateway(), api({ "application/json": { schema } }));
      const missing = async (query: string, more: object) =>
        (
          await post(`${path}/records${query}`, {
            headers: { ...headers, ...more },
            body: '{"name":"a"}',
          })
        ).json;

      expect(await missing("", { "X-Token": "" })).to.deep.equal({
        message: "Missing required request parameters: [X-Token, dry]",
      });
      const lower = { "X-Token": "", "x-token": "t" };
      expect(await missing("?dry=1", lower), "names are case-sensitive").to.deep.equal({
        message: "Missing required request parameters: [X-Token]",
      });
      expect(await missing("?dry=%20", {})).to.deep.equal({
        message: "Missing required request parameters: [dry]",
      });
    });

    it("only what its validator looks at", async () => {
      const { path } = await deployRestApi(
        gateway(),
        api({ "application/json": { schema } }, { validateRequestParameters: false }),
      );
      expect((await post(`${path}/records`, { body: '{"name":"a"}' })).status).to.equal(200);
      expect((await post(`${path}/records`, { body: "{}" })).status).to.equal(400);
    });
  });

  describe("without the right signature", () => {
    const secured = document(
      { "/records": { post: { ...toFunction(), security: [{ sigv4: [] }] } } },
      {
        components: {
          securitySchemes: {
            sigv4: {
              type: "apiKey",
              name: "Authorization",
              in: "header",
              "x-amazon-apigateway-authtype": "awsSigv4",
            },
          },
        },
      },
    );

    /** A signature made here, by the steps of the IAM user guide. */
    const sign = (
      path: string,
      body: string,
      {
        key = ACCOUNT,
        secret = "local",
        service = "execute-api",
        region = REGION,
        atMs = gateway().nowMs,
      } = {},
    ) => {
      const date = new Date(atMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
      const day = date.slice(0, 8);
      const { host } = new URL(gateway().url);
      const sha = (text: string) => createHash("sha256").update(text).digest("hex");
      const [uri = "", query = ""] = path.split("?");
      const canonicalUri = uri.split("/").map(encodeURIComponent).join("/");
      const canonical = [
        "POST",
        canonicalUri,
        query,
        `host:${host}`,
        `x-amz-date:${date}`,
        "",
        "host;x-amz-date",
        sha(body),
      ];
      const scope = `${day}/${region}/${service}/aws4_request`;
      const toSign = ["AWS4-HMAC-SHA256", date, scope, sha(canonical.join("\n"))].join("\n");
      const derived = [day, region, service, "aws4_request"].reduce<string | Buffer>(
        (from, part) => createHmac("sha256", from).update(part).digest(),
        `AWS4${secret}`,
      );
      const signature = createHmac("sha256", derived).update(toSign).digest("hex");
      return {
        "x-amz-date": date,
        authorization: `AWS4-HMAC-SHA256 Credential=${key}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`,
      };
    };
    let path = "";
    beforeEach(async () => {
      ({ path } = await deployRestApi(gateway(), secured));
      path += "/records";
    });

    it("a request, and takes the same one signed", async () => {
      const unsigned = await post(path, { body: "{}" });
      expect(unsigned.status).to.equal(403);
      expect(unsigned.json).to.deep.equal({ message: "Missing Authentication Token" });

      for (const url of [path, `${path}?a=1&b=x%20y`]) {
        const signed = await post(url, { headers: sign(url, "{}"), body: "{}" });
        expect(signed.status, signed.text).to.equal(200);
      }
      const { requestContext } = gateway().events[0] as { requestContext: { identity: object } };
      expect(requestContext.identity).to.include({
        accessKey: ACCOUNT,
        accountId: ACCOUNT,
        userArn: `arn:aws:iam::${ACCOUNT}:root`,
      });
    });

    it("one that was changed after it was signed, or signed with another secret", async () => {
      for (const [headers, body] of [
        [sign(path, "{}"), '{"more":1}'],
        [sign(path, "{}", { secret: "wrong" }), "{}"],
        [sign(`${path}/other`, "{}"), "{}"],
      ] as const) {
        const reply = await post(path, { headers, body });
        expect(reply.status).to.equal(403);
        expect(reply.json["message"]).to.match(
          /^The request signature we calculated does not match/,
        );
        expect(reply.headers["x-amzn-errortype"]).to.equal("InvalidSignatureException");
      }
    });

    it("one of another service, region or time, and who is not known", async () => {
      const refused = async (options: object) =>
        String((await post(path, { headers: sign(path, "", options) })).json["message"]);

      expect(await refused({ service: "lambda" })).to.match(
        /scoped to correct service: 'execute-api'/,
      );
      expect(await refused({ region: "us-east-1" })).to.match(/scoped to a valid region/);
      expect(await refused({ atMs: gateway().nowMs - 301_000 })).to.match(
        /^Signature expired: 2026/,
      );
      expect(await refused({ atMs: gateway().nowMs + 301_000 })).to.match(
        /^Signature not yet current/,
      );
      expect(await refused({ key: "AKIAEXAMPLE" })).to.match(/^The security token included/);
      expect(await refused({ key: "999999999999" })).to.match(
        /^User: arn:aws:iam::999999999999:root is not authorized/,
      );
    });

    it("what is no signature at all", async () => {
      const reply = await post(path, { headers: { authorization: "Bearer abc" } });
      expect(reply.status).to.equal(403);
      expect(reply.headers["x-amzn-errortype"]).to.equal("IncompleteSignatureException");
    });

    it("a body that is not the one whose hash was signed, as AWS's SDK signs it", async () => {
      const { host, hostname, port } = new URL(gateway().url);
      const signer = new SignatureV4({
        service: "execute-api",
        region: REGION,
        credentials: { accessKeyId: ACCOUNT, secretAccessKey: "local" },
        sha256: Sha256,
      });
      const { headers } = await signer.sign(
        {
          method: "POST",
          protocol: "http:",
          hostname,
          port: Number(port),
          path,
          headers: { host },
          query: { a: "1" },
          body: "{}",
        },
        { signingDate: new Date(gateway().nowMs) },
      );
      expect(headers).to.include.keys("x-amz-content-sha256");
      expect((await post(`${path}?a=1`, { headers, body: "{}" })).status).to.equal(200);
      expect((await post(`${path}?a=1`, { headers, body: '{"more":1}' })).status).to.equal(403);
      expect((await post(`${path}?a=2`, { headers, body: "{}" })).status).to.equal(403);
    });

    it("a presigned request after its time", async () => {
      const { host, hostname, port } = new URL(gateway().url);
      const signer = new SignatureV4({
        service: "execute-api",
        region: REGION,
        credentials: { accessKeyId: ACCOUNT, secretAccessKey: "local" },
        sha256: Sha256,
      });
      const { query = {} } = await signer.presign(
        {
          method: "POST",
          protocol: "http:",
          hostname,
          port: Number(port),
          path,
          headers: { host },
        },
        { expiresIn: 60, signingDate: new Date(gateway().nowMs) },
      );
      const url = `${path}?${new URLSearchParams(query as Record<string, string>).toString()}`;

      expect((await post(url)).status).to.equal(200);
      gateway().nowMs += 61_000;
      expect((await post(url)).json["message"]).to.match(/^Signature expired: /);
    });
  });

  describe("by its resource policy", () => {
    const withPolicy = (...statements: readonly object[]) =>
      document(
        { "/records": { post: toFunction() } },
        { "x-amazon-apigateway-policy": { Version: "2012-10-17", Statement: statements } },
      );
    const allow = { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke" };

    it("whom it does not allow, and whom it denies", async () => {
      const cases = [
        [[{ ...allow, Resource: "execute-api:/live/POST/records" }], 200],
        [[{ ...allow, Resource: "execute-api:/*" }], 200],
        [[{ ...allow, Resource: "execute-api:/live/GET/*" }], 403],
        [
          [
            {
              ...allow,
              Resource: "execute-api:/*",
              Condition: { IpAddress: { "aws:SourceIp": ["10.0.0.0/8"] } },
            },
          ],
          403,
        ],
        [
          [
            { ...allow, Resource: "execute-api:/*" },
            {
              ...allow,
              Effect: "Deny",
              Resource: "execute-api:/*",
              Condition: { NotIpAddress: { "aws:SourceIp": ["10.0.0.0/8", "192.0.2.1"] } },
            },
          ],
          403,
        ],
        [
          [
            { ...allow, Resource: "execute-api:/*" },
            {
              ...allow,
              Effect: "Deny",
              Resource: "execute-api:/*",
              Condition: { NotIpAddress: { "aws:SourceIp": ["10.0.0.0/8", "127.0.0.0/8"] } },
            },
          ],
          200,
        ],
      ] as const;
      for (const [statements, status] of cases) {
        const { path } = await deployRestApi(gateway(), withPolicy(...statements));
        const reply = await post(`${path}/records`);
        expect(reply.status, JSON.stringify(statements)).to.equal(status);
        if (status === 403) {
          expect(reply.json["message"]).to.match(
            /^User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:\*{8}9012:/,
          );
        }
      }
    });
  });

  describe("by keys and limits", () => {
    const keyed = document(
      { "/records": { post: { ...toFunction(), security: [{ api_key: [] }] } } },
      {
        components: {
          securitySchemes: { api_key: { type: "apiKey", name: "x-api-key", in: "header" } },
        },
      },
    );
    const VALUE = "a-key-of-twenty-characters-or-more";

    const planned = async (plan: object) => {
      const { rest } = gateway();
      const api = await deployRestApi(gateway(), keyed);
      const { id: usagePlanId } = await rest.send(
        new CreateUsagePlanCommand({
          name: "gold",
          apiStages: [{ apiId: api.id, stage: "live" }],
          ...plan,
        }),
      );
      const { id: keyId } = await rest.send(
        new CreateApiKeyCommand({ name: "customer", value: VALUE, enabled: true }),
      );
      await rest.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: "API_KEY" }));
      const statuses = async (count: number, key = VALUE) => {
        const replies = [];
        for (let at = 0; at < count; at++) {
          replies.push(await post(`${api.path}/records`, { headers: { "X-Api-Key": key } }));
        }
        return replies.map(({ status, json }) =>
          status === 200 ? 200 : `${status} ${String(json["message"])}`,
        );
      };
      return { ...api, usagePlanId, keyId, statuses };
    };

    it("who has no key, another one, one that is off, or one of no plan of the stage", async () => {
      const { path, keyId, statuses, usagePlanId, id } = await planned({});
      expect((await post(`${path}/records`)).json).to.deep.equal({ message: "Forbidden" });
      expect(await statuses(1, "some-other-key-of-a-customer")).to.deep.equal(["403 Forbidden"]);
      expect(await statuses(1)).to.deep.equal([200]);
      const { requestContext } = gateway().events[0] as { requestContext: { identity: object } };
      expect(requestContext.identity).to.include({ apiKey: VALUE, apiKeyId: keyId });

      const off = { op: "replace" as const, path: "/enabled", value: "false" };
      await gateway().rest.send(new UpdateApiKeyCommand({ apiKey: keyId, patchOperations: [off] }));
      expect(await statuses(1)).to.deep.equal(["403 Forbidden"]);
      const on = { ...off, value: "true" };
      await gateway().rest.send(new UpdateApiKeyCommand({ apiKey: keyId, patchOperations: [on] }));
      const removed = { op: "remove" as const, path: "/apiStages", value: `${id}:live` };
      const remove = new DeleteUsagePlanCommand({ usagePlanId });
      expect(await refusalOf(gateway().rest.send(remove))).to.match(
        /^BadRequestException: Cannot delete Usage Plan/,
      );
      await gateway().rest.send(
        new UpdateUsagePlanCommand({ usagePlanId, patchOperations: [removed] }),
      );
      expect(await statuses(1)).to.deep.equal(["403 Forbidden"]);
      await gateway().rest.send(remove);
    });

    it("more than the plan's rate, until tokens have come back", async () => {
      const { statuses } = await planned({ throttle: { rateLimit: 2, burstLimit: 3 } });
      const busy = "429 Too Many Requests";
      expect(await statuses(5)).to.deep.equal([200, 200, 200, busy, busy]);
      gateway().nowMs += 500;
      expect(await statuses(2)).to.deep.equal([200, busy]);
      gateway().nowMs += 60_000;
      expect(await statuses(4)).to.deep.equal([200, 200, 200, busy]);
    });

    it("more than the plan's quota, until the period is over", async () => {
      const { statuses, usagePlanId, keyId } = await planned({
        quota: { limit: 2, period: "DAY" },
      });
      expect(await statuses(3)).to.deep.equal([200, 200, "429 Limit Exceeded"]);
      const used = await gateway().rest.send(
        new GetUsageCommand({ usagePlanId, startDate: "2026-01-01", endDate: "2026-01-02" }),
      );
      expect(used.items).to.deep.equal({
        [keyId ?? ""]: [
          [0, 2],
          [2, 0],
        ],
      });
      gateway().nowMs += 86_400_000;
      expect(await statuses(3)).to.deep.equal([200, 200, "429 Limit Exceeded"]);
    });

    it("a key in two plans of one stage", async () => {
      const { id, keyId } = await planned({});
      const { id: usagePlanId } = await gateway().rest.send(
        new CreateUsagePlanCommand({ name: "silver", apiStages: [{ apiId: id, stage: "live" }] }),
      );
      const added = gateway().rest.send(
        new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: "API_KEY" }),
      );
      expect(await refusalOf(added)).to.match(/^ConflictException/);
    });

    it("more than the stage's limits, of which a method's own goes first", async () => {
      const { path } = await deployRestApi(
        gateway(),
        document({ "/records": { post: toFunction(), get: toFunction() } }),
        {
          "/*/*/throttling/rateLimit": "1",
          "/*/*/throttling/burstLimit": "1",
          "/~1records/GET/throttling/rateLimit": "1",
          "/~1records/GET/throttling/burstLimit": "2",
        },
      );
      const ask = async (method: string) =>
        (await gateway().ask(`${path}/records`, { method })).status;
      expect([await ask("POST"), await ask("POST")]).to.deep.equal([200, 429]);
      expect([await ask("GET"), await ask("GET"), await ask("GET")]).to.deep.equal([200, 200, 429]);
    });
  });

  describe("in the API's own words", () => {
    const CORS = { "gatewayresponse.header.Access-Control-Allow-Origin": "'https://shop.example'" };
    const api = document(
      {
        "/records": {
          post: toFunction(),
          options: {
            "x-amazon-apigateway-integration": {
              type: "mock",
              requestTemplates: { "application/json": '{"statusCode": 204}' },
              responses: {
                default: {
                  statusCode: "204",
                  responseParameters: {
                    "method.response.header.Access-Control-Allow-Origin": "'https://shop.example'",
                    "method.response.header.Access-Control-Allow-Methods": "'POST,OPTIONS'",
                  },
                },
              },
            },
          },
        },
      },
      gatewayResponses({
        DEFAULT_4XX: {
          responseParameters: CORS,
          responseTemplates: {
            "application/json": '{"error":$context.error.messageString,"id":"$context.requestId"}',
          },
        },
        DEFAULT_5XX: { responseParameters: CORS },
        MISSING_AUTHENTICATION_TOKEN: {
          statusCode: 404,
          responseParameters: {
            ...CORS,
            "gatewayresponse.header.X-Echo": "method.request.header.X-Ask",
          },
          responseTemplates: { "application/json": '{"message":"no such path"}' },
        },
      }),
    );

    it("with the headers that browsers need on every answer", async () => {
      const { path } = await deployRestApi(gateway(), api, {
        "/*/*/throttling/rateLimit": "0",
        "/*/*/throttling/burstLimit": "2",
      });
      const origin = { "access-control-allow-origin": "https://shop.example" };
      const preflight = await gateway().ask(`${path}/records`, { method: "OPTIONS" });
      expect(preflight.status).to.equal(204);
      expect(preflight.headers).to.include({
        ...origin,
        "access-control-allow-methods": "POST,OPTIONS",
      });

      const unknown = await gateway().ask(`${path}/nowhere`, { headers: { "x-ask": "back" } });
      expect(unknown.status).to.equal(404);
      expect(unknown.json).to.deep.equal({ message: "no such path" });
      expect(unknown.headers).to.include({ ...origin, "x-echo": "back" });

      gateway().handler = () => ({ failed: true, payload: "{}" });
      const broken = await post(`${path}/records`);
      expect(broken.status).to.equal(502);
      expect(broken.json).to.deep.equal({ message: "Internal server error" });
      expect(broken.headers).to.include(origin);

      const busy = await post(`${path}/records`);
      expect(busy.status).to.equal(429);
      expect(busy.json).to.deep.equal({
        error: "Too Many Requests",
        id: busy.headers["x-amzn-requestid"],
      });
      expect(busy.headers).to.include(origin);
    });

    it("put one by one, once they are deployed", async () => {
      const { id, path } = await deployRestApi(
        gateway(),
        document({ "/records": { post: toFunction() } }),
      );
      await gateway().rest.send(
        new PutGatewayResponseCommand({
          restApiId: id,
          responseType: "DEFAULT_4XX",
          statusCode: "418",
        }),
      );
      expect((await gateway().ask(`${path}/nowhere`)).status).to.equal(403);
    });

    it("from templates of mocks that ask for the request", async () => {
      const { path } = await deployRestApi(
        gateway(),
        document({
          "/mock/{id}": {
            get: {
              "x-amazon-apigateway-integration": {
                type: "mock",
                requestTemplates: {
                  "application/json":
                    '#if($input.params("fail") == "1"){"statusCode": 400}#else{"statusCode": 200}#end',
                },
                responses: {
                  "4\\d\\d": {
                    statusCode: "422",
                    responseTemplates: { "application/json": '{"bad":true}' },
                  },
                  default: {
                    statusCode: "200",
                    responseTemplates: {
                      "application/json":
                        '#set($context.responseOverride.header.X-Id = $input.params("id")){"id":"$input.params().path.id"}',
                    },
                  },
                },
              },
            },
          },
        }),
      );
      const good = await gateway().ask(`${path}/mock/7`);
      expect(good.json).to.deep.equal({ id: "7" });
      expect(good.headers["x-id"]).to.equal("7");
      const bad = await gateway().ask(`${path}/mock/7?fail=1`);
      expect([bad.status, bad.json]).to.deep.equal([422, { bad: true }]);
    });
  });

  it("its own host, and no custom domain, where its address is disabled", async () => {
    const disabled = { disableExecuteApiEndpoint: true };
    const { id, path } = await deployRestApi(
      gateway(),
      document(
        { "/records": { post: toFunction() } },
        { "x-amazon-apigateway-endpoint-configuration": disabled },
      ),
    );
    const headers = { host: `${id}.execute-api.${REGION}.amazonaws.com` };
    expect((await post("/live/records", { headers })).json).to.deep.equal({ message: "Forbidden" });
    // The path is this machine's alone, and stays.
    expect((await post(`${path}/records`)).status).to.equal(200);
  });

  it("a role for logs that it may not take, and one that is not there", async () => {
    gateway().roles = { mine: trustFor("lambda.amazonaws.com") };
    for (const name of ["mine", "none"]) {
      const value = `arn:aws:iam::${ACCOUNT}:role/${name}`;
      const set = gateway().rest.send(
        new UpdateAccountCommand({
          patchOperations: [{ op: "replace", path: "/cloudwatchRoleArn", value }],
        }),
      );
      expect(await refusalOf(set)).to.match(/^BadRequestException: The role ARN does not have/);
    }
  });

  it("an access log before the account may write logs, and one without the request's id", async () => {
    const { id } = await deployRestApi(gateway(), document({ "/records": { post: toFunction() } }));
    const log = (format: string) =>
      refusalOf(
        patchStage(gateway().rest, id, {
          "/accessLogSettings/destinationArn": `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:calls`,
          "/accessLogSettings/format": format,
        }),
      );
    expect(await log("$context.requestId")).to.equal(
      "BadRequestException: CloudWatch Logs role ARN must be set in account settings to enable logging",
    );
    expect(await log("$context.status")).to.match(/must include \$context.requestId/);
  });
});
