import {
  CreateDeploymentCommand,
  CreateRestApiCommand,
  GetResourcesCommand,
  GetStageCommand,
} from "@aws-sdk/client-api-gateway";
import { expect } from "chai";
import { document, toFunction, useGateway } from "../../support/api-gateway.ts";
import { deployRestApi, putBody, refusalOf } from "../../support/rest-api.ts";

describe("the import of a REST API", () => {
  const gateway = useGateway();
  const imported = async (body: object) => {
    const { rest } = gateway();
    const { id = "" } = await rest.send(new CreateRestApiCommand({ name: "orders" }));
    return refusalOf(putBody(rest, id, body));
  };
  const get = (method: object) => document({ "/records": { get: { ...toFunction(), ...method } } });

  it("names every fault of a document at once", async () => {
    const refused = await imported(
      document(
        {
          "/a{b}": { get: toFunction() },
          "/{rest+}/more": { get: toFunction() },
          "/slow": { get: toFunction({ timeoutInMillis: 29_001 }) },
          "/good": { get: toFunction() },
        },
        { "x-amazon-apigateway-gateway-responses": { DEFAULT_4: {} } },
      ),
    );
    expect(refused).to.match(/^BadRequestException: Errors found during import:/);
    for (const fault of [
      /at path '\/a\{b\}'/,
      /at path '\/\{rest\+\}\/more'/,
      /between 50 ms and 29000 ms/,
      /gateway response type specified: DEFAULT_4/,
    ]) {
      expect(refused).to.match(fault);
    }
    expect(refused).not.to.include("/good");
  });

  it("refuses a validator or model that is not there, and names of models that are not alphanumeric", async () => {
    expect(await imported(get({ "x-amazon-apigateway-request-validator": "none" }))).to.match(
      /Invalid Request Validator identifier specified/,
    );
    const missing = {
      requestBody: {
        content: { "application/json": { schema: { $ref: "#/components/schemas/None" } } },
      },
    };
    expect(await imported(get(missing))).to.match(
      /Invalid reference specified: #\/components\/schemas\/None/,
    );
    const named = { ...get({}), components: { schemas: { New_Record: { type: "object" } } } };
    expect(await imported(named)).to.match(/Model name must be alphanumeric: New_Record/);
    const broken = { ...get({}), components: { schemas: { Record: { type: "text" } } } };
    expect(await imported(broken)).to.match(/Unable to create model 'Record': Invalid model/);
  });

  it("refuses what the local cloud does not run, instead of answering otherwise than AWS", async () => {
    const scheme = (of: object) => ({
      ...get({ security: [{ mine: [] }] }),
      components: {
        securitySchemes: { mine: { type: "apiKey", name: "Authorization", in: "header", ...of } },
      },
    });
    const cases = [
      scheme({ "x-amazon-apigateway-authtype": "custom" }),
      scheme({ "x-amazon-apigateway-authorizer": { type: "cognito_user_pools" } }),
      document({ "/": { get: toFunction({ type: "http" }) } }),
      document({ "/": { get: toFunction({ responseTransferMode: "STREAM" }) } }),
      { ...get({}), openapi: "3.1.0" },
      { swagger: "2.0" },
    ];
    for (const body of cases) {
      expect(await imported(body), JSON.stringify(body)).to.match(
        /^BadRequestException: .*local cloud/s,
      );
    }
  });

  it("makes every resource on the way to a path, and deploys none without a method", async () => {
    const { rest } = gateway();
    const { id: restApiId = "" } = await rest.send(new CreateRestApiCommand({ name: "orders" }));
    const deployment = rest.send(new CreateDeploymentCommand({ restApiId }));
    expect(await refusalOf(deployment)).to.equal(
      "BadRequestException: The REST API doesn't contain any methods",
    );
    await putBody(
      rest,
      restApiId,
      document({ "/a/{b}/c": { get: toFunction() }, "/d/{b}": { get: toFunction() } }),
    );
    const { items = [] } = await rest.send(new GetResourcesCommand({ restApiId }));
    expect(items.map(({ path }) => path)).to.have.members([
      "/",
      "/a",
      "/a/{b}",
      "/a/{b}/c",
      "/d",
      "/d/{b}",
    ]);
    const [leaf, parent] = ["/a/{b}/c", "/a/{b}"].map((path) =>
      items.find((one) => one.path === path),
    );
    expect(leaf?.parentId).to.equal(parent?.id);
    expect(new Set(items.map(({ id }) => id)).size).to.equal(6);
  });

  it("keeps a stage's settings as they are read back", async () => {
    const { id } = await deployRestApi(gateway(), get({}), {
      "/*/*/throttling/rateLimit": "5",
      "/records/GET/metrics/enabled": "true",
      "/tracingEnabled": "true",
    });
    const stage = await gateway().rest.send(
      new GetStageCommand({ restApiId: id, stageName: "live" }),
    );
    expect(stage.tracingEnabled).to.equal(true);
    expect(stage.methodSettings?.["*/*"]).to.include({
      throttlingRateLimit: 5,
      metricsEnabled: false,
    });
    expect(stage.methodSettings?.["~1records/GET"]).to.include({ metricsEnabled: true });
  });
});
