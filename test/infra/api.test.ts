/** The API in front of the function: what each kind registers, and with what else it goes. */
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type { Route } from "../../function/platform/route.ts";
import { frontsEnvironment, openApi } from "../../infra/api.ts";
import { type BodyInput, httpBody, restBody } from "../../infra/api/body.ts";
import { ALLOWED_HEADERS, EXPOSED_HEADERS } from "../../infra/api/cors.ts";
import type { OpenApiDocument } from "../../infra/api/document.ts";
import { corsHeaders } from "../../function/platform/cors.ts";
import { PARCELS as PARCEL_ROUTES } from "../function/support/parcels.ts";
import { type MockOptions, resolve, runProgram } from "../support/mocks.ts";
import { testSettings } from "../support/settings.ts";

const REST_API = "aws:apigateway/restApi:RestApi";
const HTTP_API = "aws:apigatewayv2/api:Api";
const ORIGIN = "https://app.example.com";
const LIVE = "arn:aws:lambda:eu-central-1:123456789012:function:ledger-function-staging:live";

/** Another service's: nothing here speaks of the shipped one. */
const PARCELS: OpenApiDocument = {
  openapi: "3.0.1",
  info: { title: "parcels", version: "2.1.0" },
  paths: {
    "/parcels": {
      post: {
        operationId: "send",
        requestBody: {
          required: true,
          content: { "application/json": { schema: { $ref: "#/components/schemas/Parcel" } } },
        },
        responses: { "201": { description: "Sent" } },
      },
    },
    "/parcels/{id}": {
      get: {
        operationId: "find",
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
        responses: { "200": { description: "Found" } },
      },
    },
  },
  components: { schemas: { Parcel: { type: "object" } } },
};

const input = (settings: Parameters<typeof testSettings>[0] = {}): BodyInput => ({
  document: PARCELS,
  settings: testSettings(settings),
  location: { partition: "aws", region: "eu-central-1", accountId: "123456789012" },
  name: "ledger-api-staging",
  aliasArn: LIVE,
});

interface Body {
  readonly info: { readonly title: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Record<string, unknown>>>>>;
  readonly components: { readonly securitySchemes: object; readonly schemas?: object };
  readonly "x-amazon-apigateway-request-validator"?: string;
  readonly "x-amazon-apigateway-request-validators"?: Readonly<Record<string, object>>;
  readonly "x-amazon-apigateway-gateway-responses"?: Readonly<Record<string, GatewayResponse>>;
  readonly "x-amazon-apigateway-policy"?: object;
}
interface GatewayResponse {
  readonly statusCode?: string;
  readonly responseParameters: Readonly<Record<string, string>>;
  readonly responseTemplates: Readonly<Record<string, string>>;
}
const rest = (settings?: Parameters<typeof testSettings>[0]): Body =>
  JSON.parse(restBody(input(settings))) as Body;
const http = (settings?: Parameters<typeof testSettings>[0]): Body =>
  JSON.parse(httpBody(input(settings))) as Body;
const operations = ({ paths }: Body) =>
  Object.values(paths).flatMap((all) =>
    Object.entries(all).flatMap(([method, operation]) => (method === "options" ? [] : [operation])),
  );
const integrationOf = (operation: Record<string, unknown> | undefined) =>
  operation?.["x-amazon-apigateway-integration"] as Record<string, unknown>;

describe("the body of an API", () => {
  for (const [kind, body] of [
    ["rest", rest],
    ["http", http],
  ] as const) {
    it(`calls the alias from every operation, with ${kind}`, () => {
      const made = body();
      expect(made.info.title).to.equal("ledger-api-staging");
      expect(operations(made)).to.have.length(2);
      for (const operation of operations(made)) {
        expect(integrationOf(operation)).to.include({
          type: "aws_proxy",
          httpMethod: "POST",
          uri: `arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/${LIVE}/invocations`,
        });
      }
    });

    it(`asks every operation for a signature unless config says otherwise, with ${kind}`, () => {
      const signed = body();
      expect(signed.components.securitySchemes).to.have.nested.property(
        "sigv4.x-amazon-apigateway-authtype",
        "awsSigv4",
      );
      for (const { security } of operations(signed)) {
        expect(security).to.deep.equal([{ sigv4: [] }]);
      }
      for (const { security } of operations(body({ apiAuthorization: "none" }))) {
        expect(security).to.deep.equal([]);
      }
    });

    it(`is the same text for the same settings, with ${kind}`, () => {
      const make = kind === "rest" ? restBody : httpBody;
      expect(make(input())).to.equal(make(input()));
    });
  }

  it("asks for keys in the header that API Gateway reads", () => {
    const made = rest({ apiAuthorization: "key" });
    expect(made.components.securitySchemes).to.deep.equal({
      apiKey: { type: "apiKey", name: "x-api-key", in: "header" },
    });
    for (const { security } of operations(made)) expect(security).to.deep.equal([{ apiKey: [] }]);
  });

  it("takes tokens of the issuer for the audiences alone", () => {
    const made = http({
      apiAuthorization: "jwt",
      apiJwtIssuer: "https://login.example.com",
      apiJwtAudiences: ["ledger", "books"],
    });
    expect(made.components.securitySchemes).to.have.nested.property(
      "jwt.x-amazon-apigateway-authorizer",
    );
    expect(made.components.securitySchemes).to.deep.include({
      jwt: {
        type: "oauth2",
        flows: {},
        "x-amazon-apigateway-authorizer": {
          type: "jwt",
          identitySource: "$request.header.Authorization",
          jwtConfiguration: { issuer: "https://login.example.com", audience: ["ledger", "books"] },
        },
      },
    });
  });

  it("of a REST API validates bodies of whatever content type they claim to be", () => {
    const made = rest();
    const validator = made["x-amazon-apigateway-request-validator"] ?? "";
    expect(made["x-amazon-apigateway-request-validators"]?.[validator]).to.deep.equal({
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    const sent = made.paths["/parcels"]?.["post"]?.["requestBody"] as
      | { readonly content: Readonly<Record<string, unknown>> }
      | undefined;
    expect(sent?.content["$default"]).to.deep.equal({
      schema: { $ref: "#/components/schemas/Parcel" },
    });
    expect(made.components.schemas).to.deep.equal(PARCELS.components?.schemas);
    // In the API alone, never beside it too.
    expect(made).not.to.have.property("x-amazon-apigateway-policy");
  });

  it("of an HTTP API has routes and no rules, which it could not keep", () => {
    const made = http();
    expect(JSON.stringify(made)).not.to.include('Parcel"');
    expect(made.components).not.to.have.property("schemas");
    expect(integrationOf(made.paths["/parcels"]?.["post"])["payloadFormatVersion"]).to.equal("2.0");
  });

  describe("of a REST API answers browsers", () => {
    const preflightOf = (body: Body, path: string) => {
      const operation = body.paths[path]?.["options"];
      const { responses, type } = integrationOf(operation) as {
        readonly type: string;
        readonly responses: {
          readonly default: {
            readonly responseParameters: Readonly<Record<string, string>>;
            readonly responseTemplates: Readonly<Record<string, string>>;
          };
        };
      };
      return { operation, type, ...responses.default };
    };

    it("before a call, without a signature and without a call of the function", () => {
      const body = rest({ apiCorsOrigins: [ORIGIN] });
      for (const [path, methods] of [
        ["/parcels", "POST,OPTIONS"],
        ["/parcels/{id}", "GET,OPTIONS"],
      ] as const) {
        const { operation, type, responseParameters } = preflightOf(body, path);
        expect(type).to.equal("mock");
        expect(operation?.["security"]).to.deep.equal([]);
        expect(responseParameters).to.include({
          "method.response.header.Access-Control-Allow-Origin": `'${ORIGIN}'`,
          "method.response.header.Access-Control-Allow-Methods": `'${methods}'`,
          "method.response.header.Vary": "'Origin'",
        });
        // Every header that an integration sets has to be one of the method's answer.
        const { responses } = operation as unknown as {
          readonly responses: Readonly<Record<string, { readonly headers: object }>>;
        };
        for (const name of Object.keys(responseParameters)) {
          expect(responses["204"]?.headers).to.have.property(
            name.slice("method.response.header.".length),
          );
        }
      }
    });

    it("of several origins each with its own", () => {
      const others = [ORIGIN, "http://localhost:5173"];
      const { responseParameters, responseTemplates, operation } = preflightOf(
        rest({ apiCorsOrigins: others }),
        "/parcels",
      );
      expect(responseParameters).not.to.have.property(
        "method.response.header.Access-Control-Allow-Origin",
      );
      const template = responseTemplates["application/json"] ?? "";
      for (const origin of others) expect(template).to.include(`$origin == "${origin}"`);
      expect(template).to.include(
        "$context.responseOverride.header.Access-Control-Allow-Origin = $origin",
      );
      expect(JSON.stringify(operation)).to.include("Access-Control-Allow-Origin");
    });

    it("also when it refuses by itself", () => {
      for (const [origins, header] of [
        [[ORIGIN], `'${ORIGIN}'`],
        [["*"], "'*'"],
        [[ORIGIN, "https://b.example"], "method.request.header.Origin"],
      ] as const) {
        const responses = rest({ apiCorsOrigins: origins })[
          "x-amazon-apigateway-gateway-responses"
        ];
        expect(Object.keys(responses ?? {})).to.include.members(["DEFAULT_4XX", "DEFAULT_5XX"]);
        for (const [type, { responseParameters }] of Object.entries(responses ?? {})) {
          expect(responseParameters, type).to.include({
            "gatewayresponse.header.Access-Control-Allow-Origin": header,
          });
        }
      }
    });

    it("not at all where no origin may call", () => {
      const body = rest();
      for (const path of Object.values(body.paths)) expect(path).not.to.have.property("options");
      expect(JSON.stringify(body)).not.to.include("Access-Control");
    });

    it("with the headers that the handler's own answers have", () => {
      const event = { headers: { origin: ORIGIN } };
      const exposed = corsHeaders(event, [ORIGIN], "GET")["access-control-expose-headers"] ?? "";
      expect(exposed.split(", ")).to.have.members([...EXPOSED_HEADERS]);
      for (const header of ALLOWED_HEADERS) expect(header).to.equal(header.toLowerCase());
    });
  });

  it("of a REST API refuses in the service's own form, and says nothing of its own failures", () => {
    const responses = rest({ apiAuthorization: "key" })["x-amazon-apigateway-gateway-responses"];
    /** What API Gateway makes of the template: it fills in variables, and nothing else. */
    const filled = (type: string): Record<string, unknown> =>
      JSON.parse(
        (responses?.[type]?.responseTemplates["application/json"] ?? "")
          .replaceAll("$context.error.messageString", '"Forbidden"')
          .replaceAll("$context.error.validationErrorString", "[too short]")
          .replaceAll("$context.requestId", "id-1"),
      ) as Record<string, unknown>;
    for (const type of Object.keys(responses ?? {})) {
      expect(filled(type), type).to.include({ correlationId: "id-1" });
      expect(filled(type)["message"], type).to.be.a("string");
    }
    expect(filled("BAD_REQUEST_BODY")).to.deep.equal({
      message: "Invalid event",
      faults: [{ path: "body", message: "[too short]" }],
      correlationId: "id-1",
    });
    expect(filled("DEFAULT_5XX")["message"]).to.equal("Internal error");
    // A status of its own would be that of every other answer, too.
    expect(responses?.["DEFAULT_4XX"]).not.to.have.property("statusCode");
    expect(responses?.["DEFAULT_5XX"]).not.to.have.property("statusCode");
  });

  it("of a REST API says 404 of paths that are not there, where it can tell", () => {
    const statusOf = (apiAuthorization: "iam" | "key" | "none") =>
      rest({ apiAuthorization })["x-amazon-apigateway-gateway-responses"]?.[
        "MISSING_AUTHENTICATION_TOKEN"
      ]?.statusCode;
    expect(statusOf("key")).to.equal("404");
    expect(statusOf("none")).to.equal("404");
    expect(statusOf("iam")).to.equal(undefined);
  });
});

describe("the access log", () => {
  for (const [kind, type] of [
    ["rest", "aws:apigateway/stage:Stage"],
    ["http", "aws:apigatewayv2/stage:Stage"],
  ] as const) {
    it(`of ${kind} is JSON and holds nothing that callers send`, async () => {
      const { inputs } = (await runProgram({ config: { api: kind } })).find(type);
      const { format, destinationArn } = inputs["accessLogSettings"] as Record<string, string>;
      expect(destinationArn).to.match(
        /log-group:\/aws\/vendedlogs\/apigateway\/ledger-api-staging$/,
      );
      const quoted = (format ?? "").replaceAll(/:(\$context[A-Za-z.]+)/g, ':"$1"');
      const line = JSON.parse(quoted) as Record<string, string>;
      // As it is written where a value is missing, and where there is one.
      for (const value of ["-", "7"]) {
        JSON.parse(
          (format ?? "").replaceAll(/"?\$context[A-Za-z.]+"?/g, (name) =>
            name.startsWith('"') ? JSON.stringify(value) : "7",
          ),
        );
      }
      expect(line).to.include.keys("requestId", "extendedRequestId", "status", "errorType");
      for (const [name, value] of Object.entries(line)) {
        expect(value, name).to.match(/^\$context\.[A-Za-z.]+$/);
        // The gateway's own messages quote the header Authorization and values of the body.
        expect(value, name).not.to.match(
          /userAgent|\.path$|\.error\.(message|validation)|apiKey$|claims|queryString/,
        );
      }
    });
  }

  it("is kept as long as the other logs, and encrypted with the service's key", async () => {
    const config = { api: "rest", createKey: true, logRetentionDays: 30 };
    const program = await runProgram({ config });
    const { inputs } = program.find("aws:cloudwatch/logGroup:LogGroup", "api-logs");
    expect(inputs["retentionInDays"]).to.equal(30);
    expect(inputs["kmsKeyId"]).to.match(/:key\//);
    const { inputs: key } = program.find("aws:kms/key:Key", "identity-data-key");
    expect(key["policy"]).to.include("/aws/vendedlogs/apigateway/ledger-api-staging");
  });

  it("is off where config says so", async () => {
    for (const api of ["rest", "http"]) {
      const program = await runProgram({ config: { api, apiAccessLogs: false } });
      expect(program.resources.some(({ name }) => name === "api-logs")).to.equal(false);
      for (const { inputs } of program.resources) {
        expect(inputs).not.to.have.property("accessLogSettings");
      }
    }
  });
});

const only = (program: Awaited<ReturnType<typeof runProgram>>) =>
  program.resources
    .filter(({ options }) => options.parent?.type === "lambda-service:infra:Api")
    .map(({ name }) => name)
    .sort();

const run = (config: MockOptions["config"]) => runProgram({ config: config ?? {} });

describe("an API", () => {
  it("is nothing at all without one", async () => {
    const program = await run({});
    expect(program.resources.filter(({ type }) => /apigateway/.test(type))).to.deep.equal([]);
    expect(program.outputs).not.to.include.keys("apiUrl");
    const { variables } = program.find("aws:lambda/function:Function", "function").inputs[
      "environment"
    ] as { readonly variables: Record<string, string> };
    expect(variables["HTTP_FRONTS"]).to.equal("none");
    expect(variables).not.to.have.property("CORS_ORIGINS");
  });

  it("offers what the domain's routes are, and its health", async () => {
    for (const [api, type] of [
      ["rest", REST_API],
      ["http", HTTP_API],
    ] as const) {
      const { paths } = JSON.parse(String((await run({ api })).find(type).inputs["body"])) as Body;
      for (const { method, path } of PARCEL_ROUTES) {
        expect(paths[path], `${method} ${path}`).to.include.keys(method.toLowerCase());
      }
      expect(paths["/health"]).to.include.keys("get");
    }
  });

  for (const [what, routes, fault] of [
    [
      "no routes",
      [],
      /^api: "rest"; function\/domain\/index\.ts names no routes, .*; add them there .*, or set api to none in Pulumi\.staging\.yaml$/,
    ],
    [
      "a path that no API can have",
      [{ ...PARCEL_ROUTES[0], path: "/ping" } as Route],
      /^route \w+: path "\/ping" is one that API Gateway answers itself; take another$/,
    ],
  ] as const) {
    it(`is refused in one line where the domain has ${what}`, () => {
      const settings = testSettings({ api: "rest" });
      const { location } = input();
      expect(() => openApi({ settings, location, routes }, {}))
        .to.throw(pulumi.RunError)
        .with.property("message")
        .that.matches(fault);
    });
  }

  it("of kind rest is regional, limited, and says where it is", async () => {
    const program = await run({ api: "rest", apiCorsOrigins: [ORIGIN, "https://b.example"] });
    expect(only(program)).to.deep.equal([
      "api",
      "api-deployment",
      "api-limits",
      "api-logs",
      "api-permission",
      "api-stage",
    ]);
    const { inputs } = program.find(REST_API);
    expect(inputs["endpointConfiguration"]).to.deep.equal({ types: "REGIONAL" });
    expect(inputs["failOnWarnings"]).to.equal(true);
    expect(inputs).not.to.have.property("policy");
    expect(program.find("aws:apigateway/methodSettings:MethodSettings").inputs).to.deep.include({
      methodPath: "*/*",
      settings: {
        throttlingRateLimit: 60,
        throttlingBurstLimit: 90,
        metricsEnabled: false,
        loggingLevel: "OFF",
        dataTraceEnabled: false,
      },
    });
    const { apiId, apiUrl } = program.outputs as Record<string, string>;
    expect(apiUrl).to.equal(`https://${apiId}.execute-api.eu-central-1.amazonaws.com/live`);
    const { variables } = program.find("aws:lambda/function:Function", "function").inputs[
      "environment"
    ] as { readonly variables: Record<string, string> };
    expect(variables).to.include({
      HTTP_FRONTS: apiId,
      CORS_ORIGINS: `${ORIGIN},https://b.example`,
    });
  });

  it("of kind http deploys by itself, is limited, and answers browsers itself", async () => {
    const program = await run({ api: "http", apiCorsOrigins: [ORIGIN], apiCorsCredentials: true });
    expect(only(program)).to.deep.equal(["api", "api-logs", "api-permission", "api-stage"]);
    expect(program.find(HTTP_API).inputs["corsConfiguration"]).to.deep.include({
      allowOrigins: [ORIGIN],
      allowCredentials: true,
      exposeHeaders: [...EXPOSED_HEADERS],
    });
    expect(program.find("aws:apigatewayv2/stage:Stage").inputs).to.deep.include({
      name: "$default",
      autoDeploy: true,
      defaultRouteSettings: {
        throttlingRateLimit: 60,
        throttlingBurstLimit: 90,
        detailedMetricsEnabled: false,
      },
    });
    const { apiId, apiUrl } = program.outputs as Record<string, string>;
    expect(apiUrl).to.equal(`https://${apiId}.execute-api.eu-central-1.amazonaws.com`);
    const { variables } = program.find("aws:lambda/function:Function", "function").inputs[
      "environment"
    ] as { readonly variables: Record<string, string> };
    expect(variables["HTTP_FRONTS"]).to.equal(apiId);
    // The gateway's headers are the only ones.
    expect(variables).not.to.have.property("CORS_ORIGINS");
  });

  it("is deployed by its body, and by nothing else", async () => {
    const triggerOf = async (config: MockOptions["config"]) => {
      const program = await run({ api: "rest", ...config });
      const deployment = program.find("aws:apigateway/deployment:Deployment");
      const body = String(program.find(REST_API).inputs["body"]);
      const sha256 = createHash("sha256").update(body).digest("hex");
      expect(deployment.inputs["triggers"]).to.deep.equal({ redeploy: sha256 });
      // API Gateway keeps a deployment that a stage points at: the new one comes first.
      expect(deployment.options.deleteBeforeReplace).to.equal(false);
      return sha256;
    };
    const first = await triggerOf({});
    expect(await triggerOf({ apiRequestsPerSecond: 70, memoryMb: 512 })).to.equal(first);
    expect(await triggerOf({ apiCorsOrigins: [ORIGIN] })).not.to.equal(first);
    expect(await triggerOf({ apiAuthorization: "none" })).not.to.equal(first);
  });

  for (const [api, stage] of [
    ["rest", "live"],
    ["http", "$default"],
  ] as const) {
    it(`of kind ${api} may call the alias, from exactly its stage`, async () => {
      const program = await run({ api });
      const { apiId } = program.outputs as Record<string, string>;
      const { inputs, options } = program.find("aws:lambda/permission:Permission");
      expect(inputs).to.deep.equal({
        action: "lambda:InvokeFunction",
        function: "ledger-function-staging",
        qualifier: "live",
        principal: "apigateway.amazonaws.com",
        sourceArn: `arn:aws:execute-api:eu-central-1:123456789012:${apiId}/${stage}/*/*`,
      });
      // Nobody gets in before there is somebody who answers.
      expect(options.dependsOn).to.include("live");
      expect(
        program.resources.find(({ name }) => name === "api-stage")?.options.dependsOn,
      ).to.include("api-permission");
    });
  }

  it("lets an HTTP API's log in before its stage writes any", async () => {
    const program = await run({ api: "http" });
    const { inputs, options } = program.find("aws:cloudwatch/logResourcePolicy:LogResourcePolicy");
    expect(options.parent?.type).to.equal("lambda-service:infra:Identity");
    const [statement] = (
      JSON.parse(String(inputs["policyDocument"])) as {
        readonly Statement: readonly Record<string, unknown>[];
      }
    ).Statement;
    expect(statement).to.deep.include({
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Principal: { Service: "delivery.logs.amazonaws.com" },
    });
    expect(program.find("aws:apigatewayv2/stage:Stage").options.dependsOn).to.include(
      "identity-api-logs",
    );
    for (const config of [{ api: "rest" }, { api: "http", apiAccessLogs: false }]) {
      expect(
        (await run(config)).all("aws:cloudwatch/logResourcePolicy:LogResourcePolicy"),
      ).to.deep.equal([]);
    }
  });

  it("has plans and no keys: their values would lie in the state", async () => {
    const program = await run({
      api: "rest",
      apiAuthorization: "key",
      apiUsagePlans: [
        {
          name: "gold",
          requestsPerSecond: 10,
          burstRequests: 20,
          quotaRequests: 5,
          quotaPeriod: "week",
        },
        { name: "free", requestsPerSecond: 1, burstRequests: 2 },
      ],
    });
    const { apiId } = program.outputs as Record<string, string>;
    const planOf = (name: string) =>
      program.find("aws:apigateway/usagePlan:UsagePlan", `api-plan-${name}`).inputs;
    expect(planOf("gold")).to.deep.equal({
      name: "ledger-gold-staging",
      apiStages: [{ apiId, stage: "live" }],
      throttleSettings: { rateLimit: 10, burstLimit: 20 },
      quotaSettings: { limit: 5, period: "WEEK" },
    });
    expect(planOf("free")).not.to.have.property("quotaSettings");
    expect(program.all("aws:apigateway/apiKey:ApiKey")).to.deep.equal([]);
  });

  for (const [api, stage] of [
    ["rest", "live"],
    ["http", "$default"],
  ] as const) {
    it(`of kind ${api} is found by a domain of its own, and by nothing else where config says so`, async () => {
      const program = await run({
        api,
        apiDomainName: "api.example.com",
        apiCertificateArn:
          "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f",
        apiHostedZoneId: "Z0123456789ABC",
        apiDisableExecuteApiEndpoint: true,
      });
      expect(program.outputs["apiUrl"]).to.equal("https://api.example.com");
      expect(program.find("aws:apigatewayv2/domainName:DomainName").inputs).to.deep.include({
        domainName: "api.example.com",
        domainNameConfiguration: {
          certificateArn:
            "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f",
          endpointType: "REGIONAL",
          securityPolicy: "TLS_1_2",
        },
      });
      expect(program.find("aws:apigatewayv2/apiMapping:ApiMapping").inputs).to.include({
        apiId: program.outputs["apiId"],
        stage,
      });
      expect(program.find("aws:route53/record:Record").inputs).to.include({
        zoneId: "Z0123456789ABC",
        name: "api.example.com",
        type: "A",
      });
      const definition = program.find(api === "rest" ? REST_API : HTTP_API).inputs;
      expect(definition["disableExecuteApiEndpoint"]).to.equal(true);
      if (api === "rest") {
        // Else turning it off would not be deployed.
        expect(String(definition["body"])).to.include('"disableExecuteApiEndpoint":true');
      }
    });
  }

  it("is a front beside those that a team names", async () => {
    const api = { id: pulumi.output("abc") } as Parameters<typeof frontsEnvironment>[0];
    const fronts = (own: Record<string, string>) =>
      resolve(pulumi.output(frontsEnvironment(api, own)));
    expect(await fronts({})).to.deep.equal({ HTTP_FRONTS: "abc" });
    expect(await fronts({ HTTP_FRONTS: "alb-1" })).to.deep.equal({ HTTP_FRONTS: "abc,alb-1" });
    expect(frontsEnvironment(undefined, { HTTP_FRONTS: "alb-1" })).to.deep.equal({});
  });

  it("is traced where the function is", async () => {
    const traced = async (tracing: string) =>
      (await run({ api: "rest", tracing })).find("aws:apigateway/stage:Stage").inputs[
        "xrayTracingEnabled"
      ];
    expect(await traced("active")).to.equal(true);
    expect(await traced("passThrough")).to.equal(false);
  });

  it("goes with a VPC, warm environments and a key", async () => {
    const program = await run({
      api: "rest",
      network: "create",
      natGateways: "none",
      provisionedConcurrency: 2,
      createKey: true,
    });
    expect(only(program)).to.include("api-stage");
    const { inputs } = program.find("aws:lambda/function:Function", "function");
    expect(inputs).to.include.keys("vpcConfig", "kmsKeyArn");
  });

  it("is watched and shown by the id that it has", async () => {
    const program = await run({ api: "http" });
    const { apiId } = program.outputs as Record<string, string>;
    const { inputs } = program.find("aws:cloudwatch/metricAlarm:MetricAlarm", "api-slow-alarm");
    expect(inputs["dimensions"]).to.deep.equal({ ApiId: apiId, Stage: "$default" });
    const body = String(program.find("aws:cloudwatch/dashboard:Dashboard").inputs["dashboardBody"]);
    expect(body).to.include(`"${apiId}"`).and.not.include("{apiId}");
    expect(JSON.stringify(program.resources.map((one) => one.inputs))).not.to.include("{apiId}");
  });
});
