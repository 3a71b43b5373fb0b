import { expect } from "chai";
import { emulatorBackend } from "../../cloud/backend.ts";
import type { CloudClients } from "../../cloud/types/maker.ts";
import type { Properties } from "../../provider/aws-types.ts";
import {
  document,
  FUNCTION_ARN,
  REGION,
  ACCOUNT,
  toFunction,
  useGateway,
} from "../support/api-gateway.ts";

describe("the local cloud makes", () => {
  const gateway = useGateway();

  /** The provider's side of the engine: resources by their types and inputs. */
  const provider = () => {
    const { rest: apiGateway, http: apiGatewayV2, url: endpoint } = gateway();
    // No other service is asked.
    const backend = emulatorBackend({
      apiGateway,
      apiGatewayV2,
      endpoint,
    } as unknown as CloudClients);
    const common = (type: string, inputs: Properties) => ({
      type,
      logicalName: "it",
      location: { accountId: ACCOUNT, region: REGION, partition: "aws" },
      inputs,
      changed: [],
    });
    return {
      create: async (type: string, inputs: Properties) => {
        const { id, outputs } = await backend.create(common(type, inputs));
        return { ...outputs, id } as Properties & { readonly id: string };
      },
      update: (type: string, previous: Properties & { readonly id: string }, inputs: Properties) =>
        backend.update({ ...common(type, inputs), previous, id: previous.id }),
      delete: (type: string, previous: Properties & { readonly id: string }) =>
        backend.delete({ ...common(type, previous), previous, id: previous.id }),
    };
  };
  const statusOf = async (url: unknown, headers = {}) =>
    (await gateway().ask(String(url).replace(gateway().url, ""), { headers })).status;

  it("a REST API with all that belongs to it, changes it, and takes it away", async () => {
    const { create, update, delete: remove } = provider();
    const body = (path: string, more: object = {}) =>
      JSON.stringify(
        document(
          { [path]: { get: { ...toFunction(), ...more } } },
          {
            components: {
              securitySchemes: { api_key: { type: "apiKey", name: "x-api-key", in: "header" } },
            },
          },
        ),
      );
    await create("aws:apigateway/account:Account", {
      cloudwatchRoleArn: `arn:aws:iam::${ACCOUNT}:role/logs`,
    });
    const settings = { name: "orders-production", endpointConfiguration: { types: "REGIONAL" } };
    const api = await create("aws:apigateway/restApi:RestApi", { ...settings, body: body("/old") });
    expect(api["executionArn"]).to.equal(`arn:aws:execute-api:${REGION}:${ACCOUNT}:${api.id}`);
    const first = await create("aws:apigateway/deployment:Deployment", { restApi: api.id });
    const stageInputs = {
      restApi: api.id,
      stageName: "live",
      deployment: first.id,
      xrayTracingEnabled: true,
      accessLogSettings: {
        destinationArn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:calls`,
        format: "$context.requestId",
      },
    };
    const stage = await create("aws:apigateway/stage:Stage", stageInputs);
    expect(stage["invokeUrl"]).to.equal(`${gateway().url}/_api/${api.id}/live`);
    expect(await statusOf(`${String(stage["invokeUrl"])}/old`)).to.equal(200);
    expect(gateway().logs).to.have.length(1);

    const secured = body("/new", { security: [{ api_key: [] }] });
    const changed = await update("aws:apigateway/restApi:RestApi", api, {
      ...settings,
      body: secured,
    });
    expect(changed["executionArn"], "stays").to.equal(api["executionArn"]);
    const second = await create("aws:apigateway/deployment:Deployment", { restApi: api.id });
    await update("aws:apigateway/stage:Stage", stage, {
      ...stageInputs,
      deployment: second.id,
      accessLogSettings: undefined,
    });
    await remove("aws:apigateway/deployment:Deployment", first);
    const plan = await create("aws:apigateway/usagePlan:UsagePlan", {
      name: "gold",
      apiStages: [{ apiId: api.id, stage: "live" }],
      throttleSettings: { rateLimit: 1, burstLimit: 1 },
    });
    const key = await create("aws:apigateway/apiKey:ApiKey", { name: "customer" });
    const planKey = await create("aws:apigateway/usagePlanKey:UsagePlanKey", {
      keyId: key.id,
      keyType: "API_KEY",
      usagePlanId: plan.id,
    });
    const asked = () =>
      statusOf(`${String(stage["invokeUrl"])}/new`, { "x-api-key": key["value"] });
    expect([await asked(), await asked()]).to.deep.equal([200, 429]);
    expect(gateway().logs, "no log any more").to.have.length(1);

    const limits = await create("aws:apigateway/methodSettings:MethodSettings", {
      restApi: api.id,
      stageName: "live",
      methodPath: "*/*",
      settings: { throttlingRateLimit: 0, throttlingBurstLimit: 0, metricsEnabled: true },
    });
    const planned = {
      name: "gold",
      apiStages: [{ apiId: api.id, stage: "live" }],
      quotaSettings: { limit: 2, period: "DAY" },
    };
    await update("aws:apigateway/usagePlan:UsagePlan", plan, planned);
    expect(await asked()).to.equal(429);
    await remove("aws:apigateway/methodSettings:MethodSettings", limits);
    expect(
      [await asked(), await asked()],
      "the quota is counted before the stage's limit",
    ).to.deep.equal([200, 429]);

    const domain = await create("aws:apigateway/domainName:DomainName", {
      domainName: "api.shop.example",
      regionalCertificateArn: `arn:aws:acm:${REGION}:${ACCOUNT}:certificate/1`,
      endpointConfiguration: { types: "REGIONAL" },
    });
    expect(domain["regionalDomainName"]).to.match(/^d-/);
    const mapping = await create("aws:apigateway/basePathMapping:BasePathMapping", {
      domainName: "api.shop.example",
      restApi: api.id,
      stageName: "live",
    });
    expect(await statusOf("/new", { host: "api.shop.example" })).to.equal(403);

    await remove("aws:apigateway/basePathMapping:BasePathMapping", mapping);
    await remove("aws:apigateway/domainName:DomainName", domain);
    await remove("aws:apigateway/usagePlanKey:UsagePlanKey", planKey);
    await remove("aws:apigateway/usagePlan:UsagePlan", { ...plan, ...planned });
    await remove("aws:apigateway/apiKey:ApiKey", key);
    await remove("aws:apigateway/stage:Stage", stage);
    await remove("aws:apigateway/deployment:Deployment", second);
    await remove("aws:apigateway/restApi:RestApi", api);
    expect((await gateway().ask(`/_api/${api.id}/live/new`)).json).to.deep.equal({
      message: "Forbidden",
    });
  });

  it("an HTTP API with all that belongs to it, changes it, and takes it away", async () => {
    const { create, update, delete: remove } = provider();
    const settings = { name: "orders", protocolType: "HTTP" };
    const api = await create("aws:apigatewayv2/api:Api", {
      ...settings,
      corsConfiguration: { allowOrigins: ["*"] },
    });
    const integration = await create("aws:apigatewayv2/integration:Integration", {
      apiId: api.id,
      integrationType: "AWS_PROXY",
      integrationUri: FUNCTION_ARN,
      payloadFormatVersion: "2.0",
      timeoutMilliseconds: 5000,
    });
    const authorizer = await create("aws:apigatewayv2/authorizer:Authorizer", {
      apiId: api.id,
      name: "customers",
      authorizerType: "JWT",
      identitySources: ["$request.header.Authorization"],
      jwtConfiguration: { issuer: "https://login.shop.example", audiences: ["orders"] },
    });
    const routeInputs = {
      apiId: api.id,
      routeKey: "GET /records",
      target: `integrations/${integration.id}`,
    };
    const route = await create("aws:apigatewayv2/route:Route", routeInputs);
    const stageInputs = { apiId: api.id, name: "$default", autoDeploy: true };
    const stage = await create("aws:apigatewayv2/stage:Stage", stageInputs);
    const url = `${String(stage["invokeUrl"])}/records`;
    expect(api["apiEndpoint"]).to.equal(`${gateway().url}/_api/${api.id}`);
    expect(await statusOf(url)).to.equal(200);
    expect(gateway().waits).to.deep.equal([5000]);

    await update("aws:apigatewayv2/route:Route", route, {
      ...routeInputs,
      authorizationType: "JWT",
      authorizerId: authorizer.id,
    });
    expect(await statusOf(url)).to.equal(401);
    const { text: token } = await gateway().ask(`/_api/${api.id}/_token`);
    expect(await statusOf(url, { authorization: `Bearer ${token}` })).to.equal(200);
    await update("aws:apigatewayv2/stage:Stage", stage, {
      ...stageInputs,
      defaultRouteSettings: { throttlingRateLimit: 0, throttlingBurstLimit: 0 },
    });
    expect(await statusOf(url, { authorization: `Bearer ${token}` })).to.equal(429);
    const origin = { origin: "https://shop.example" };
    const withCors = await gateway().ask(`/_api/${api.id}/records`, { headers: origin });
    expect(withCors.headers["access-control-allow-origin"]).to.equal("*");
    await update("aws:apigatewayv2/api:Api", { ...api, id: api.id }, settings);
    const without = await gateway().ask(`/_api/${api.id}/records`, { headers: origin });
    expect(without.headers).not.to.have.any.keys("access-control-allow-origin");

    await remove("aws:apigatewayv2/stage:Stage", stage);
    await remove("aws:apigatewayv2/route:Route", route);
    await remove("aws:apigatewayv2/authorizer:Authorizer", authorizer);
    await remove("aws:apigatewayv2/integration:Integration", integration);
    await remove("aws:apigatewayv2/api:Api", api);
    expect(await statusOf(url)).to.equal(403);
  });
});
