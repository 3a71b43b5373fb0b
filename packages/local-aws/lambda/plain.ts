/**
 * Runs a handler in a plain Node process, over the same Runtime API, where AWS's client cannot be built.
 * It loads the module and passes events and outcomes on; AWS's own treatment of logs and errors is missing.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

type Handler = (event: unknown, context: object) => Promise<unknown>;

const { AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT = "", _HANDLER = "" } = process.env;
const url = (path: string): string => `http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/${path}`;

const post = (path: string, body: unknown): Promise<Response> =>
  fetch(url(path), { method: "POST", body: JSON.stringify(body ?? null) });

const described = (error: unknown): object =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: error.stack?.split("\n") ?? [] }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

async function load(): Promise<Handler> {
  const [module = "", name = ""] = _HANDLER.split(".");
  const file = pathToFileURL(join(LAMBDA_TASK_ROOT, `${module}.mjs`)).href;
  const exports = (await import(file)) as Record<string, Handler | undefined>;
  const handler = exports[name];
  if (!handler) throw new Error(`${_HANDLER} is undefined or not exported`);
  return handler;
}

async function serve(handler: Handler): Promise<never> {
  for (;;) {
    const next = await fetch(url("invocation/next"));
    const requestId = next.headers.get("lambda-runtime-aws-request-id") ?? "";
    const deadlineMs = Number(next.headers.get("lambda-runtime-deadline-ms"));
    process.env._X_AMZN_TRACE_ID = next.headers.get("lambda-runtime-trace-id") ?? "";
    const context = {
      awsRequestId: requestId,
      invokedFunctionArn: next.headers.get("lambda-runtime-invoked-function-arn"),
      functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
      functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
      memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
      getRemainingTimeInMillis: () => deadlineMs - Date.now(),
    };
    try {
      await post(`invocation/${requestId}/response`, await handler(await next.json(), context));
    } catch (error) {
      await post(`invocation/${requestId}/error`, described(error));
    }
  }
}

try {
  await serve(await load());
} catch (error) {
  await post("init/error", described(error));
  process.exitCode = 1;
}
