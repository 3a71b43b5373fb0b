/** HTTP APIs: their integrations, routes, authorizers, stages and domains. */
import {
  CreateApiCommand,
  CreateApiMappingCommand,
  CreateAuthorizerCommand,
  CreateDeploymentCommand,
  CreateDomainNameCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
  DeleteApiCommand,
  DeleteApiMappingCommand,
  DeleteAuthorizerCommand,
  DeleteCorsConfigurationCommand,
  DeleteDeploymentCommand,
  DeleteDomainNameCommand,
  DeleteIntegrationCommand,
  DeleteRouteCommand,
  DeleteStageCommand,
  ReimportApiCommand,
  UpdateApiCommand,
  UpdateAuthorizerCommand,
  UpdateIntegrationCommand,
  UpdateRouteCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-apigatewayv2";
import { type Properties, text } from "../../provider/aws-types.ts";
import type { Request } from "../../provider/backend.ts";
import { executionArn, invokeUrl } from "./apigateway.ts";
import { capitalised, type CloudClients, list, type Maker, part, texts } from "./maker.ts";

const idOf = ({ previous }: Request): string => text(previous ?? {}, "id");

const given = (inputs: Properties, ...keys: readonly string[]): Record<string, unknown> =>
  capitalised(Object.fromEntries(keys.map((key) => [key, inputs[key]])));

const corsOf = (inputs: Properties) => {
  const cors = part(inputs, "corsConfiguration");
  return inputs["corsConfiguration"] === undefined
    ? {}
    : { CorsConfiguration: capitalised(cors) as object };
};

const apiSettings = (inputs: Properties) => ({
  ...given(inputs, "name", "description", "disableExecuteApiEndpoint"),
  ...corsOf(inputs),
});

/** As the provider: the body first, and then what the other arguments say. */
async function putApi(
  ApiId: string,
  { inputs, previous = {} }: Request,
  { apiGatewayV2 }: CloudClients,
): Promise<void> {
  const Body = text(inputs, "body");
  if (Body !== "") await apiGatewayV2.send(new ReimportApiCommand({ ApiId, Body }));
  await apiGatewayV2.send(new UpdateApiCommand({ ApiId, ...apiSettings(inputs) }));
  const hadCors = previous["corsConfiguration"] !== undefined;
  if (hadCors && inputs["corsConfiguration"] === undefined) {
    await apiGatewayV2.send(new DeleteCorsConfigurationCommand({ ApiId }));
  }
}

const integrationOf = (inputs: Properties) => ({
  IntegrationType: text(inputs, "integrationType") as "AWS_PROXY",
  PayloadFormatVersion: text(inputs, "payloadFormatVersion") || "1.0",
  ...given(inputs, "integrationUri", "integrationMethod"),
  ...(inputs["timeoutMilliseconds"] !== undefined && {
    TimeoutInMillis: Number(inputs["timeoutMilliseconds"]),
  }),
});

const routeOf = (inputs: Properties) => ({
  RouteKey: text(inputs, "routeKey"),
  ...given(inputs, "target", "authorizationType", "authorizerId"),
  AuthorizationScopes: texts(inputs, "authorizationScopes"),
});

function authorizerOf(inputs: Properties) {
  const { issuer, audiences } = part(inputs, "jwtConfiguration");
  return {
    Name: text(inputs, "name"),
    AuthorizerType: text(inputs, "authorizerType") as "JWT",
    IdentitySource: texts(inputs, "identitySources"),
    JwtConfiguration: {
      Issuer: String(issuer),
      Audience: (audiences ?? []) as string[],
    },
  };
}

const routeSettings = (settings: Properties) => ({
  ...given(settings, "throttlingRateLimit", "throttlingBurstLimit", "detailedMetricsEnabled"),
});

function stageOf(inputs: Properties) {
  const log = part(inputs, "accessLogSettings");
  return {
    StageName: text(inputs, "name"),
    ...given(inputs, "autoDeploy", "deploymentId", "description", "stageVariables"),
    ...(inputs["accessLogSettings"] !== undefined && { AccessLogSettings: capitalised(log) }),
    DefaultRouteSettings: routeSettings(part(inputs, "defaultRouteSettings")),
    RouteSettings: Object.fromEntries(
      list(inputs, "routeSettings").map((settings) => [
        text(settings, "routeKey"),
        routeSettings(settings),
      ]),
    ),
  };
}

const apiIdOf = (inputs: Properties): string => text(inputs, "apiId");

export const apiGatewayV2Makers: Readonly<Record<string, Maker>> = {
  "aws:apigatewayv2/api:Api": {
    create: async (request, clients) => {
      const { inputs, location } = request;
      const { ApiId = "" } = await clients.apiGatewayV2.send(
        new CreateApiCommand({
          Name: text(inputs, "name"),
          ProtocolType: text(inputs, "protocolType") as "HTTP",
          ...given(inputs, "target"),
        }),
      );
      await putApi(ApiId, request, clients);
      return {
        id: ApiId,
        apiEndpoint: invokeUrl(clients.endpoint, ApiId),
        executionArn: executionArn(request, ApiId),
        arn: `arn:${location.partition}:apigateway:${location.region}::/apis/${ApiId}`,
      };
    },
    update: async (request, clients) => {
      await putApi(idOf(request), request, clients);
      return {};
    },
    delete: async (request, { apiGatewayV2 }) => {
      await apiGatewayV2.send(new DeleteApiCommand({ ApiId: idOf(request) }));
    },
    ownOutputs: ["id", "apiEndpoint", "executionArn", "arn"],
  },
  "aws:apigatewayv2/integration:Integration": {
    create: async ({ inputs }, { apiGatewayV2 }) => {
      const input = { ApiId: apiIdOf(inputs), ...integrationOf(inputs) };
      const { IntegrationId } = await apiGatewayV2.send(new CreateIntegrationCommand(input));
      return { id: IntegrationId };
    },
    update: async (request, { apiGatewayV2 }) => {
      const { inputs } = request;
      const IntegrationId = idOf(request);
      const input = { ApiId: apiIdOf(inputs), IntegrationId, ...integrationOf(inputs) };
      await apiGatewayV2.send(new UpdateIntegrationCommand(input));
      return {};
    },
    delete: async (request, { apiGatewayV2 }) => {
      const ApiId = apiIdOf(request.previous ?? {});
      await apiGatewayV2.send(
        new DeleteIntegrationCommand({ ApiId, IntegrationId: idOf(request) }),
      );
    },
    ownOutputs: ["id"],
  },
  "aws:apigatewayv2/route:Route": {
    create: async ({ inputs }, { apiGatewayV2 }) => {
      const input = { ApiId: apiIdOf(inputs), ...routeOf(inputs) };
      const { RouteId } = await apiGatewayV2.send(new CreateRouteCommand(input as never));
      return { id: RouteId };
    },
    update: async (request, { apiGatewayV2 }) => {
      const { inputs } = request;
      const input = { ApiId: apiIdOf(inputs), RouteId: idOf(request), ...routeOf(inputs) };
      await apiGatewayV2.send(new UpdateRouteCommand(input as never));
      return {};
    },
    delete: async (request, { apiGatewayV2 }) => {
      const ApiId = apiIdOf(request.previous ?? {});
      await apiGatewayV2.send(new DeleteRouteCommand({ ApiId, RouteId: idOf(request) }));
    },
    ownOutputs: ["id"],
  },
  "aws:apigatewayv2/authorizer:Authorizer": {
    create: async ({ inputs }, { apiGatewayV2 }) => {
      const input = { ApiId: apiIdOf(inputs), ...authorizerOf(inputs) };
      const { AuthorizerId } = await apiGatewayV2.send(new CreateAuthorizerCommand(input));
      return { id: AuthorizerId };
    },
    update: async (request, { apiGatewayV2 }) => {
      const { inputs } = request;
      const AuthorizerId = idOf(request);
      const input = { ApiId: apiIdOf(inputs), AuthorizerId, ...authorizerOf(inputs) };
      await apiGatewayV2.send(new UpdateAuthorizerCommand(input));
      return {};
    },
    delete: async (request, { apiGatewayV2 }) => {
      const ApiId = apiIdOf(request.previous ?? {});
      await apiGatewayV2.send(new DeleteAuthorizerCommand({ ApiId, AuthorizerId: idOf(request) }));
    },
    ownOutputs: ["id"],
  },
  "aws:apigatewayv2/deployment:Deployment": {
    create: async ({ inputs }, { apiGatewayV2 }) => {
      const command = new CreateDeploymentCommand({ ApiId: apiIdOf(inputs) });
      const { DeploymentId } = await apiGatewayV2.send(command);
      return { id: DeploymentId };
    },
    update: () => Promise.resolve({}),
    delete: async (request, { apiGatewayV2 }) => {
      const ApiId = apiIdOf(request.previous ?? {});
      await apiGatewayV2.send(new DeleteDeploymentCommand({ ApiId, DeploymentId: idOf(request) }));
    },
    ownOutputs: ["id"],
  },
  "aws:apigatewayv2/stage:Stage": {
    create: async (request, { apiGatewayV2, endpoint }) => {
      const { inputs } = request;
      const ApiId = apiIdOf(inputs);
      const stage = stageOf(inputs);
      await apiGatewayV2.send(new CreateStageCommand({ ApiId, ...stage }));
      const isDefault = stage.StageName === "$default";
      return {
        invokeUrl: invokeUrl(endpoint, ApiId, isDefault ? "" : stage.StageName),
        executionArn: `${executionArn(request, ApiId)}/${stage.StageName}`,
      };
    },
    update: async ({ inputs }, { apiGatewayV2 }) => {
      const input = { ApiId: apiIdOf(inputs), ...stageOf(inputs) };
      await apiGatewayV2.send(new UpdateStageCommand(input));
      return {};
    },
    delete: async ({ previous = {} }, { apiGatewayV2 }) => {
      const StageName = text(previous, "name");
      await apiGatewayV2.send(new DeleteStageCommand({ ApiId: apiIdOf(previous), StageName }));
    },
    ownOutputs: ["invokeUrl", "executionArn"],
  },
  "aws:apigatewayv2/domainName:DomainName": {
    create: async ({ inputs }, { apiGatewayV2 }) => {
      const configuration = capitalised(part(inputs, "domainNameConfiguration"));
      const { DomainNameConfigurations: [made] = [] } = await apiGatewayV2.send(
        new CreateDomainNameCommand({
          DomainName: text(inputs, "domainName"),
          DomainNameConfigurations: [configuration],
        }),
      );
      return {
        domainNameConfiguration: {
          ...part(inputs, "domainNameConfiguration"),
          targetDomainName: made?.ApiGatewayDomainName,
          hostedZoneId: made?.HostedZoneId,
        },
      };
    },
    update: () => Promise.resolve({}),
    delete: async ({ previous = {} }, { apiGatewayV2 }) => {
      const DomainName = text(previous, "domainName");
      await apiGatewayV2.send(new DeleteDomainNameCommand({ DomainName }));
    },
    ownOutputs: ["domainNameConfiguration"],
  },
  "aws:apigatewayv2/apiMapping:ApiMapping": {
    create: async ({ inputs }, clients) => ({ id: await map(inputs, clients) }),
    update: async (request, clients) => {
      await unmap(request, clients);
      return { id: await map(request.inputs, clients) };
    },
    delete: (request, clients) => unmap(request, clients),
    ownOutputs: ["id"],
  },
};

async function map(
  inputs: Properties,
  { apiGatewayV2 }: CloudClients,
): Promise<string | undefined> {
  const { ApiMappingId } = await apiGatewayV2.send(
    new CreateApiMappingCommand({
      ApiId: apiIdOf(inputs),
      DomainName: text(inputs, "domainName"),
      Stage: text(inputs, "stage"),
      ApiMappingKey: text(inputs, "apiMappingKey"),
    }),
  );
  return ApiMappingId;
}

async function unmap(request: Request, { apiGatewayV2 }: CloudClients): Promise<void> {
  const DomainName = text(request.previous ?? {}, "domainName");
  await apiGatewayV2.send(new DeleteApiMappingCommand({ DomainName, ApiMappingId: idOf(request) }));
}
