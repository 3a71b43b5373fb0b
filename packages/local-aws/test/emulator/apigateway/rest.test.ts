import {
  CreateDeploymentCommand,
  DeleteDeploymentCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-api-gateway";
import { expect } from "chai";
import {
  answered,
  document,
  policyFor,
  toFunction,
  useGateway,
  REGION,
  ACCOUNT,
} from "../../support/api-gateway.ts";
import { deployRestApi, putBody, refusalOf } from "../../support/rest-api.ts";

const LAMBDA = toFunction();

describe("a REST API", () => {
  const gateway = useGateway();

  it("calls the function of the longest, most exact path, with parameters as they were sent", async () => {
    const { path } = await deployRestApi(
      gateway(),
      document({
        "/records": { get: LAMBDA },
        "/records/{id}": { get: LAMBDA, "x-amazon-apigateway-any-method": LAMBDA },
        "/records/all": { get: LAMBDA },
        "/files/{path+}": { get: LAMBDA },
      }),
    );
    const asked = async (rest: string, method = "GET") => {
      await gateway().ask(path + rest, { method });
      const { resource, pathParameters } = gateway().events.at(-1) ?? {};
      return { resource, pathParameters };
    };

    expect(await asked("/records")).to.deep.equal({ resource: "/records", pathParameters: null });
    expect(await asked("/records/")).to.deep.equal({ resource: "/records", pathParameters: null });
    expect(await asked("/records/all")).to.include({ resource: "/records/all" });
    expect(await asked("/records/a%20b")).to.deep.equal({
      resource: "/records/{id}",
      pathParameters: { id: "a%20b" },
    });
    expect(await asked("/records/7", "PATCH")).to.include({ resource: "/records/{id}" });
    expect(await asked("/files/a/b")).to.deep.equal({
      resource: "/files/{path+}",
      pathParameters: { path: "a/b" },
    });
  });

  it("is found by the long path, by host and by AWS's own host as well", async () => {
    const { id } = await deployRestApi(gateway(), document({ "/records": { get: LAMBDA } }));
    const long = await gateway().ask(`/restapis/${id}/live/_user_request_/records?a=1`);
    const byHost = (host: string) => gateway().ask("/live/records", { headers: { host } });

    expect(long.status).to.equal(200);
    expect((await byHost(`${id}.execute-api.${REGION}.localhost:1234`)).status).to.equal(200);
    expect((await byHost(`${id}.execute-api.${REGION}.amazonaws.com`)).status).to.equal(200);
    expect(gateway().events.map((event) => event["path"])).to.deep.equal(Array(3).fill("/records"));
  });

  it("refuses a path or method that it does not have with 403, and an unknown stage or API too", async () => {
    const { id, path } = await deployRestApi(gateway(), document({ "/records": { get: LAMBDA } }));

    for (const [wrong, method] of [
      ["/nowhere", "GET"],
      ["/records", "POST"],
      ["", "GET"],
    ] as const) {
      const reply = await gateway().ask(path + wrong, { method });
      expect(reply.status).to.equal(403);
      expect(reply.json).to.deep.equal({ message: "Missing Authentication Token" });
      expect(reply.headers["x-amzn-errortype"]).to.equal("MissingAuthenticationTokenException");
    }
    for (const wrong of [`/_api/${id}/none/records`, "/_api/none/live/records"]) {
      const reply = await gateway().ask(wrong);
      expect(reply.status).to.equal(403);
      expect(reply.json).to.deep.equal({ message: "Forbidden" });
    }
    expect(gateway().events).to.deep.equal([]);
  });

  it("goes on as it was deployed until the stage has another deployment", async () => {
    const { rest } = gateway();
    const { id, path, deploymentId } = await deployRestApi(
      gateway(),
      document({ "/old": { get: LAMBDA } }),
    );
    await putBody(rest, id, document({ "/new": { get: LAMBDA } }));

    expect((await gateway().ask(`${path}/old`)).status).to.equal(200);
    expect((await gateway().ask(`${path}/new`)).status).to.equal(403);
    const deleted = rest.send(new DeleteDeploymentCommand({ restApiId: id, deploymentId }));
    expect(await refusalOf(deleted)).to.equal(
      "BadRequestException: Active stages pointing to this deployment must be moved or deleted",
    );

    const next = await rest.send(new CreateDeploymentCommand({ restApiId: id }));
    await rest.send(
      new UpdateStageCommand({
        restApiId: id,
        stageName: "live",
        patchOperations: [{ op: "replace", path: "/deploymentId", value: next.id }],
      }),
    );
    expect((await gateway().ask(`${path}/old`)).status).to.equal(403);
    expect((await gateway().ask(`${path}/new`)).status).to.equal(200);
    await rest.send(new DeleteDeploymentCommand({ restApiId: id, deploymentId }));
  });

  describe("with a function", () => {
    let path = "";
    const deployed = async (more: object = {}, body: object = {}) => {
      const api = await deployRestApi(
        gateway(),
        document({ "/records": { post: toFunction(more) } }, body),
      );
      path = `${api.path}/records`;
      return api;
    };
    const post = (asked = {}) => gateway().ask(path, { method: "POST", ...asked });

    it("that does not let it in answers 500, and tells nobody why", async () => {
      await deployed();
      for (const policy of ["", policyFor(`arn:aws:execute-api:${REGION}:${ACCOUNT}:another/*`)]) {
        gateway().policy = policy;
        const reply = await post();
        expect(reply.status).to.equal(500);
        expect(reply.json).to.deep.equal({ message: "Internal server error" });
      }
      expect(gateway().events).to.deep.equal([]);
    });

    it("lets it in by a permission for stage, method and path", async () => {
      const { id } = await deployed();
      gateway().policy = policyFor(
        `arn:aws:execute-api:${REGION}:${ACCOUNT}:${id}/live/POST/records`,
      );
      expect((await post()).status).to.equal(200);
    });

    it("that throws, or answers otherwise than it must, answers 502", async () => {
      await deployed();
      const wrong = [
        { failed: true, payload: '{"errorMessage":"x"}' },
        { failed: false, payload: "no JSON" },
        answered(null),
        answered("text"),
        answered({ statusCode: 200, body: { not: "text" } }),
        answered({ statusCode: 200, body: "{}", extra: true }),
        answered({ statusCode: "two hundred" }),
        answered({ statusCode: 200, headers: { "x-number": 1 } }),
        answered({ errorMessage: "thrown" }),
      ];
      for (const end of wrong) {
        gateway().handler = () => end;
        const reply = await post();
        expect(reply.status, end.payload).to.equal(502);
        expect(reply.json).to.deep.equal({ message: "Internal server error" });
      }
    });

    it("that Lambda refuses to call answers 500", async () => {
      await deployed();
      gateway().handler = () => Promise.reject(new Error("Rate Exceeded"));
      expect((await post()).status).to.equal(500);
    });

    it("is waited for as long as the integration says, 29 seconds where it says nothing", async () => {
      await deployed();
      await post();
      expect(gateway().waits).to.deep.equal([29_000]);

      await deployed({ timeoutInMillis: 500 });
      gateway().impatient = true;
      gateway().handler = () => new Promise(() => {});
      const reply = await post();
      expect(gateway().waits.at(-1)).to.equal(500);
      expect(reply.status).to.equal(504);
      expect(reply.json).to.deep.equal({ message: "Endpoint request timed out" });
    });

    it("gives its status, headers of both kinds and body to the caller", async () => {
      await deployed();
      gateway().handler = () =>
        answered({
          statusCode: 201,
          headers: { "X-One": "1", "Set-Cookie": "last=1", Date: "yesterday", flag: true },
          multiValueHeaders: { "Set-Cookie": ["a=1", "b=2"] },
          body: "made",
        });
      const reply = await post();

      expect(reply.status).to.equal(201);
      expect(reply.text).to.equal("made");
      expect(reply.headers).to.deep.include({
        "x-one": "1",
        flag: "true",
        "set-cookie": ["a=1", "b=2", "last=1"],
        "content-type": "application/json",
        "content-length": "4",
        "x-amzn-remapped-date": "yesterday",
      });
      expect(reply.headers["x-amzn-requestid"]).to.match(/^[0-9a-f-]{36}$/);
      expect(reply.headers["x-amzn-trace-id"]).to.match(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    });

    it("answers 200 where it names no status", async () => {
      await deployed();
      gateway().handler = () => answered({ body: "x" });
      expect((await post()).status).to.equal(200);
    });

    it("is given bytes in base64 for binary media types alone, and answers them to who accepts them", async () => {
      await deployed({}, { "x-amazon-apigateway-binary-media-types": ["image/png"] });
      const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0x00]);
      gateway().handler = () =>
        answered({ statusCode: 200, isBase64Encoded: true, body: bytes.toString("base64") });
      const accepted = await post({
        body: bytes,
        headers: { "content-type": "image/png", accept: "image/png, */*" },
      });
      expect(gateway().events.at(-1)).to.include({
        isBase64Encoded: true,
        body: bytes.toString("base64"),
      });
      expect(accepted.bytes.equals(bytes)).to.equal(true);

      const other = await post({ body: "{}", headers: { "content-type": "application/json" } });
      expect(gateway().events.at(-1)).to.include({ isBase64Encoded: false, body: "{}" });
      expect(other.text).to.equal(bytes.toString("base64"));
    });

    it("is never given more than ten megabytes", async () => {
      await deployed();
      const reply = await post({ body: Buffer.alloc(10_485_761) });
      expect(reply.status).to.equal(413);
      expect(reply.json).to.deep.equal({ message: "HTTP content length exceeded 10485760 bytes." });
      expect(gateway().events).to.deep.equal([]);
    });
  });

  it("hands over an event with every member that AWS documents", async () => {
    const { id, deploymentId, path } = await deployRestApi(
      gateway(),
      document({ "/records/{id}": { put: LAMBDA } }),
      { "/variables/colour": "blue" },
    );
    await gateway().ask(`${path}/records/7?a=1&a=2&b=x%20y`, {
      method: "PUT",
      headers: {
        "Content-Type": "application/json",
        "X-Many": ["one", "two"],
        "User-Agent": "tests",
      },
      body: '{"name":"é"}',
    });

    const [event] = gateway().events;
    const { headers, multiValueHeaders, requestContext, ...rest } = event as Record<
      string,
      Record<string, unknown>
    >;
    expect(rest).to.deep.equal({
      resource: "/records/{id}",
      path: "/records/7",
      httpMethod: "PUT",
      queryStringParameters: { a: "2", b: "x y" },
      multiValueQueryStringParameters: { a: ["1", "2"], b: ["x y"] },
      pathParameters: { id: "7" },
      stageVariables: { colour: "blue" },
      body: '{"name":"é"}',
      isBase64Encoded: false,
    });
    expect(headers).to.deep.include({
      "Content-Type": "application/json",
      "User-Agent": "tests",
      "X-Many": "two",
      "X-Forwarded-Proto": "https",
      "X-Forwarded-For": "127.0.0.1",
    });
    expect(headers).not.to.have.any.keys("Content-Length", "Connection");
    expect(multiValueHeaders).to.deep.include({ "X-Many": ["one", "two"] });
    const { requestId, extendedRequestId, resourceId, ...context } = requestContext ?? {};
    expect(requestId).to.match(/^[0-9a-f-]{36}$/);
    expect([extendedRequestId, resourceId]).to.satisfy((all: unknown[]) => all.every(Boolean));
    expect(context).to.deep.equal({
      resourcePath: "/records/{id}",
      httpMethod: "PUT",
      requestTime: "02/Jan/2026:03:04:05 +0000",
      path: "/live/records/7",
      accountId: ACCOUNT,
      protocol: "HTTP/1.1",
      stage: "live",
      domainPrefix: id,
      requestTimeEpoch: gateway().nowMs,
      identity: {
        cognitoIdentityPoolId: null,
        accountId: null,
        cognitoIdentityId: null,
        caller: null,
        sourceIp: "127.0.0.1",
        principalOrgId: null,
        accessKey: null,
        cognitoAuthenticationType: null,
        cognitoAuthenticationProvider: null,
        userArn: null,
        userAgent: "tests",
        user: null,
      },
      domainName: `${id}.execute-api.${REGION}.amazonaws.com`,
      deploymentId,
      apiId: id,
    });
  });

  it("takes a caller's own id of a request, beside one that is its own", async () => {
    const { path } = await deployRestApi(gateway(), document({ "/": { get: LAMBDA } }));
    const { headers } = await gateway().ask(path, { headers: { "x-amzn-RequestId": "mine" } });
    expect(headers["x-amzn-requestid"]).to.equal("mine");
    expect(headers["x-amz-apigw-id"]).to.match(/^[\w-]{15}=$/);
    expect(gateway().events[0]).to.nested.include({ "requestContext.requestId": "mine" });
  });

  it("leaves what a request lacks as null", async () => {
    const { path } = await deployRestApi(gateway(), document({ "/": { get: LAMBDA } }));
    await gateway().ask(path);
    expect(gateway().events[0]).to.include({
      resource: "/",
      path: "/",
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      stageVariables: null,
      body: null,
    });
  });
});
