/** A REST API as it was imported: what a deployment takes a snapshot of. */

/** A JSON schema, or any part of an OpenAPI document. */
export type Json = Readonly<Record<string, unknown>>;

/** How API Gateway calls what is behind a method. */
export interface Integration {
  readonly type: "AWS_PROXY" | "MOCK";
  readonly uri: string;
  readonly httpMethod: string;
  readonly timeoutMs: number;
  /** Templates of MOCK by content type. */
  readonly requestTemplates: Readonly<Record<string, string>>;
  readonly passthroughBehavior: string;
  readonly responses: readonly IntegrationResponse[];
}

export interface IntegrationResponse {
  /** `default`, or a regular expression over the status that the template chose. */
  readonly pattern: string;
  readonly statusCode: string;
  /** By `method.response.header.NAME`. */
  readonly responseParameters: Readonly<Record<string, string>>;
  readonly responseTemplates: Readonly<Record<string, string>>;
}

export interface RequiredParameter {
  readonly in: "querystring" | "header" | "path";
  readonly name: string;
}

export interface Method {
  /** For example `/records/{id}`. */
  readonly resourcePath: string;
  /** GET, POST …, or ANY. */
  readonly httpMethod: string;
  readonly authorizationType: "NONE" | "AWS_IAM";
  readonly apiKeyRequired: boolean;
  readonly validatesBody: boolean;
  readonly validatesParameters: boolean;
  readonly requiredParameters: readonly RequiredParameter[];
  /** Schemas of the body by content type; `$default` goes for all others. */
  readonly models: Readonly<Record<string, Json>>;
  readonly integration: Integration | undefined;
}

export interface GatewayResponse {
  readonly statusCode?: number | undefined;
  /** By `gatewayresponse.header.NAME`. */
  readonly responseParameters: Readonly<Record<string, string>>;
  readonly responseTemplates: Readonly<Record<string, string>>;
}

export interface Definition {
  readonly title: string;
  readonly description: string;
  readonly methods: readonly Method[];
  /** By type, for example `DEFAULT_4XX`. */
  readonly gatewayResponses: Readonly<Record<string, GatewayResponse>>;
  readonly binaryMediaTypes: readonly string[];
  readonly apiKeySource: string;
  /** Whether callers come by a custom domain alone; like all of this, once it is deployed. */
  readonly disableExecuteApiEndpoint: boolean;
  /** The resource policy's text, or nothing. */
  readonly policy: string;
}

export const EMPTY_DEFINITION: Definition = {
  title: "",
  description: "",
  methods: [],
  gatewayResponses: {},
  binaryMediaTypes: [],
  apiKeySource: "HEADER",
  disableExecuteApiEndpoint: false,
  policy: "",
};
