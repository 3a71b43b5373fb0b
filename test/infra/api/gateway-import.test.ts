/** The whole way from routes to an API, by the local cloud's import, which refuses what API Gateway's refuses. */
import { expect } from "chai";
import { importRestApi } from "local-aws/emulator/apigateway/openapi.ts";
import { restBody } from "../../../infra/api/body.ts";
import { gatewayDocument } from "../../../infra/api/gateway-document.ts";
import { openApiDocument } from "../../../infra/api/openapi.ts";
import { PARCELS } from "../../function/support/parcels.ts";

describe("the routes as a REST API", () => {
  const body = restBody({
    document: gatewayDocument(
      openApiDocument({ title: "parcels", version: "1.0.0", routes: PARCELS }),
    ),
    settings: {
      apiAuthorization: "iam",
      apiJwtIssuer: undefined,
      apiJwtAudiences: [],
      apiCorsOrigins: ["https://a.example.com"],
      apiDisableExecuteApiEndpoint: false,
    },
    location: { partition: "aws", region: "eu-west-1", accountId: "123456789012" },
    name: "parcels-api",
    aliasArn: "arn:aws:lambda:eu-west-1:123456789012:function:parcels:live",
  });

  it("are imported, each method with its model", () => {
    const { methods } = importRestApi(body);

    const found = methods.map(({ httpMethod, resourcePath }) => `${httpMethod} ${resourcePath}`);
    for (const { method, path } of PARCELS) expect(found).to.include(`${method} ${path}`);
    expect(found).to.include.members(["HEAD /parcels", "OPTIONS /parcels", "GET /health"]);
    const send = methods.find((one) => one.httpMethod === "POST");
    expect(send?.models).to.have.keys("application/json", "$default");
    expect(send).to.include({ validatesBody: true, validatesParameters: true });
    // What a caller may leave out, the gateway must not ask for.
    const required = methods.flatMap(({ requiredParameters }) => requiredParameters);
    expect(new Set(required.map(({ in: where }) => where))).to.deep.equal(new Set(["path"]));
  });
});
