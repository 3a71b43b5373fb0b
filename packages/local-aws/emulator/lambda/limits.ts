/** What Lambda refuses before anything runs, and the emulator takes. */
import {
  GetAliasCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { AwsError, type Call } from "../http.ts";

/** Lambda quotas, "Invocation payload": 6 MB for a synchronous call, 1 MB for an asynchronous one. */
const MOST_BYTES = { RequestResponse: 6_291_456, Event: 1_048_576 } as const;

export type InvocationKind = keyof typeof MOST_BYTES;

/** Throws Lambda's own refusal of a payload that is too large or, for an asynchronous call, no JSON. */
export function checkPayload(kind: InvocationKind, body: Buffer): void {
  const most = MOST_BYTES[kind];
  if (body.length > most) {
    throw new AwsError(
      413,
      "RequestTooLargeException",
      `Request must be smaller than ${most} bytes for the InvokeFunction operation`,
    );
  }
  if (kind === "RequestResponse" || body.length === 0) return;
  try {
    JSON.parse(body.toString());
  } catch {
    throw new AwsError(
      400,
      "InvalidRequestContentException",
      "Could not parse request body into json",
    );
  }
}

const UPDATE = /^\/2015-03-31\/functions\/([^/]+)\/(code|configuration|versions)$/;

/**
 * Throws 409 for a change of a function whose last change is still under way (Lambda API reference,
 * ResourceConflictException; developer guide, "Lambda function states").
 */
export async function checkUpdate(lambda: LambdaClient, { method, path }: Call): Promise<void> {
  const [, name] = (method === "GET" ? undefined : UPDATE.exec(path)) ?? [];
  if (name === undefined) return;
  const FunctionName = decodeURIComponent(name);
  const configuration = await lambda
    .send(new GetFunctionConfigurationCommand({ FunctionName }))
    .catch(() => undefined);
  if (configuration?.LastUpdateStatus !== "InProgress" && configuration?.State !== "Pending")
    return;
  throw new AwsError(
    409,
    "ResourceConflictException",
    `The operation cannot be performed at this time. An update is in progress for resource: ${configuration.FunctionArn}`,
  );
}

const PROVISIONED = /^\/2019-09-30\/functions\/([^/]+)\/provisioned-concurrency$/;

/**
 * Throws 400 for provisioned concurrency that Lambda refuses: of an alias that has weights (the message is that of
 * terraform-provider-aws issue 24957; Lambda Developer Guide, "Configuring provisioned concurrency", says the same in
 * its words), of code that is not published, and beyond the function's reservation (same page).
 */
export async function checkProvisioned(lambda: LambdaClient, call: Call): Promise<void> {
  const [, name] = (call.method === "PUT" ? PROVISIONED.exec(call.path) : undefined) ?? [];
  if (name === undefined) return;
  const FunctionName = decodeURIComponent(name);
  const qualifier = call.query.get("Qualifier") ?? "$LATEST";
  const refuse = (message: string): never => {
    throw new AwsError(400, "InvalidParameterValueException", message);
  };
  if (qualifier === "$LATEST") {
    refuse("Provisioned Concurrency Configs cannot be applied to unpublished function versions.");
  }
  const [alias, reserved] = await Promise.all([
    lambda.send(new GetAliasCommand({ FunctionName, Name: qualifier })).catch(() => undefined),
    lambda.send(new GetFunctionConcurrencyCommand({ FunctionName })).catch(() => undefined),
  ]);
  if (Object.keys(alias?.RoutingConfig?.AdditionalVersionWeights ?? {}).length > 0) {
    refuse("Alias with weights can not be used with Provisioned Concurrency");
  }
  const { ProvisionedConcurrentExecutions: asked = 0 } = call.json() as {
    readonly ProvisionedConcurrentExecutions?: number;
  };
  if (asked > (reserved?.ReservedConcurrentExecutions ?? Infinity)) {
    refuse(
      "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
    );
  }
}
