/** What Lambda refuses before anything runs, and the emulator takes. */
import { GetFunctionConfigurationCommand, type LambdaClient } from "@aws-sdk/client-lambda";
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
