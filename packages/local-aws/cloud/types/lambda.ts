import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  DeleteFunctionConcurrencyCommand,
  DeleteProvisionedConcurrencyConfigCommand,
  type LambdaClient,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  PutProvisionedConcurrencyConfigCommand,
  RemovePermissionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { type Properties, regionalArn, text } from "../../provider/aws-types.ts";
import type { Request } from "../../provider/backend.ts";
import { capitalised, type Maker, part, putting } from "./maker.ts";

/** Everything of a function but its code. */
function configurationOf(inputs: Properties) {
  const { variables = {} } = part(inputs, "environment") as { variables?: Record<string, string> };
  return {
    FunctionName: text(inputs, "name"),
    Description: text(inputs, "description"),
    Role: text(inputs, "role"),
    Runtime: inputs["runtime"] as CreateFunctionCommandInput["Runtime"],
    Handler: text(inputs, "handler"),
    MemorySize: Number(inputs["memorySize"] ?? 128),
    Timeout: Number(inputs["timeout"] ?? 3),
    Environment: { Variables: variables },
    TracingConfig: capitalised(part(inputs, "tracingConfig")),
    DeadLetterConfig: capitalised(part(inputs, "deadLetterConfig")),
    LoggingConfig: capitalised(part(inputs, "loggingConfig")),
  };
}

const codeOf = (inputs: Properties) => ({
  S3Bucket: text(inputs, "s3Bucket"),
  S3Key: text(inputs, "s3Key"),
});

/** The reservation as the input says, or none; a version does not depend on it. */
async function reserve(inputs: Properties, lambda: LambdaClient): Promise<void> {
  const FunctionName = text(inputs, "name");
  const reserved = inputs["reservedConcurrentExecutions"];
  await (typeof reserved === "number" && reserved >= 0
    ? lambda.send(
        new PutFunctionConcurrencyCommand({
          FunctionName,
          ReservedConcurrentExecutions: reserved,
        }),
      )
    : lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName })));
}

const WAIT = { maxWaitTime: 60, minDelay: 1, maxDelay: 1 };

/** The outputs that a published version decides. */
const outputsOf = ({ location }: Request, name: string, version: string): Properties => {
  const qualifiedArn = `${regionalArn(location, "lambda", `function:${name}`)}:${version}`;
  return { version, qualifiedArn };
};

async function update(request: Request, lambda: LambdaClient): Promise<Properties> {
  const { inputs } = request;
  const FunctionName = text(inputs, "name");
  const settled = () => waitUntilFunctionUpdatedV2({ client: lambda, ...WAIT }, { FunctionName });
  await lambda.send(new UpdateFunctionConfigurationCommand(configurationOf(inputs)));
  await settled();
  await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ...codeOf(inputs) }));
  await settled();
  await reserve(inputs, lambda);
  if (inputs["publish"] !== true) return {};
  // Lambda answers the existing version when neither code nor configuration has changed.
  const { Version = "" } = await lambda.send(new PublishVersionCommand({ FunctionName }));
  return outputsOf(request, FunctionName, Version);
}

export const lambdaMakers: Readonly<Record<string, Maker>> = {
  "aws:lambda/function:Function": {
    create: async (request, { lambda }) => {
      const { inputs } = request;
      const FunctionName = text(inputs, "name");
      await lambda.send(
        new CreateFunctionCommand({ ...configurationOf(inputs), Code: codeOf(inputs) }),
      );
      await waitUntilFunctionActiveV2({ client: lambda, ...WAIT }, { FunctionName });
      if (inputs["reservedConcurrentExecutions"] !== undefined) await reserve(inputs, lambda);
      if (inputs["publish"] !== true) return {};
      const { Version = "" } = await lambda.send(new PublishVersionCommand({ FunctionName }));
      return outputsOf(request, FunctionName, Version);
    },
    update: (request, { lambda }) => update(request, lambda),
    ownOutputs: ["version", "qualifiedArn"],
  },
  "aws:lambda/alias:Alias": {
    create: async ({ inputs }, { lambda }) => {
      await lambda.send(
        new CreateAliasCommand({
          FunctionName: text(inputs, "functionName"),
          Name: text(inputs, "name"),
          FunctionVersion: text(inputs, "functionVersion"),
        }),
      );
      return {};
    },
    // As AWS's own provider: both are sent at every update, which is why the program ignores them.
    update: async ({ inputs }, { lambda }) => {
      await lambda.send(
        new UpdateAliasCommand({
          FunctionName: text(inputs, "functionName"),
          Name: text(inputs, "name"),
          FunctionVersion: text(inputs, "functionVersion"),
          RoutingConfig: capitalised(part(inputs, "routingConfig")),
        }),
      );
      return {};
    },
  },
  "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": putting(
    ({ inputs }, { lambda }) =>
      lambda.send(
        new PutProvisionedConcurrencyConfigCommand({
          FunctionName: text(inputs, "functionName"),
          Qualifier: text(inputs, "qualifier"),
          ProvisionedConcurrentExecutions: Number(inputs["provisionedConcurrentExecutions"]),
        }),
      ),
    async ({ inputs }, { lambda }) => {
      await lambda.send(
        new DeleteProvisionedConcurrencyConfigCommand({
          FunctionName: text(inputs, "functionName"),
          Qualifier: text(inputs, "qualifier"),
        }),
      );
    },
  ),
  "aws:lambda/permission:Permission": {
    create: async ({ inputs }, { lambda }) => {
      const [qualifier, sourceArn] = [text(inputs, "qualifier"), text(inputs, "sourceArn")];
      const sourceAccount = text(inputs, "sourceAccount");
      await lambda.send(
        new AddPermissionCommand({
          FunctionName: text(inputs, "function"),
          StatementId: text(inputs, "statementId"),
          Action: text(inputs, "action"),
          Principal: text(inputs, "principal"),
          ...(qualifier !== "" && { Qualifier: qualifier }),
          ...(sourceArn !== "" && { SourceArn: sourceArn }),
          ...(sourceAccount !== "" && { SourceAccount: sourceAccount }),
        }),
      );
      return {};
    },
    update: () => Promise.resolve({}),
    delete: async ({ previous = {} }, { lambda }) => {
      const qualifier = text(previous, "qualifier");
      await lambda.send(
        new RemovePermissionCommand({
          FunctionName: text(previous, "function"),
          StatementId: text(previous, "statementId"),
          ...(qualifier !== "" && { Qualifier: qualifier }),
        }),
      );
    },
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": putting(
    ({ inputs }, { lambda }) => {
      const qualifier = text(inputs, "qualifier");
      return lambda.send(
        new PutFunctionEventInvokeConfigCommand({
          FunctionName: text(inputs, "functionName"),
          ...(qualifier === "" ? {} : { Qualifier: qualifier }),
          MaximumRetryAttempts: Number(inputs["maximumRetryAttempts"] ?? 2),
          MaximumEventAgeInSeconds: Number(inputs["maximumEventAgeInSeconds"] ?? 21_600),
        }),
      );
    },
  ),
};
