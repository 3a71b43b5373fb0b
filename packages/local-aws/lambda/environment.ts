/**
 * The environment of a sandbox as Lambda makes it, with nothing of this machine's but the path.
 * Documented under "Defined runtime environment variables".
 */

/** What differs from one function to the next. */
export interface FunctionDescription {
  readonly functionName: string;
  readonly region: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** For example `nodejs22.x`. */
  readonly runtime: string;
  /** Level of Lambda's own filter on log lines. */
  readonly lambdaLogLevel: string;
  /** What the stack sets. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Nobody's account, as AWS writes it in its own examples. */
const ACCOUNT_ID = "123456789012";

export const functionArn = ({ functionName, region }: FunctionDescription): string =>
  `arn:aws:lambda:${region}:${ACCOUNT_ID}:function:${functionName}:live`;

export interface Addresses {
  readonly runtimeApi: string;
  readonly xrayDaemon: string;
  /** Folder that the zip was unpacked to. */
  readonly taskRoot: string;
}

export const sandboxEnvironment = (
  description: FunctionDescription,
  { runtimeApi, xrayDaemon, taskRoot }: Addresses,
): Record<string, string> => ({
  ...description.variables,
  _HANDLER: "dist/index.handler",
  AWS_DEFAULT_REGION: description.region,
  AWS_EXECUTION_ENV: `AWS_Lambda_${description.runtime}`,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(description.memoryMb),
  AWS_LAMBDA_FUNCTION_NAME: description.functionName,
  AWS_LAMBDA_FUNCTION_VERSION: "1",
  AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
  AWS_LAMBDA_LOG_FORMAT: "JSON",
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${description.functionName}`,
  AWS_LAMBDA_LOG_LEVEL: description.lambdaLogLevel,
  AWS_LAMBDA_LOG_STREAM_NAME: "local",
  AWS_LAMBDA_RUNTIME_API: runtimeApi,
  AWS_REGION: description.region,
  AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
  AWS_XRAY_DAEMON_ADDRESS: xrayDaemon,
  LAMBDA_TASK_ROOT: taskRoot,
  LANG: "en_US.UTF-8",
  PATH: process.env.PATH ?? "",
  TZ: ":UTC",
});
