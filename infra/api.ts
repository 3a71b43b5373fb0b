/** The API in front of the function, as config states it. docs/growth.md#api. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Route } from "../function/platform/route.ts";
import type { BodyInput } from "./api/body.ts";
import { contractOf } from "./api/contract.ts";
import type { Definition } from "./api/definition.ts";
import type { OpenApiDocument } from "./api/document.ts";
import { gatewayDocument } from "./api/gateway-document.ts";
import { makeHttpApi } from "./api/http.ts";
import { makeRestApi } from "./api/rest.ts";
import { type AwsLocation, lambdaArn } from "./arns.ts";
import * as names from "./names.ts";
import type { Settings } from "./settings.ts";

export interface ApiArgs {
  readonly settings: Settings;
  readonly location: AwsLocation;
  /** What the API offers, without API Gateway's extensions. */
  readonly document: OpenApiDocument;
  /** The KMS key that encrypts the access logs. Default AWS's own. */
  readonly keyArn?: pulumi.Input<string> | undefined;
}

/** What stands behind the API. */
export interface Backend {
  /** The alias: nothing may call before it is there. */
  readonly alias: pulumi.Resource;
  /** Lets an HTTP API write its access log. Default: none is needed. */
  readonly logsPolicy?: pulumi.Resource | undefined;
}

/**
 * An API that calls the alias `live`.
 *
 * It is made in two steps, because the function must know the API's id and the API needs the function: first its
 * definition, which names the alias by an ARN that is known beforehand, then, when the function is there, the
 * permission to call it and the stage that callers reach.
 */
export class Api extends pulumi.ComponentResource {
  /** Drawn by AWS; metrics of HTTP APIs and what the handler knows its callers by. */
  readonly id: pulumi.Output<string>;
  readonly #definition: Definition;
  readonly #args: ApiArgs;

  constructor(name: string, args: ApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lambda-service:infra:Api", name, {}, opts);
    this.#args = args;
    const { settings } = args;
    const context = {
      settings,
      body: bodyInput(args),
      logGroup: this.#accessLogs(),
      opts: { parent: this },
    };
    this.#definition = settings.api === "rest" ? makeRestApi(context) : makeHttpApi(context);
    this.id = this.#definition.id;
  }

  /** Lets callers in, once what answers them is there. Answers with the address of the API. */
  open({ alias, logsPolicy }: Backend): pulumi.Output<string> {
    const { settings } = this.#args;
    const permission = this.#permission(alias);
    const url = this.#definition.publish([permission, ...(logsPolicy ? [logsPolicy] : [])]);
    this.registerOutputs({ id: this.id });
    return settings.apiDomainName === undefined
      ? url
      : pulumi.output(`https://${settings.apiDomainName}`);
  }

  /** Exactly this API and stage may call, and the alias only. */
  #permission(alias: pulumi.Resource): aws.lambda.Permission {
    const { settings, location } = this.#args;
    const { partition, region, accountId } = location;
    const { stageName } = this.#definition;
    return new aws.lambda.Permission(
      "api-permission",
      {
        action: "lambda:InvokeFunction",
        function: names.functionName(settings),
        qualifier: names.ALIAS_NAME,
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`arn:${partition}:execute-api:${region}:${accountId}:${this.id}/${stageName}/*/*`,
      },
      { parent: this, dependsOn: [alias] },
    );
  }

  #accessLogs(): aws.cloudwatch.LogGroup | undefined {
    const { settings, keyArn } = this.#args;
    if (!settings.apiAccessLogs) return undefined;
    return new aws.cloudwatch.LogGroup(
      "api-logs",
      {
        name: names.apiLogGroupName(settings),
        retentionInDays: settings.logRetentionDays,
        ...(keyArn !== undefined && { kmsKeyId: keyArn }),
      },
      { parent: this },
    );
  }
}

const bodyInput = ({ settings, location, document }: ApiArgs): BodyInput => ({
  document,
  settings,
  location,
  name: names.apiName(settings),
  aliasArn: `${lambdaArn(location, names.functionName(settings))}:${names.ALIAS_NAME}`,
});

export interface OpenApiArgs extends Omit<ApiArgs, "document"> {
  /** What the domain offers over HTTP. */
  readonly routes: readonly Route[];
}

/**
 * Makes the definition of the API, or nothing where config states none. Throws `pulumi.RunError` where the domain has
 * no routes, or one that an API cannot have.
 */
export function openApi(
  { routes, ...args }: OpenApiArgs,
  opts: pulumi.ComponentResourceOptions,
): Api | undefined {
  const { api, environment } = args.settings;
  if (api === "none") return undefined;
  if (routes.length === 0) {
    throw new pulumi.RunError(
      `api: "${api}"; function/domain/index.ts names no routes, so the API would offer nothing; add them there (docs/handler.md#routes), or set api to none in Pulumi.${environment}.yaml`,
    );
  }
  return new Api("api", { ...args, document: documentOf(routes) }, opts);
}

function documentOf(routes: readonly Route[]): OpenApiDocument {
  try {
    return gatewayDocument(contractOf(routes));
  } catch (error) {
    // What is wrong with a route is one line for whoever wrote it.
    throw new pulumi.RunError(error instanceof Error ? error.message : String(error));
  }
}

/** What the handler is told of its fronts: the API's id, beside those that a team names itself. */
export function frontsEnvironment(
  api: Api | undefined,
  own: Readonly<Record<string, pulumi.Input<string>>>,
): Readonly<Record<string, pulumi.Input<string>>> {
  if (api === undefined) return {};
  const others = own["HTTP_FRONTS"];
  return {
    HTTP_FRONTS: others === undefined ? api.id : pulumi.interpolate`${api.id},${others}`,
  };
}
