/** Who may call, as OpenAPI says it with API Gateway's extensions. Pure. */
import type { Settings } from "../settings/parse.ts";

export type AuthorizationSettings = Pick<
  Settings,
  "apiAuthorization" | "apiJwtIssuer" | "apiJwtAudiences"
>;

/** What every operation demands, and how each demand is checked; both empty where everybody may call. */
export interface Security {
  readonly demands: readonly Readonly<Record<string, readonly string[]>>[];
  readonly schemes: Readonly<Record<string, object>>;
}

const demanding = (name: string, scheme: object): Security => ({
  demands: [{ [name]: [] }],
  schemes: { [name]: scheme },
});

/** Both kinds of API take it (API Gateway guide, "x-amazon-apigateway-authtype property"). */
const SIGNATURE = {
  type: "apiKey",
  name: "Authorization",
  in: "header",
  "x-amazon-apigateway-authtype": "awsSigv4",
};

const KEY = { type: "apiKey", name: "x-api-key", in: "header" };

const token = ({ apiJwtIssuer, apiJwtAudiences }: AuthorizationSettings) => ({
  type: "oauth2",
  flows: {},
  "x-amazon-apigateway-authorizer": {
    type: "jwt",
    identitySource: "$request.header.Authorization",
    jwtConfiguration: { issuer: apiJwtIssuer, audience: apiJwtAudiences },
  },
});

const BY_AUTHORIZATION: Readonly<
  Record<Settings["apiAuthorization"], (settings: AuthorizationSettings) => Security>
> = {
  iam: () => demanding("sigv4", SIGNATURE),
  key: () => demanding("apiKey", KEY),
  jwt: (settings) => demanding("jwt", token(settings)),
  none: () => ({ demands: [], schemes: {} }),
};

export const security = (settings: AuthorizationSettings): Security =>
  BY_AUTHORIZATION[settings.apiAuthorization](settings);
