import {
  CreateApiCommand,
  CreateAuthorizerCommand,
  CreateDeploymentCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
  DeleteIntegrationCommand,
  ImportApiCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-apigatewayv2";
import { expect } from "chai";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  ACCOUNT,
  answered,
  type Asked,
  document,
  FUNCTION_ARN,
  policyFor,
  REGION,
  toFunction,
  useGateway,
} from "../../support/api-gateway.ts";
import { refusalOf } from "../../support/rest-api.ts";

describe("an HTTP API", () => {
  const gateway = useGateway();

  /** An API with routes to the function, and a stage that deploys by itself. */
  const deployed = async (
    routes: Readonly<Record<string, object>>,
    { stage = {}, api = {}, integration = {} } = {},
  ) => {
    const { http } = gateway();
    const { ApiId = "" } = await http.send(
      new CreateApiCommand({ Name: "orders", ProtocolType: "HTTP", ...api }),
    );
    const { IntegrationId = "" } = await http.send(
      new CreateIntegrationCommand({
        ApiId,
        IntegrationType: "AWS_PROXY",
        IntegrationUri: FUNCTION_ARN,
        PayloadFormatVersion: "2.0",
        ...integration,
      }),
    );
    for (const [RouteKey, more] of Object.entries(routes)) {
      const Target = `integrations/${IntegrationId}`;
      await http.send(new CreateRouteCommand({ ApiId, RouteKey, Target, ...more }));
    }
    await http.send(
      new CreateStageCommand({ ApiId, StageName: "$default", AutoDeploy: true, ...stage }),
    );
    const ask = (path: string, asked?: Asked) => gateway().ask(`/_api/${ApiId}${path}`, asked);
    return { ApiId, IntegrationId, ask };
  };
  const lastEvent = () => gateway().events.at(-1) as Record<string, Record<string, unknown>>;

  it("takes the most exact route, and 404 where there is none", async () => {
    const { ask } = await deployed({
      "GET /records": {},
      "ANY /records/{id}": {},
      "GET /records/{id}": {},
      "GET /records/{more+}": {},
    });
    const keyOf = async (path: string, method = "GET") => {
      const { status, json } = await ask(path, { method });
      return status === 200 ? lastEvent()["routeKey"] : json;
    };
    expect(await keyOf("/records")).to.equal("GET /records");
    expect(await keyOf("/records/7")).to.equal("GET /records/{id}");
    expect(await keyOf("/records/7", "PUT")).to.equal("ANY /records/{id}");
    expect(await keyOf("/records/7/8")).to.equal("GET /records/{more+}");
    expect(lastEvent()["pathParameters"]).to.deep.equal({ more: "7/8" });
    expect(await keyOf("/nowhere")).to.deep.equal({ message: "Not Found" });
    expect(await keyOf("/records", "POST")).to.deep.equal({ message: "Not Found" });
  });

  it("sends all else to its default route", async () => {
    const { ask } = await deployed({ $default: {}, "GET /records": {} });
    await ask("/anything/at/all", { method: "PATCH" });
    expect(lastEvent()).to.include({ routeKey: "$default", rawPath: "/anything/at/all" });
  });

  it("hands over an event of format 2.0 with every member that AWS documents", async () => {
    const { ApiId, ask } = await deployed(
      { "PUT /records/{id}": {} },
      { stage: { StageVariables: { colour: "blue" } } },
    );
    await ask("/records/a%20b?a=1&a=2&b=x%20y", {
      method: "PUT",
      headers: {
        "Content-Type": "application/json",
        "X-Many": ["one", "two"],
        "User-Agent": "tests",
        Cookie: "c=1; d=2",
      },
      body: "{}",
    });
    const { headers, requestContext, ...rest } = lastEvent();
    expect(rest).to.deep.equal({
      version: "2.0",
      routeKey: "PUT /records/{id}",
      rawPath: "/records/a b",
      rawQueryString: "a=1&a=2&b=x%20y",
      cookies: ["c=1", "d=2"],
      queryStringParameters: { a: "1,2", b: "x y" },
      pathParameters: { id: "a b" },
      stageVariables: { colour: "blue" },
      body: "{}",
      isBase64Encoded: false,
    });
    expect(headers).to.deep.include({ "x-many": "one,two", "content-type": "application/json" });
    expect(headers).not.to.have.any.keys("cookie", "User-Agent");
    const { requestId, ...context } = requestContext ?? {};
    expect(requestId).to.be.a("string");
    expect(context).to.deep.equal({
      accountId: ACCOUNT,
      apiId: ApiId,
      domainName: `${ApiId}.execute-api.${REGION}.amazonaws.com`,
      domainPrefix: ApiId,
      http: {
        method: "PUT",
        path: "/records/a b",
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: "tests",
      },
      routeKey: "PUT /records/{id}",
      stage: "$default",
      time: "02/Jan/2026:03:04:05 +0000",
      timeEpoch: gateway().nowMs,
    });
  });

  it("leaves out what a request lacks, and hands over what is no text in base64", async () => {
    const { ask } = await deployed({ "POST /records": {} });
    await ask("/records", { method: "POST" });
    expect(lastEvent()).not.to.have.any.keys(
      "body",
      "cookies",
      "queryStringParameters",
      "pathParameters",
      "stageVariables",
    );
    const bytes = Buffer.from([0, 255]);
    await ask("/records", {
      method: "POST",
      body: bytes,
      headers: { "content-type": "image/png" },
    });
    expect(lastEvent()).to.include({ body: bytes.toString("base64"), isBase64Encoded: true });
  });

  it("begins paths with a stage that has a name", async () => {
    const { ask } = await deployed({ "GET /records": {} }, { stage: { StageName: "v1" } });
    expect((await ask("/v1/records")).status).to.equal(200);
    expect(lastEvent()["rawPath"]).to.equal("/v1/records");
    expect((await ask("/records")).status).to.equal(404);
  });

  it("hands over format 1.0 where the integration says so", async () => {
    const { ask } = await deployed(
      { "GET /records/{id}": {} },
      { integration: { PayloadFormatVersion: "1.0" } },
    );
    gateway().handler = () =>
      answered({ statusCode: 200, body: "x", multiValueHeaders: { "Set-Cookie": ["a", "b"] } });
    const reply = await ask("/records/7?a=1&a=2");
    expect(lastEvent()).to.deep.include({
      version: "1.0",
      resource: "/records/{id}",
      path: "/records/7",
      httpMethod: "GET",
      multiValueQueryStringParameters: { a: ["1", "2"] },
      body: null,
    });
    expect(reply.headers["set-cookie"]).to.deep.equal(["a", "b"]);
  });

  it("answers what the function returns, also without a status", async () => {
    const { ask } = await deployed({ "GET /": {} });
    const replyTo = (answer: unknown) => {
      gateway().handler = () => answered(answer);
      return ask("/");
    };
    const whole = await replyTo({
      statusCode: 201,
      headers: { "X-One": 1 },
      cookies: ["a=1", "b=2"],
      body: Buffer.from("é").toString("base64"),
      isBase64Encoded: true,
    });
    expect([whole.status, whole.text]).to.deep.equal([201, "é"]);
    expect(whole.headers).to.deep.include({ "x-one": "1", "set-cookie": ["a=1", "b=2"] });
    const inferred = await replyTo({ made: true });
    expect([inferred.status, inferred.json]).to.deep.equal([200, { made: true }]);
    expect(inferred.headers["content-type"]).to.equal("application/json");
  });

  it("answers 500 for a function that fails, that it may not call, or that makes no sense, and 503 when it waits too long", async () => {
    const { ask } = await deployed({ "GET /": {} });
    const failed = { status: 500, json: { message: "Internal Server Error" } };
    const reply = async () => {
      const { status, json } = await ask("/");
      return { status, json };
    };
    for (const end of [
      { failed: true, payload: "{}" },
      { failed: false, payload: "no JSON" },
      answered({ statusCode: 200, body: { not: "text" } }),
    ]) {
      gateway().handler = () => end;
      expect(await reply()).to.deep.equal(failed);
    }
    gateway().policy = policyFor(`arn:aws:execute-api:${REGION}:${ACCOUNT}:another/*`);
    expect(await reply()).to.deep.equal(failed);

    gateway().policy = policyFor(`arn:aws:execute-api:${REGION}:${ACCOUNT}:*`);
    gateway().handler = () => new Promise(() => {});
    gateway().impatient = true;
    expect(await reply()).to.deep.equal({ status: 503, json: { message: "Service Unavailable" } });
    expect(gateway().waits.at(-1)).to.equal(30_000);
  });

  it("answers preflights itself, and puts its own headers of CORS over the function's", async () => {
    const { ask } = await deployed(
      { "GET /records": {} },
      {
        api: {
          CorsConfiguration: {
            AllowOrigins: ["https://shop.example"],
            AllowMethods: ["GET", "PUT"],
            AllowHeaders: ["content-type"],
            MaxAge: 60,
          },
        },
      },
    );
    const headers = { origin: "https://shop.example", "access-control-request-method": "PUT" };
    const preflight = await ask("/nowhere", { method: "OPTIONS", headers });
    expect(preflight.status).to.equal(204);
    expect(preflight.headers).to.include({
      "access-control-allow-origin": "https://shop.example",
      "access-control-allow-methods": "GET,PUT",
      "access-control-allow-headers": "content-type",
      "access-control-max-age": "60",
    });
    const foreign = { ...headers, origin: "https://other.example" };
    const refused = await ask("/nowhere", { method: "OPTIONS", headers: foreign });
    expect(refused.headers).not.to.have.any.keys("access-control-allow-origin");

    gateway().handler = () =>
      answered({ statusCode: 200, headers: { "Access-Control-Allow-Origin": "*" }, body: "" });
    const { origin } = headers;
    const good = await ask("/records", { headers: { origin } });
    expect(good.headers["access-control-allow-origin"]).to.equal(origin);
    const missing = await ask("/nowhere", { headers: { origin } });
    expect(missing.headers["access-control-allow-origin"]).to.equal(origin);
  });

  it("keeps to the limits of routes", async () => {
    const { ask } = await deployed(
      { "GET /records": {}, "POST /records": {} },
      {
        stage: {
          DefaultRouteSettings: { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 },
          RouteSettings: { "POST /records": { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 2 } },
        },
      },
    );
    const statuses = async (method: string) => {
      const replies = [];
      for (let at = 0; at < 3; at++) replies.push((await ask("/records", { method })).status);
      return replies;
    };
    expect(await statuses("GET")).to.deep.equal([200, 429, 429]);
    expect(await statuses("POST")).to.deep.equal([200, 200, 429]);
    gateway().nowMs += 1000;
    expect(await statuses("GET")).to.deep.equal([200, 429, 429]);
  });

  it("answers as it was deployed where the stage does not deploy by itself", async () => {
    const { http } = gateway();
    const { ApiId, IntegrationId, ask } = await deployed(
      { "GET /old": {} },
      { stage: { AutoDeploy: false } },
    );
    expect((await ask("/old")).status).to.equal(404);
    const { DeploymentId } = await http.send(new CreateDeploymentCommand({ ApiId }));
    const StageName = "$default";
    await http.send(new UpdateStageCommand({ ApiId, StageName, DeploymentId }));
    const Target = `integrations/${IntegrationId}`;
    await http.send(new CreateRouteCommand({ ApiId, RouteKey: "GET /new", Target }));
    expect([(await ask("/old")).status, (await ask("/new")).status]).to.deep.equal([200, 404]);

    const used = http.send(new DeleteIntegrationCommand({ ApiId, IntegrationId }));
    expect(await refusalOf(used)).to.match(/^ConflictException: Cannot delete Integration/);
  });

  it("reports each request under its id, and writes its access log without an account's role", async () => {
    const { ApiId, ask } = await deployed(
      { "GET /records": {} },
      {
        stage: {
          AccessLogSettings: {
            DestinationArn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:calls`,
            Format: "$context.requestId $context.routeKey $context.status $context.error.message",
          },
        },
      },
    );
    await ask("/records");
    await ask("/nowhere");
    expect(gateway().logs.map(({ message }) => message.replace(/^\S+ /, ""))).to.deep.equal([
      "GET /records 200 -",
      "- 404 Not Found",
    ]);
    const errors = gateway().metrics.filter(
      ({ metricName, dimensions }) => metricName === "4xx" && !("Stage" in dimensions),
    );
    expect(errors.map(({ dimensions, value }) => [dimensions, value])).to.deep.equal([
      [{ ApiId }, 0],
      [{ ApiId }, 1],
    ]);
  });

  it("refuses an unsigned request of a route with AWS_IAM", async () => {
    const { ask } = await deployed({ "GET /records": { AuthorizationType: "AWS_IAM" } });
    const { status, json } = await ask("/records");
    expect([status, json]).to.deep.equal([403, { message: "Forbidden" }]);
  });

  describe("with JWT", () => {
    let issuer: Server;
    let url = "";
    let keys: Awaited<ReturnType<typeof generateKeyPair>>;

    before(async () => {
      keys = await generateKeyPair("RS256");
      const jwk = { ...(await exportJWK(keys.publicKey)), kid: "one", alg: "RS256", use: "sig" };
      issuer = createServer((incoming, response) => {
        const isKeys = incoming.url === "/keys";
        response.end(JSON.stringify(isKeys ? { keys: [jwk] } : { jwks_uri: `${url}/keys` }));
      });
      await new Promise<void>((listening) => issuer.listen(0, "127.0.0.1", listening));
      url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
    });
    after(() => {
      issuer.closeAllConnections();
      issuer.close();
    });

    const token = (
      claims: Record<string, unknown> = {},
      { from = url, forSeconds = 60, key = keys.privateKey } = {},
    ) =>
      new SignJWT({ aud: "orders", scope: "read write", ...claims })
        .setProtectedHeader({ alg: "RS256", kid: "one" })
        .setIssuer(from)
        .setExpirationTime(Math.floor(gateway().nowMs / 1000) + forSeconds)
        .sign(key);

    const secured = async (Issuer: string) => {
      const api = await deployed({});
      const { http } = gateway();
      const { AuthorizerId } = await http.send(
        new CreateAuthorizerCommand({
          ApiId: api.ApiId,
          Name: "customers",
          AuthorizerType: "JWT",
          IdentitySource: ["$request.header.Authorization"],
          JwtConfiguration: { Issuer, Audience: ["orders"] },
        }),
      );
      await http.send(
        new CreateRouteCommand({
          ApiId: api.ApiId,
          RouteKey: "GET /records",
          Target: `integrations/${api.IntegrationId}`,
          AuthorizationType: "JWT",
          AuthorizerId,
          AuthorizationScopes: ["write"],
        }),
      );
      const ask = (authorization?: string) =>
        api.ask("/records", { headers: authorization === undefined ? {} : { authorization } });
      return { ...api, ask };
    };

    it("takes a token of the issuer, and tells the function its claims", async () => {
      const { ask } = await secured(url);
      const reply = await ask(`Bearer ${await token({ sub: "customer 1", groups: ["a", "b"] })}`);
      expect(reply.status, reply.text).to.equal(200);
      const { authorizer } = lastEvent()["requestContext"] as {
        authorizer: { jwt: { claims: Record<string, string>; scopes: string[] } };
      };
      expect(authorizer.jwt.scopes).to.deep.equal(["write"]);
      expect(authorizer.jwt.claims).to.include({
        sub: "customer 1",
        aud: "orders",
        groups: "[a b]",
        exp: String(gateway().nowMs / 1000 + 60),
      });
      expect((await ask(await token({ aud: undefined, client_id: "orders" }))).status).to.equal(
        200,
      );
    });

    it("refuses none, a foreign one and a stale one with 401, one without the scope with 403", async () => {
      const { ask } = await secured(url);
      const { privateKey } = await generateKeyPair("RS256");
      const wrong = [
        undefined,
        "Bearer nonsense",
        await token({ aud: "another" }),
        await token({}, { from: "http://127.0.0.1:1" }),
        await token({}, { forSeconds: -1 }),
        await token({ nbf: gateway().nowMs / 1000 + 60 }),
        await token({}, { key: privateKey }),
      ];
      for (const [index, authorization] of wrong.entries()) {
        const reply = await ask(authorization);
        expect(reply.status, String(index)).to.equal(401);
        expect(reply.json).to.deep.equal({ message: "Unauthorized" });
        expect(reply.headers["www-authenticate"]).to.equal("Bearer");
      }
      const reply = await ask(await token({ scope: "read" }));
      expect([reply.status, reply.json]).to.deep.equal([403, { message: "Forbidden" }]);
      expect(gateway().events).to.deep.equal([]);
    });

    it("gives out tokens of an issuer that is not on this machine, which its API takes", async () => {
      const { ApiId, ask } = await secured("https://login.shop.example/pool");
      const { text } = await gateway().ask(`/_api/${ApiId}/_token?scope=write&sub=me`);
      expect((await ask(`Bearer ${text}`)).status).to.equal(200);
      expect((await ask(await token())).status, "one of nobody's").to.equal(401);

      const local = await secured(url);
      const own = await gateway().ask(`/_api/${local.ApiId}/_token`);
      expect(own.status, "a local issuer gives out its own").to.equal(404);
    });
  });

  it("is imported from an OpenAPI document, and refuses what is not in the local cloud", async () => {
    const { http } = gateway();
    const imported = (body: object) =>
      http.send(new ImportApiCommand({ Body: JSON.stringify(body) }));
    const integration = toFunction({ payloadFormatVersion: "2.0", uri: FUNCTION_ARN });
    const { ApiId, Name } = await imported(
      document({
        "/records": { get: integration },
        "/$default": { "x-amazon-apigateway-any-method": { isDefaultRoute: true, ...integration } },
      }),
    );
    await http.send(new CreateStageCommand({ ApiId, StageName: "$default", AutoDeploy: true }));
    expect(Name).to.equal("orders");
    await gateway().ask(`/_api/${ApiId}/records`);
    await gateway().ask(`/_api/${ApiId}/other`);
    expect(gateway().events.map((event) => event["routeKey"])).to.deep.equal([
      "GET /records",
      "$default",
    ]);

    const sigv4 = {
      type: "apiKey",
      name: "Authorization",
      in: "header",
      "x-amazon-apigateway-authtype": "awsSigv4",
    };
    const signed = await imported(
      document(
        { "/records": { get: { ...integration, security: [{ sigv4: [] }] } } },
        { components: { securitySchemes: { sigv4 } } },
      ),
    );
    await http.send(
      new CreateStageCommand({ ApiId: signed.ApiId, StageName: "$default", AutoDeploy: true }),
    );
    expect((await gateway().ask(`/_api/${signed.ApiId}/records`)).status).to.equal(403);

    const other = document({ "/": { get: toFunction({ type: "http_proxy" }) } });
    expect(await refusalOf(imported(other))).to.match(/HTTP_PROXY is not in the local cloud/);
    const socket = http.send(new CreateApiCommand({ Name: "chat", ProtocolType: "WEBSOCKET" }));
    expect(await refusalOf(socket)).to.match(/WebSocket API is not in the local cloud/);
  });
});
