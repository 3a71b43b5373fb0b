import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type AwsLocation, queueArn } from "./arns.ts";
import { type Artifact, uploadArtifact } from "./function/artifact.ts";
import { signedCode } from "./function/signing.ts";
import { makeBoundedRole } from "./bounded-role.ts";
import { environmentVariables, lambdaLogLevel } from "./function/configuration.ts";
import { executionRolePolicy, serviceTrust } from "./identity/runtime-policies.ts";
import * as names from "./names.ts";
import type { VpcConfig } from "./network.ts";
import { reservedExecutions } from "./options/concurrency.ts";
import { makeProvisionedConcurrency } from "./options/provisioned-concurrency.ts";
import { makeSamplingRules, tracingMode } from "./options/tracing.ts";
import { tlsOnly } from "./tls-only.ts";
import type { Settings } from "./settings.ts";

export interface LambdaFunctionArgs {
  readonly settings: Settings;
  readonly location: AwsLocation;
  /** Bounds what the execution role can ever be given. */
  readonly boundaryArn: pulumi.Input<string>;
  /** Namespace of the handler's own metrics. */
  readonly metricsNamespace: string;
  /** Environment variables of the handler beside the template's own. */
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  /** The built handler. */
  readonly handler: Artifact;
  /** Where the artifact is uploaded to. */
  readonly bucketName: pulumi.Input<string>;
  /** The KMS key that encrypts logs, dead letters and environment variables. Default AWS's own. */
  readonly keyArn?: pulumi.Input<string> | undefined;
  /** Says whose signature the function's code must have. Default nobody's. */
  readonly codeSigningConfigArn?: pulumi.Input<string> | undefined;
  /** Subnets and security groups, when the function runs in a VPC. */
  readonly vpc?: VpcConfig | undefined;
}

/** What runs: the function, its execution role, its logs, its dead letters, and the alias that is called. */
export class LambdaFunction extends pulumi.ComponentResource {
  readonly functionName: pulumi.Output<string>;
  /** The version that this update publishes. */
  readonly version: pulumi.Output<string>;
  /** What everything calls: who needs it to be there first waits for it. */
  readonly alias: pulumi.Resource;
  readonly aliasArn: pulumi.Output<string>;
  readonly logGroupName: pulumi.Output<string>;
  readonly artifactKey: pulumi.Output<string>;
  readonly deadLetterQueueName: pulumi.Output<string>;
  readonly deadLetterQueueUrl: pulumi.Output<string>;
  readonly deadLetterQueueArn: pulumi.Output<string>;

  constructor(name: string, args: LambdaFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lambda-service:infra:Function", name, {}, opts);
    const { settings, location, vpc, keyArn } = args;
    const child = { parent: this };
    const part = names.partNames(name, "function");

    // Before the function: Lambda would make a group of its own, without retention, at the first call.
    const logGroup = new aws.cloudwatch.LogGroup(
      part("logs"),
      {
        name: names.logGroupName(settings),
        retentionInDays: settings.logRetentionDays,
        ...(keyArn !== undefined && { kmsKeyId: keyArn }),
      },
      child,
    );
    const { role, permissions } = makeBoundedRole(
      part("execution"),
      {
        roleName: names.executionRoleName(settings),
        description: `What ${names.functionName(settings)} may do`,
        trust: serviceTrust("lambda.amazonaws.com"),
        permissions: executionRolePolicy(location, settings),
        boundaryArn: args.boundaryArn,
      },
      child,
    );
    // Its messages are encrypted by the function's role, which must be allowed to first.
    const waits = keyArn === undefined ? [] : [permissions];
    const deadLetters = this.#deadLetterQueue(args, part, waits);
    const uploaded = uploadArtifact(part("handler"), args.handler, args.bucketName, child);
    const { codeSigningConfigArn } = args;

    const lambda = new aws.lambda.Function(
      part("function"),
      {
        name: names.functionName(settings),
        description: `The ${settings.serviceName} service in ${settings.environment}`,
        role: role.arn,
        runtime: settings.runtime,
        architectures: [settings.architecture],
        handler: "dist/index.handler",
        ...signedCode(part("handler"), uploaded, settings, codeSigningConfigArn, child),
        memorySize: settings.memoryMb,
        timeout: settings.timeoutSeconds,
        environment: {
          variables: {
            // Without an API there is no HTTP front. Whoever adds one names it here: docs/handler.md#who-calls.
            HTTP_FRONTS: "none",
            ...args.environment,
            ...environmentVariables(settings, args.metricsNamespace),
          },
        },
        ...(keyArn !== undefined && { kmsKeyArn: keyArn }),
        tracingConfig: { mode: tracingMode(settings) },
        deadLetterConfig: { targetArn: deadLetters.arn },
        loggingConfig: {
          logFormat: "JSON",
          logGroup: logGroup.name,
          // Both levels, always: leaving one out makes the provider plan a new version at every run.
          applicationLogLevel: lambdaLogLevel(settings.logLevel),
          systemLogLevel: "INFO",
        },
        ...(vpc && { vpcConfig: vpc }),
        ...reservedExecutions(settings),
        publish: true,
      },
      { ...child, dependsOn: [permissions] },
    );
    const alias = new aws.lambda.Alias(
      part("live"),
      {
        name: names.ALIAS_NAME,
        functionName: lambda.name,
        functionVersion: lambda.version,
      },
      // Only a release moves traffic. The provider sends both at every update of the alias, so there
      // must be no other input here that could change (no description).
      { ...child, ignoreChanges: ["functionVersion", "routingConfig"] },
    );
    makeProvisionedConcurrency(settings, alias, part, child);
    makeSamplingRules(settings, part, child);

    this.functionName = lambda.name;
    this.version = lambda.version;
    this.alias = alias;
    this.aliasArn = alias.arn;
    this.logGroupName = logGroup.name;
    this.artifactKey = uploaded.code.s3Key;
    this.deadLetterQueueName = deadLetters.name;
    this.deadLetterQueueUrl = deadLetters.url;
    this.deadLetterQueueArn = deadLetters.arn;
    this.registerOutputs({
      functionName: lambda.name,
      version: lambda.version,
      aliasArn: alias.arn,
    });
  }

  /** Where an event goes that failed at every try. */
  #deadLetterQueue(
    { settings, location, keyArn }: LambdaFunctionArgs,
    part: (name: string) => string,
    dependsOn: pulumi.Resource[],
  ): aws.sqs.Queue {
    const queueName = names.deadLetterQueueName(settings);
    const queue = new aws.sqs.Queue(
      part("dead-letters"),
      {
        name: queueName,
        messageRetentionSeconds: settings.deadLetterRetentionDays * SECONDS_PER_DAY,
        // What Lambda accepts, the queue takes: what is larger than the queue allows is lost.
        maxMessageSize: ASYNCHRONOUS_EVENT_BYTES,
        visibilityTimeoutSeconds: 30,
        ...(keyArn === undefined ? { sqsManagedSseEnabled: true } : { kmsMasterKeyId: keyArn }),
      },
      { parent: this, dependsOn },
    );
    new aws.sqs.QueuePolicy(
      part("dead-letters-policy"),
      {
        queueUrl: queue.url,
        policy: JSON.stringify(tlsOnly("sqs:*", [queueArn(location, queueName)])),
      },
      { parent: this },
    );
    return queue;
  }
}

const SECONDS_PER_DAY = 86_400;

/**
 * Largest event of an asynchronous invocation (Lambda quotas, "Invocation payload"), and also the most that SQS
 * takes for a message (SQS quotas, "Message size"). The provider's own default is 262,144.
 */
const ASYNCHRONOUS_EVENT_BYTES = 1_048_576;
