/** REST APIs: an OpenAPI body with its deployments and stages, keys and plans, domains, the account's logging role. */
import {
  CreateApiKeyCommand,
  CreateBasePathMappingCommand,
  CreateDeploymentCommand,
  CreateDomainNameCommand,
  CreateRestApiCommand,
  CreateStageCommand,
  CreateUsagePlanCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  DeleteBasePathMappingCommand,
  DeleteDeploymentCommand,
  DeleteDomainNameCommand,
  DeleteGatewayResponseCommand,
  DeleteRestApiCommand,
  DeleteStageCommand,
  DeleteUsagePlanCommand,
  DeleteUsagePlanKeyCommand,
  type GatewayResponseType,
  type PatchOperation,
  PutGatewayResponseCommand,
  PutRestApiCommand,
  UpdateAccountCommand,
  UpdateApiKeyCommand,
  UpdateDeploymentCommand,
  UpdateDomainNameCommand,
  UpdateRestApiCommand,
  UpdateStageCommand,
  UpdateUsagePlanCommand,
} from "@aws-sdk/client-api-gateway";
import { type Properties, text } from "../../provider/aws-types.ts";
import type { Request } from "../../provider/backend.ts";
import { type CloudClients, list, type Maker, part, putting, texts } from "./maker.ts";

const replace = (path: string, value: unknown): PatchOperation => ({
  op: "replace",
  path,
  value: String(value),
});

/** Changes for the inputs that are set, by their names in a patch's path. */
const replaced = (inputs: Properties, paths: Readonly<Record<string, string>>): PatchOperation[] =>
  Object.entries(paths).flatMap(([key, path]) =>
    inputs[key] === undefined ? [] : [replace(path, inputs[key])],
  );

const idOf = ({ previous }: Request): string => text(previous ?? {}, "id");

/** Where requests of an API go on this machine. */
export const invokeUrl = (endpoint: string, apiId: string, stage = ""): string =>
  `${endpoint}/_api/${apiId}${stage && `/${stage}`}`;

export const executionArn = ({ location }: Request, apiId: string): string =>
  `arn:${location.partition}:execute-api:${location.region}:${location.accountId}:${apiId}`;

/** As the provider: the body first, and then what the other arguments say. */
async function putRestApi(
  restApiId: string,
  { inputs }: Request,
  { apiGateway }: CloudClients,
): Promise<void> {
  const body = text(inputs, "body");
  if (body !== "") {
    await apiGateway.send(
      new PutRestApiCommand({
        restApiId,
        mode: inputs["putRestApiMode"] === "merge" ? "merge" : "overwrite",
        failOnWarnings: inputs["failOnWarnings"] === true,
        body: Buffer.from(body),
      }),
    );
  }
  const patchOperations = replaced(inputs, {
    name: "/name",
    description: "/description",
    policy: "/policy",
    apiKeySource: "/apiKeySource",
    disableExecuteApiEndpoint: "/disableExecuteApiEndpoint",
  });
  await apiGateway.send(new UpdateRestApiCommand({ restApiId, patchOperations }));
}

/** Everything of a stage that is set after it is made. */
function stageOperations(inputs: Properties, previous: Properties): PatchOperation[] {
  const log = part(inputs, "accessLogSettings");
  const hadLog = previous["accessLogSettings"] !== undefined;
  const before = Object.keys(part(previous, "variables"));
  const now = Object.entries(part(inputs, "variables"));
  const gone = before.filter((name) => !now.some(([key]) => key === name));
  return [
    ...replaced(inputs, {
      deployment: "/deploymentId",
      description: "/description",
      xrayTracingEnabled: "/tracingEnabled",
    }),
    ...replaced(log, {
      destinationArn: "/accessLogSettings/destinationArn",
      format: "/accessLogSettings/format",
    }),
    ...(hadLog && inputs["accessLogSettings"] === undefined
      ? [{ op: "remove" as const, path: "/accessLogSettings" }]
      : []),
    ...now.map(([name, value]) => replace(`/variables/${name}`, value)),
    ...gone.map((name) => ({ op: "remove" as const, path: `/variables/${name}` })),
  ];
}

const stageOf = (inputs: Properties) => ({
  restApiId: text(inputs, "restApi"),
  stageName: text(inputs, "stageName"),
});

const limit = (settings: Properties) => ({
  ...(settings["rateLimit"] !== undefined && { rateLimit: Number(settings["rateLimit"]) }),
  ...(settings["burstLimit"] !== undefined && { burstLimit: Number(settings["burstLimit"]) }),
});

function planOf(inputs: Properties) {
  const quota = part(inputs, "quotaSettings");
  return {
    name: text(inputs, "name"),
    apiStages: list(inputs, "apiStages").map((stage) => ({
      apiId: text(stage, "apiId"),
      stage: text(stage, "stage"),
      throttle: Object.fromEntries(
        list(stage, "throttles").map((throttle) => [text(throttle, "path"), limit(throttle)]),
      ),
    })),
    ...(inputs["throttleSettings"] !== undefined && {
      throttle: limit(part(inputs, "throttleSettings")),
    }),
    ...(inputs["quotaSettings"] !== undefined && {
      quota: {
        limit: Number(quota["limit"]),
        offset: Number(quota["offset"] ?? 0),
        period: text(quota, "period") as "DAY",
      },
    }),
  };
}

/** Takes a plan from what it was to what it is to be. */
function planOperations(before: Properties, inputs: Properties): PatchOperation[] {
  const [old, now] = [planOf(before), planOf(inputs)];
  const name = ({ apiId, stage }: { apiId: string; stage: string }) => `${apiId}:${stage}`;
  const removed = (path: string): PatchOperation => ({ op: "remove", path });
  const stages = (op: "add" | "remove", of: typeof old.apiStages): PatchOperation[] =>
    of.map((stage) => ({ op, path: "/apiStages", value: name(stage) }));
  return [
    ...stages("remove", old.apiStages),
    ...stages("add", now.apiStages),
    ...now.apiStages.flatMap((stage) =>
      Object.entries(stage.throttle).flatMap(([path, limits]) =>
        replaced(limits, {
          rateLimit: `/apiStages/${name(stage)}/throttle${path}/rateLimit`,
          burstLimit: `/apiStages/${name(stage)}/throttle${path}/burstLimit`,
        }),
      ),
    ),
    replace("/name", now.name),
    ...(now.throttle
      ? replaced(now.throttle, {
          rateLimit: "/throttle/rateLimit",
          burstLimit: "/throttle/burstLimit",
        })
      : [removed("/throttle")]),
    ...(now.quota
      ? replaced(now.quota, {
          limit: "/quota/limit",
          offset: "/quota/offset",
          period: "/quota/period",
        })
      : [removed("/quota")]),
  ];
}

const NONE = "(none)";

export const apiGatewayMakers: Readonly<Record<string, Maker>> = {
  "aws:apigateway/account:Account": putting(async ({ inputs }, { apiGateway }) => {
    const patchOperations = [replace("/cloudwatchRoleArn", text(inputs, "cloudwatchRoleArn"))];
    await apiGateway.send(new UpdateAccountCommand({ patchOperations }));
  }),
  "aws:apigateway/restApi:RestApi": {
    create: async (request, clients) => {
      const { inputs, location } = request;
      const { id = "", rootResourceId } = await clients.apiGateway.send(
        new CreateRestApiCommand({
          name: text(inputs, "name"),
          description: text(inputs, "description"),
          binaryMediaTypes: texts(inputs, "binaryMediaTypes"),
          endpointConfiguration: {
            types: [text(part(inputs, "endpointConfiguration"), "types") || "EDGE"] as ["EDGE"],
          },
          disableExecuteApiEndpoint: inputs["disableExecuteApiEndpoint"] === true,
        }),
      );
      await putRestApi(id, request, clients);
      return {
        id,
        rootResourceId,
        executionArn: executionArn(request, id),
        arn: `arn:${location.partition}:apigateway:${location.region}::/restapis/${id}`,
      };
    },
    update: async (request, clients) => {
      await putRestApi(idOf(request), request, clients);
      return {};
    },
    delete: async (request, { apiGateway }) => {
      await apiGateway.send(new DeleteRestApiCommand({ restApiId: idOf(request) }));
    },
    ownOutputs: ["id", "rootResourceId", "executionArn", "arn"],
  },
  "aws:apigateway/restApiPolicy:RestApiPolicy": putting(
    async ({ inputs }, { apiGateway }) => {
      const patchOperations = [replace("/policy", text(inputs, "policy"))];
      const restApiId = text(inputs, "restApiId");
      await apiGateway.send(new UpdateRestApiCommand({ restApiId, patchOperations }));
    },
    async ({ previous = {} }, { apiGateway }) => {
      const patchOperations = [replace("/policy", "")];
      const restApiId = text(previous, "restApiId");
      await apiGateway.send(new UpdateRestApiCommand({ restApiId, patchOperations }));
    },
  ),
  "aws:apigateway/response:Response": putting(
    async ({ inputs }, { apiGateway }) => {
      const statusCode = text(inputs, "statusCode");
      await apiGateway.send(
        new PutGatewayResponseCommand({
          restApiId: text(inputs, "restApiId"),
          responseType: text(inputs, "responseType") as GatewayResponseType,
          ...(statusCode !== "" && { statusCode }),
          responseParameters: part(inputs, "responseParameters") as Record<string, string>,
          responseTemplates: part(inputs, "responseTemplates") as Record<string, string>,
        }),
      );
    },
    async ({ previous = {} }, { apiGateway }) => {
      await apiGateway.send(
        new DeleteGatewayResponseCommand({
          restApiId: text(previous, "restApiId"),
          responseType: text(previous, "responseType") as GatewayResponseType,
        }),
      );
    },
  ),
  "aws:apigateway/deployment:Deployment": {
    create: async ({ inputs }, { apiGateway }) => {
      const restApiId = text(inputs, "restApi");
      const description = text(inputs, "description");
      const { id } = await apiGateway.send(new CreateDeploymentCommand({ restApiId, description }));
      return { id };
    },
    update: async (request, { apiGateway }) => {
      const { inputs } = request;
      await apiGateway.send(
        new UpdateDeploymentCommand({
          restApiId: text(inputs, "restApi"),
          deploymentId: idOf(request),
          patchOperations: [replace("/description", text(inputs, "description"))],
        }),
      );
      return {};
    },
    delete: async (request, { apiGateway }) => {
      const restApiId = text(request.previous ?? {}, "restApi");
      await apiGateway.send(
        new DeleteDeploymentCommand({ restApiId, deploymentId: idOf(request) }),
      );
    },
    ownOutputs: ["id"],
  },
  "aws:apigateway/stage:Stage": {
    create: async (request, { apiGateway, endpoint }) => {
      const { inputs } = request;
      const stage = stageOf(inputs);
      await apiGateway.send(
        new CreateStageCommand({ ...stage, deploymentId: text(inputs, "deployment") }),
      );
      const patchOperations = stageOperations(inputs, {});
      await apiGateway.send(new UpdateStageCommand({ ...stage, patchOperations }));
      return {
        invokeUrl: invokeUrl(endpoint, stage.restApiId, stage.stageName),
        executionArn: `${executionArn(request, stage.restApiId)}/${stage.stageName}`,
      };
    },
    update: async ({ inputs, previous = {} }, { apiGateway }) => {
      const patchOperations = stageOperations(inputs, previous);
      await apiGateway.send(new UpdateStageCommand({ ...stageOf(inputs), patchOperations }));
      return {};
    },
    delete: async ({ previous = {} }, { apiGateway }) => {
      await apiGateway.send(new DeleteStageCommand(stageOf(previous)));
    },
    ownOutputs: ["invokeUrl", "executionArn"],
  },
  "aws:apigateway/methodSettings:MethodSettings": putting(
    async ({ inputs }, { apiGateway }) => {
      const prefix = `/${text(inputs, "methodPath")}`;
      const patchOperations = replaced(part(inputs, "settings"), {
        throttlingRateLimit: `${prefix}/throttling/rateLimit`,
        throttlingBurstLimit: `${prefix}/throttling/burstLimit`,
        metricsEnabled: `${prefix}/metrics/enabled`,
        loggingLevel: `${prefix}/logging/loglevel`,
        dataTraceEnabled: `${prefix}/logging/dataTrace`,
      });
      await apiGateway.send(new UpdateStageCommand({ ...stageOf(inputs), patchOperations }));
    },
    async ({ previous = {} }, { apiGateway }) => {
      const patchOperations = [{ op: "remove" as const, path: `/${text(previous, "methodPath")}` }];
      await apiGateway.send(new UpdateStageCommand({ ...stageOf(previous), patchOperations }));
    },
  ),
  "aws:apigateway/apiKey:ApiKey": {
    create: async ({ inputs }, { apiGateway }) => {
      const value = text(inputs, "value");
      const { id, value: made } = await apiGateway.send(
        new CreateApiKeyCommand({
          name: text(inputs, "name"),
          enabled: inputs["enabled"] !== false,
          ...(value !== "" && { value }),
        }),
      );
      return { id, value: made };
    },
    update: async (request, { apiGateway }) => {
      const { inputs } = request;
      const patchOperations = [
        replace("/enabled", inputs["enabled"] !== false),
        ...replaced(inputs, { name: "/name" }),
      ];
      await apiGateway.send(new UpdateApiKeyCommand({ apiKey: idOf(request), patchOperations }));
      return {};
    },
    delete: async (request, { apiGateway }) => {
      await apiGateway.send(new DeleteApiKeyCommand({ apiKey: idOf(request) }));
    },
    ownOutputs: ["id", "value"],
  },
  "aws:apigateway/usagePlan:UsagePlan": {
    create: async ({ inputs }, { apiGateway }) => {
      const { id } = await apiGateway.send(new CreateUsagePlanCommand(planOf(inputs)));
      return { id };
    },
    update: async (request, { apiGateway }) => {
      const patchOperations = planOperations(request.previous ?? {}, request.inputs);
      await apiGateway.send(
        new UpdateUsagePlanCommand({ usagePlanId: idOf(request), patchOperations }),
      );
      return {};
    },
    // As the provider: a plan that still has stages cannot be deleted.
    delete: async (request, { apiGateway }) => {
      const usagePlanId = idOf(request);
      const patchOperations = planOf(request.previous ?? {}).apiStages.map(({ apiId, stage }) => ({
        op: "remove" as const,
        path: "/apiStages",
        value: `${apiId}:${stage}`,
      }));
      await apiGateway.send(new UpdateUsagePlanCommand({ usagePlanId, patchOperations }));
      await apiGateway.send(new DeleteUsagePlanCommand({ usagePlanId }));
    },
    ownOutputs: ["id"],
  },
  "aws:apigateway/usagePlanKey:UsagePlanKey": {
    create: async ({ inputs }, { apiGateway }) => {
      const [usagePlanId, keyId] = [text(inputs, "usagePlanId"), text(inputs, "keyId")];
      await apiGateway.send(
        new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: "API_KEY" }),
      );
      return {};
    },
    update: () => Promise.resolve({}),
    delete: async ({ previous = {} }, { apiGateway }) => {
      const [usagePlanId, keyId] = [text(previous, "usagePlanId"), text(previous, "keyId")];
      await apiGateway.send(new DeleteUsagePlanKeyCommand({ usagePlanId, keyId }));
    },
  },
  "aws:apigateway/domainName:DomainName": {
    create: async ({ inputs }, { apiGateway }) => {
      const { regionalDomainName, regionalHostedZoneId } = await apiGateway.send(
        new CreateDomainNameCommand({
          domainName: text(inputs, "domainName"),
          regionalCertificateArn: text(inputs, "regionalCertificateArn"),
          securityPolicy: (text(inputs, "securityPolicy") || "TLS_1_2") as "TLS_1_2",
          endpointConfiguration: { types: ["REGIONAL"] },
        }),
      );
      return { regionalDomainName, regionalZoneId: regionalHostedZoneId };
    },
    update: async ({ inputs }, { apiGateway }) => {
      await apiGateway.send(
        new UpdateDomainNameCommand({
          domainName: text(inputs, "domainName"),
          patchOperations: replaced(inputs, {
            regionalCertificateArn: "/regionalCertificateArn",
            securityPolicy: "/securityPolicy",
          }),
        }),
      );
      return {};
    },
    delete: async ({ previous = {} }, { apiGateway }) => {
      const domainName = text(previous, "domainName");
      await apiGateway.send(new DeleteDomainNameCommand({ domainName }));
    },
    ownOutputs: ["regionalDomainName", "regionalZoneId"],
  },
  "aws:apigateway/basePathMapping:BasePathMapping": {
    create: async (request, clients) => {
      await map(request.inputs, clients);
      return {};
    },
    // Whatever changes, it is the same as another mapping.
    update: async (request, clients) => {
      await unmap(request.previous ?? {}, clients);
      await map(request.inputs, clients);
      return {};
    },
    delete: ({ previous = {} }, clients) => unmap(previous, clients),
  },
};

async function map(inputs: Properties, { apiGateway }: CloudClients): Promise<void> {
  await apiGateway.send(
    new CreateBasePathMappingCommand({
      domainName: text(inputs, "domainName"),
      restApiId: text(inputs, "restApi"),
      stage: text(inputs, "stageName"),
      basePath: text(inputs, "basePath") || NONE,
    }),
  );
}

async function unmap(inputs: Properties, { apiGateway }: CloudClients): Promise<void> {
  await apiGateway.send(
    new DeleteBasePathMappingCommand({
      domainName: text(inputs, "domainName"),
      basePath: text(inputs, "basePath") || NONE,
    }),
  );
}
