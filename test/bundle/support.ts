/** What every test of the bundle needs: AWS's runtime client, and a function as the staging stack describes it. */
import { findRuntimeClient } from "local-aws/lambda/install.ts";
import type { FunctionDescription } from "local-aws/lambda/environment.ts";
import { Sandbox, type SandboxOptions } from "local-aws/lambda/sandbox.ts";
import { VARIABLES } from "../function/support/harness.ts";

const client = await findRuntimeClient();

export const description: FunctionDescription = {
  functionName: "lambda-function-staging",
  region: "us-east-1",
  memoryMb: 256,
  timeoutSeconds: 30,
  runtime: "nodejs22.x",
  lambdaLogLevel: "INFO",
  variables: VARIABLES,
};

/** `describe`, skipped where the runtime client is not there; in CI its absence is a failure. */
export function describeInRuntimeClient(title: string, tests: () => void): void {
  const full = `${title}, in AWS's runtime client`;
  if (client.ok) describe(full, tests);
  else if (process.env["CI"]) {
    const { reason } = client;
    it(full, () => {
      throw new Error(`${reason}; npm test installs it`);
    });
  } else describe.skip(full, tests);
}

/** Starts a sandbox on AWS's runtime client. */
export const start = (options: Omit<SandboxOptions, "description" | "clientEntry">) =>
  Sandbox.start({ ...options, description, ...(client.ok && { clientEntry: client.entry }) });

export interface LogLine extends Record<string, unknown> {
  readonly level?: string;
  readonly message?: string;
}

/** What the function wrote, parsed: every line of it must be JSON. */
export const parsedLines = (sandbox: Sandbox): LogLine[] =>
  sandbox.lines.map((line) => JSON.parse(line) as LogLine);
