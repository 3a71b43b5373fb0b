/** An API in front of a world's function, of the very body that the program makes, on the local cloud. */
import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateDeploymentCommand,
  CreateRestApiCommand,
  CreateStageCommand,
  CreateUsagePlanCommand,
  CreateUsagePlanKeyCommand,
  PutRestApiCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-api-gateway";
import {
  ApiGatewayV2Client,
  CreateStageCommand as CreateHttpStageCommand,
  ImportApiCommand,
} from "@aws-sdk/client-apigatewayv2";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { IAMClient } from "@aws-sdk/client-iam";
import { AddPermissionCommand, RemovePermissionCommand } from "@aws-sdk/client-lambda";
import { REST_LOG_FORMAT } from "../../infra/api/access-log.ts";
import { type BodyInput, httpBody, restBody } from "../../infra/api/body.ts";
import { bundleHandler } from "../../infra/function/bundle.ts";
import { reproducibleZip } from "../../infra/function/zip.ts";
import { adoptLoggingRole } from "../../ops/identity/logging-role.ts";
import { apiUrl } from "../../local/cloud/api.ts";
import type { World } from "./release-world.ts";

export const ORIGIN = "https://app.example.com";

/** Settings of an API that everybody may call, from pages of one origin. */
export const OPEN_API: BodyInput["settings"] = {
  apiAuthorization: "none",
  apiJwtIssuer: undefined,
  apiJwtAudiences: [],
  apiCorsOrigins: [ORIGIN],
  apiDisableExecuteApiEndpoint: false,
};

const WORD = { type: "object", required: ["word"], properties: { word: { type: "string" } } };

/** What the handler of these worlds offers: test/fixtures/routes-handler.ts. */
const WORDS: BodyInput["document"] = {
  openapi: "3.0.1",
  info: { title: "words", version: "1" },
  paths: {
    "/words": {
      post: {
        operationId: "say",
        requestBody: {
          required: true,
          content: { "application/json": { schema: { $ref: "#/components/schemas/Word" } } },
        },
        responses: { "201": { description: "Said" } },
      },
    },
    "/words/{word}": {
      get: {
        operationId: "read",
        parameters: [{ name: "word", in: "path", required: true, schema: { type: "string" } }],
        responses: { "200": { description: "Read" } },
      },
    },
  },
  components: { schemas: { Word: WORD } },
};

let code: Promise<string> | undefined;

/** Versions of that handler: the first works, all others fail at every call. */
export async function wordsVersion(marker: number): Promise<Uint8Array> {
  code ??= bundleHandler({
    entryPoint: "test/fixtures/routes-handler.ts",
    features: { api: true, database: false },
  }).then((bundle) => bundle.code);
  const head = `globalThis.isBroken = ${marker > 0};`;
  return reproducibleZip({ "dist/index.mjs": `${head}\n${await code}` });
}

export interface LocalApi {
  readonly name: string;
  readonly id: string;
  readonly url: string;
  /** The lines of the access log so far. */
  readonly accessLog: () => Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Value of the API key, where the API wants one. */
  readonly key: string;
  /** Sends a word. */
  readonly say: (word: unknown, headers?: Readonly<Record<string, string>>) => Promise<Response>;
  /** Takes back what lets the API call the function. */
  readonly forbid: () => Promise<void>;
}

export interface LocalApiOptions {
  /** Name of the API. Default: one that no other API of the run has. */
  readonly name?: string;
  readonly settings?: Partial<BodyInput["settings"]>;
  /** Requests that are let through at once; none comes back after that. Default: as many as the account has. */
  readonly burst?: number;
  /** The same for the key. */
  readonly keyBurst?: number;
}

let apis = 0;

export async function makeLocalApi(
  world: World,
  { name = `words-${(apis += 1)}`, settings = {}, burst, keyBurst }: LocalApiOptions = {},
): Promise<LocalApi> {
  const { clients, environment } = world;
  const { region, accountId, functionName, aliasArn } = world.outputs();
  const client = new APIGatewayClient(commonOf(world));
  const logs = new CloudWatchLogsClient(commonOf(world));
  const body = restBody({
    document: WORDS,
    settings: { ...OPEN_API, ...settings },
    location: { partition: "aws", region, accountId },
    name,
    aliasArn,
  });
  const { id: restApiId = "" } = await client.send(new CreateRestApiCommand({ name }));
  await client.send(
    new PutRestApiCommand({
      restApiId,
      mode: "overwrite",
      failOnWarnings: true,
      body: Buffer.from(body),
    }),
  );
  const { id: deploymentId } = await client.send(new CreateDeploymentCommand({ restApiId }));
  const stageName = "live";
  await client.send(new CreateStageCommand({ restApiId, stageName, deploymentId }));
  const logGroupName = `/aws/vendedlogs/apigateway/${name}`;
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  const replace = (path: string, value: string) => ({ op: "replace" as const, path, value });
  const location = { partition: "aws", region, accountId };
  const iam = new IAMClient(commonOf(world));
  await adoptLoggingRole({ apiGateway: client, iam }, location);
  await client.send(
    new UpdateStageCommand({
      restApiId,
      stageName,
      patchOperations: [
        replace(
          "/accessLogSettings/destinationArn",
          `arn:aws:logs:${region}:${accountId}:log-group:${logGroupName}`,
        ),
        replace("/accessLogSettings/format", REST_LOG_FORMAT),
        ...(burst === undefined
          ? []
          : [
              replace("/*/*/throttling/rateLimit", "0"),
              replace("/*/*/throttling/burstLimit", String(burst)),
            ]),
      ],
    }),
  );
  const permission = { FunctionName: functionName, Qualifier: "live", StatementId: name };
  await clients.lambda.send(
    new AddPermissionCommand({
      ...permission,
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
      SourceArn: `arn:aws:execute-api:${region}:${accountId}:${restApiId}/${stageName}/*/*`,
    }),
  );
  const key = settings.apiAuthorization === "key" ? await keyOf(client, restApiId, keyBurst) : "";
  const url = apiUrl(environment, { api: "rest" }, restApiId);
  return {
    name,
    id: restApiId,
    url,
    key,
    accessLog: async () => {
      const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
      return events.map(
        ({ message = "{}" }) => JSON.parse(message) as Readonly<Record<string, unknown>>,
      );
    },
    say: (word, headers = {}) =>
      fetch(`${url}/words`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: ORIGIN, ...headers },
        body: JSON.stringify(word),
      }),
    forbid: async () => {
      await clients.lambda.send(new RemovePermissionCommand(permission));
    },
  };
}

/** The same handler behind an HTTP API of the program's own body. */
export async function makeLocalHttpApi(
  world: World,
  settings: Partial<BodyInput["settings"]>,
): Promise<{ readonly url: string }> {
  const { region, accountId, functionName, aliasArn } = world.outputs();
  const client = new ApiGatewayV2Client(commonOf(world));
  const name = `words-${(apis += 1)}`;
  const Body = httpBody({
    document: WORDS,
    settings: { ...OPEN_API, ...settings },
    location: { partition: "aws", region, accountId },
    name,
    aliasArn,
  });
  const { ApiId = "" } = await client.send(new ImportApiCommand({ Body, FailOnWarnings: true }));
  await client.send(new CreateHttpStageCommand({ ApiId, StageName: "$default", AutoDeploy: true }));
  await world.clients.lambda.send(
    new AddPermissionCommand({
      FunctionName: functionName,
      Qualifier: "live",
      StatementId: name,
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
      SourceArn: `arn:aws:execute-api:${region}:${accountId}:${ApiId}/$default/*/*`,
    }),
  );
  return { url: apiUrl(world.environment, { api: "http" }, ApiId) };
}

const commonOf = (world: World) => ({
  region: world.outputs().region,
  endpoint: world.environment["AWS_ENDPOINT_URL"] ?? "",
  credentials: { accessKeyId: world.outputs().accountId, secretAccessKey: "local" },
});

async function keyOf(client: APIGatewayClient, apiId: string, burst = 1): Promise<string> {
  const { id: usagePlanId } = await client.send(
    new CreateUsagePlanCommand({
      name: "standard",
      apiStages: [{ apiId, stage: "live" }],
      throttle: { rateLimit: 0, burstLimit: burst },
    }),
  );
  const { id: keyId, value = "" } = await client.send(
    new CreateApiKeyCommand({ name: "customer", enabled: true }),
  );
  await client.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: "API_KEY" }));
  return value;
}
