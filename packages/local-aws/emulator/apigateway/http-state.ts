/** An HTTP API as its control plane keeps it. */
import type { AccessLog } from "./access-log.ts";

export interface Cors {
  readonly allowOrigins?: readonly string[];
  readonly allowMethods?: readonly string[];
  readonly allowHeaders?: readonly string[];
  readonly exposeHeaders?: readonly string[];
  /** Seconds. */
  readonly maxAge?: number;
  readonly allowCredentials?: boolean;
}

export interface HttpIntegration {
  readonly integrationId: string;
  readonly integrationType: "AWS_PROXY";
  readonly integrationUri: string;
  readonly integrationMethod: string;
  readonly payloadFormatVersion: "1.0" | "2.0";
  readonly timeoutInMillis: number;
}

export interface HttpRoute {
  readonly routeId: string;
  /** For example `GET /records/{id}`, or `$default`. */
  readonly routeKey: string;
  /** `integrations/ID`. */
  readonly target: string;
  readonly authorizationType: "NONE" | "JWT" | "AWS_IAM";
  readonly authorizerId?: string;
  /** One of them has to be in the token. */
  readonly authorizationScopes: readonly string[];
}

export interface JwtAuthorizer {
  readonly authorizerId: string;
  readonly name: string;
  readonly authorizerType: "JWT";
  /** For example `$request.header.Authorization`. */
  readonly identitySource: readonly string[];
  readonly jwtConfiguration: { readonly issuer: string; readonly audience: readonly string[] };
}

/** What a deployment takes a snapshot of. */
export interface HttpDefinition {
  readonly integrations: ReadonlyMap<string, HttpIntegration>;
  readonly routes: ReadonlyMap<string, HttpRoute>;
  readonly authorizers: ReadonlyMap<string, JwtAuthorizer>;
}

export interface RouteSettings {
  readonly throttlingRateLimit?: number;
  readonly throttlingBurstLimit?: number;
  readonly detailedMetricsEnabled?: boolean;
}

export interface HttpStage {
  readonly stageName: string;
  readonly autoDeploy: boolean;
  readonly deploymentId: string | undefined;
  readonly description: string;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly accessLog: AccessLog | undefined;
  readonly defaultRouteSettings: RouteSettings;
  /** By route key. */
  readonly routeSettings: Readonly<Record<string, RouteSettings>>;
  readonly createdDate: string;
}

export interface HttpApi {
  readonly kind: "HTTP";
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly cors: Cors | undefined;
  readonly disableExecuteApiEndpoint: boolean;
  readonly createdDate: string;
  readonly definition: HttpDefinition;
  readonly deployments: Map<string, HttpDefinition>;
  readonly stages: Map<string, HttpStage>;
}

export const EMPTY_HTTP: HttpDefinition = {
  integrations: new Map(),
  routes: new Map(),
  authorizers: new Map(),
};
