/** The API in the local cloud: where it answers on this machine, what opens it, and a call to try it with. */
import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  GetApiKeysCommand,
  GetUsagePlansCommand,
} from "@aws-sdk/client-api-gateway";
import { IAMClient } from "@aws-sdk/client-iam";
import { standInLocation } from "local-aws/provider/aws-outputs.ts";
import { createDomain } from "../../function/domain/index.ts";
import * as names from "../../infra/names.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { Settings } from "../../infra/settings/parse.ts";
import { adoptLoggingRole, needsLoggingRole } from "../../ops/identity/logging-role.ts";
import type { Trial } from "./trial.ts";

type Environment = Readonly<Record<string, string>>;

/** Does what an administrator does once for an account whose REST APIs write access logs. */
export async function prepareForApi(
  environment: Environment,
  settings: Pick<Settings, "api" | "apiAccessLogs" | "region">,
): Promise<void> {
  if (!needsLoggingRole(settings)) return;
  const client = clientOf(environment);
  await adoptLoggingRole(
    { apiGateway: new APIGatewayClient(client), iam: new IAMClient(client) },
    standInLocation(settings.region),
  );
}

const clientOf = (environment: Environment) => ({
  region: environment["AWS_REGION"] ?? "",
  endpoint: environment["AWS_ENDPOINT_URL"] ?? "",
  credentials: {
    accessKeyId: environment["AWS_ACCESS_KEY_ID"] ?? "",
    secretAccessKey: environment["AWS_SECRET_ACCESS_KEY"] ?? "",
  },
});

/** Nothing where the stack has none. */
export async function localApi(
  environment: Environment,
  settings: Pick<Settings, "api" | "apiAuthorization">,
  { apiId }: Pick<StackOutputs, "apiId">,
): Promise<Trial | undefined> {
  if (apiId === undefined) return undefined;
  const key = settings.apiAuthorization === "key" ? await customersKey(environment) : undefined;
  return {
    variables: {
      API_URL: apiUrl(environment, settings, apiId),
      ...(key !== undefined && { API_KEY: key }),
    },
    curl: curlLine(settings),
  };
}

/** By the path of this machine, also where the API has a domain of its own, whose name leads elsewhere. */
export const apiUrl = (
  environment: Environment,
  { api }: Pick<Settings, "api">,
  apiId: string,
): string =>
  [
    environment["AWS_ENDPOINT_URL"] ?? "",
    "_api",
    apiId,
    ...(api === "rest" ? [names.REST_STAGE_NAME] : []),
  ].join("/");

/** What each kind of authorization wants of `curl`. */
const OPENERS: Readonly<Record<Settings["apiAuthorization"], string>> = {
  iam: ` --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"`,
  key: ` --header "x-api-key: $API_KEY"`,
  // The issuer cannot be reached from here, so the local cloud signs instead.
  jwt: ` --header "Authorization: Bearer $(curl -s "$API_URL/_token")"`,
  none: "",
};

/** A call of the first route that is complete without values of one's own. */
export function curlLine({ apiAuthorization }: Pick<Settings, "apiAuthorization">): string {
  const route = createDomain().routes?.find(({ path }) => !path.includes("{"));
  const body = route?.example?.body;
  const data =
    body === undefined
      ? ""
      : ` --header "content-type: application/json" --data '${JSON.stringify(body)}'`;
  const method = route === undefined || route.method === "GET" ? "" : ` -X ${route.method}`;
  return `curl${method} "$API_URL${route?.path ?? "/health"}"${OPENERS[apiAuthorization]}${data}`;
}

const KEY_NAME = "local";

/** The value of a key of the first plan, made where it is not there yet. */
async function customersKey(environment: Environment): Promise<string> {
  const client = new APIGatewayClient(clientOf(environment));
  const { items: [known] = [] } = await client.send(
    new GetApiKeysCommand({ nameQuery: KEY_NAME, includeValues: true }),
  );
  if (known?.value !== undefined) return known.value;
  const { items: [plan] = [] } = await client.send(new GetUsagePlansCommand({}));
  const { id: keyId, value = "" } = await client.send(
    new CreateApiKeyCommand({ name: KEY_NAME, enabled: true }),
  );
  if (plan) {
    const usagePlanId = plan.id;
    await client.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: "API_KEY" }));
  }
  return value;
}
