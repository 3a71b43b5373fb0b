/**
 * The option `api`: an API in front of the function. docs/growth.md#api.
 * Put here: its config keys, what contradicts what, and what it adds to the tables. Its resources are in
 * infra/api.ts and the folder beside it.
 */
import { apiAlarms } from "../api/alarms.ts";
import { apiChanges, apiOperatorRights, apiReads } from "../api/rights.ts";
import { readUsagePlans, type UsagePlan } from "../api/usage-plans.ts";
import type { Settings } from "../settings/parse.ts";
import { flag, integer, list, oneOf, optional, structured, text } from "../settings/rules.ts";
import type { Rule } from "../settings/rules.ts";
import type { Option } from "./option.ts";

/** As browsers send it in `Origin`: scheme, host and port, nothing behind. Plain HTTP on one's own machine alone. */
const ORIGIN =
  /^(?:\*|https:\/\/[a-z0-9.-]+(?::\d{1,5})?|http:\/\/(?:localhost|127\.0\.0\.1)(?::\d{1,5})?)$/;
const MOST_ORIGINS = 20;

const DOMAIN =
  /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
const CERTIFICATE =
  /^arn:aws[a-z-]*:acm:([a-z0-9-]+):\d{12}:certificate\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The account has limits of its own, by default 10,000 a second and 5,000 at once for all its APIs of a region. */
const UNBOUNDED = Number.MAX_SAFE_INTEGER;

const USAGE_PLANS =
  "must be a list of mappings such as {name: gold, requestsPerSecond: 20, burstRequests: 40}";
const usagePlans: Rule<readonly UsagePlan[]> = structured(USAGE_PLANS, (value) =>
  readUsagePlans(value, USAGE_PLANS),
);

export const API_RULES = {
  api: oneOf(["none", "http", "rest"]),
  apiAuthorization: oneOf(["iam", "key", "jwt", "none"]),
  apiJwtIssuer: optional(
    text(/^https:\/\/[^\s?#]+$/, "must be the https:// address that tokens name as iss"),
  ),
  apiJwtAudiences: list(/^\S{1,256}$/, 50, "must be a list of what tokens name as aud"),
  apiUsagePlans: usagePlans,
  apiCorsOrigins: list(
    ORIGIN,
    MOST_ORIGINS,
    `must be a list of at most ${MOST_ORIGINS} origins as browsers send them, such as https://app.example.com without a path or a slash at the end, or *`,
  ),
  apiCorsCredentials: flag,
  apiRequestsPerSecond: integer(1, UNBOUNDED, "requests a second"),
  apiBurstRequests: integer(1, UNBOUNDED, "requests"),
  apiAccessLogs: flag,
  apiDetailedMetrics: flag,
  apiDomainName: optional(
    text(DOMAIN, "must be a domain name in small letters, such as api.example.com"),
  ),
  apiCertificateArn: optional(
    text(CERTIFICATE, "must be the ARN of a certificate of AWS Certificate Manager"),
  ),
  apiHostedZoneId: optional(
    text(
      /^Z[A-Z0-9]{1,31}$/,
      "must be the id of a hosted zone of Route 53, such as Z0123456789ABC",
    ),
  ),
  apiDisableExecuteApiEndpoint: flag,
} as const satisfies Readonly<Record<string, Rule<unknown>>>;

/** How long API Gateway waits for the function, in seconds (API Gateway quotas, "Integration timeout"), and its answer then. */
const WAITS = {
  rest: { seconds: 29, status: 504 },
  http: { seconds: 30, status: 503 },
} as const;

export const api: Option = {
  faults: (settings, environment) => {
    const { api } = settings;
    if (api === undefined) return [];
    const file = `Pulumi.${environment}.yaml`;
    return api === "none" ? idle(settings, file) : faultsOf(settings, api, file);
  },
  deployRights: (location, settings) =>
    settings.api === "none"
      ? { change: [], read: [] }
      : { change: apiChanges(location, settings), read: apiReads(location, settings) },
  roleRights: (location, settings) =>
    settings.api === "none" ? {} : { operator: apiOperatorRights(location, settings) },
  alarms: (settings) => apiAlarms(settings),
  // An HTTP API answers browsers itself; a REST API passes the handler's own headers on.
  environment: ({ api, apiCorsOrigins }) =>
    api === "rest" && apiCorsOrigins.length > 0 ? { CORS_ORIGINS: apiCorsOrigins.join(",") } : {},
};

/** Keys that say something about an API while there is none. Those with a default of their own may stay. */
function idle(settings: Partial<Settings>, file: string): readonly string[] {
  const { apiUsagePlans = [], apiCorsOrigins = [], apiJwtAudiences = [] } = settings;
  const set = {
    ...(apiUsagePlans.length > 0 && { apiUsagePlans: apiUsagePlans.map(({ name }) => name) }),
    ...(apiCorsOrigins.length > 0 && { apiCorsOrigins }),
    ...(apiJwtAudiences.length > 0 && { apiJwtAudiences }),
    apiJwtIssuer: settings.apiJwtIssuer,
    apiDomainName: settings.apiDomainName,
    apiCertificateArn: settings.apiCertificateArn,
    apiHostedZoneId: settings.apiHostedZoneId,
  };
  return Object.entries(set).flatMap(([key, value]) =>
    value === undefined
      ? []
      : [
          `${key}: ${JSON.stringify(value)}; is a setting of an API, and api is none; remove it from ${file} or set api to rest or http`,
        ],
  );
}

const faultsOf = (
  settings: Partial<Settings>,
  api: "http" | "rest",
  file: string,
): readonly string[] => [
  ...timeoutFaults(settings, api, file),
  ...authorizationFaults(settings, api, file),
  ...corsFaults(settings, api, file),
  ...throttleFaults(settings, file),
  ...domainFaults(settings, file),
];

function timeoutFaults(
  { timeoutSeconds }: Partial<Settings>,
  api: "http" | "rest",
  file: string,
): readonly string[] {
  const { seconds: longest, status } = WAITS[api];
  return timeoutSeconds === undefined || timeoutSeconds <= longest
    ? []
    : [
        `timeoutSeconds: "${timeoutSeconds}"; must not be above ${longest} with api ${api}, which answers ${status} by then while the function still works; lower it in ${file}`,
      ];
}

function authorizationFaults(
  settings: Partial<Settings>,
  api: "http" | "rest",
  file: string,
): readonly string[] {
  const { apiAuthorization, apiJwtIssuer, apiJwtAudiences = [], apiUsagePlans = [] } = settings;
  const faults: string[] = [];
  if (apiAuthorization === undefined) return faults;
  if (apiAuthorization === "key" && api === "http") {
    faults.push(
      `apiAuthorization: "key"; an HTTP API knows no API keys; set api to rest, or apiAuthorization to iam or jwt in ${file}`,
    );
  }
  if (apiAuthorization === "jwt" && api === "rest") {
    faults.push(
      `apiAuthorization: "jwt"; a REST API does not check tokens by itself; set api to http, or apiAuthorization to iam or key in ${file}`,
    );
  }
  if (apiAuthorization === "jwt") {
    if (apiJwtIssuer === undefined) {
      faults.push(
        `apiJwtIssuer: no value; apiAuthorization jwt needs the issuer whose tokens count; add it to ${file}`,
      );
    }
    if (apiJwtAudiences.length === 0) {
      faults.push(
        `apiJwtAudiences: no value; without an audience every token of the issuer would count, those for other services too; add it to ${file}`,
      );
    }
  } else if (apiJwtIssuer !== undefined || apiJwtAudiences.length > 0) {
    const [key, value] =
      apiJwtIssuer === undefined
        ? ["apiJwtAudiences", apiJwtAudiences]
        : ["apiJwtIssuer", apiJwtIssuer];
    faults.push(
      `${key}: ${JSON.stringify(value)}; nothing checks tokens with apiAuthorization ${apiAuthorization}; set that to jwt or remove it from ${file}`,
    );
  }
  if (apiAuthorization === "key" && apiUsagePlans.length === 0) {
    faults.push(
      `apiUsagePlans: no value; a key opens nothing without a plan that it belongs to; add one to ${file}, such as [{name: standard, requestsPerSecond: 20, burstRequests: 40}]`,
    );
  }
  if (apiAuthorization !== "key" && apiUsagePlans.length > 0) {
    faults.push(
      `apiUsagePlans: ${JSON.stringify(apiUsagePlans.map(({ name }) => name))}; plans count by API key, and apiAuthorization is ${apiAuthorization}; set that to key or remove them from ${file}`,
    );
  }
  return faults;
}

function corsFaults(
  { apiCorsOrigins = [], apiCorsCredentials = false }: Partial<Settings>,
  api: "http" | "rest",
  file: string,
): readonly string[] {
  const any = apiCorsOrigins.includes("*");
  const faults: string[] = [];
  if (any && apiCorsOrigins.length > 1) {
    faults.push(
      `apiCorsOrigins: ${JSON.stringify(apiCorsOrigins)}; * stands for every origin, so the others say nothing; remove one or the other from ${file}`,
    );
  }
  const twice = apiCorsOrigins.find((origin, index) => apiCorsOrigins.indexOf(origin) !== index);
  if (twice !== undefined) {
    faults.push(
      `apiCorsOrigins: "${twice}"; stands there twice; remove one of the two from ${file}`,
    );
  }
  if (!apiCorsCredentials) return faults;
  if (api === "rest") {
    faults.push(
      `apiCorsCredentials: "true"; signatures, keys and tokens are headers, not the browser's own credentials, and only an HTTP API can allow those here; remove it from ${file} or set api to http`,
    );
  } else if (any) {
    faults.push(
      `apiCorsCredentials: "true"; browsers take no answer with credentials for the origin *; name the origins in ${file}`,
    );
  } else if (apiCorsOrigins.length === 0) {
    faults.push(
      `apiCorsCredentials: "true"; no other origin may call at all; name it in apiCorsOrigins in ${file} or remove the key`,
    );
  }
  return faults;
}

/** A bucket that holds less than one second brings refuses what the rate allows as soon as two requests meet. */
function throttleFaults(
  { apiRequestsPerSecond, apiBurstRequests, apiUsagePlans = [] }: Partial<Settings>,
  file: string,
): readonly string[] {
  if (apiRequestsPerSecond === undefined || apiBurstRequests === undefined) return [];
  return [
    ...(apiBurstRequests < apiRequestsPerSecond
      ? [
          `apiBurstRequests: "${apiBurstRequests}"; must not be below apiRequestsPerSecond (${apiRequestsPerSecond}): requests that come within the same moment would be refused though the second has room; raise it in ${file}`,
        ]
      : []),
    ...apiUsagePlans.flatMap(({ name, requestsPerSecond, burstRequests }) => [
      ...(requestsPerSecond > apiRequestsPerSecond
        ? [
            `apiUsagePlans "${name}" requestsPerSecond: ${requestsPerSecond}; must not be above apiRequestsPerSecond (${apiRequestsPerSecond}), which holds for all callers together; lower it in ${file}`,
          ]
        : []),
      ...(burstRequests > apiBurstRequests
        ? [
            `apiUsagePlans "${name}" burstRequests: ${burstRequests}; must not be above apiBurstRequests (${apiBurstRequests}), which holds for all callers together; lower it in ${file}`,
          ]
        : []),
    ]),
  ];
}

function domainFaults(settings: Partial<Settings>, file: string): readonly string[] {
  const { apiDomainName, apiCertificateArn, apiHostedZoneId, region } = settings;
  const faults: string[] = [];
  if (apiDomainName !== undefined && apiCertificateArn === undefined) {
    faults.push(
      `apiCertificateArn: no value; ${apiDomainName} needs a certificate; add it to ${file}`,
    );
  }
  if (apiDomainName === undefined) {
    for (const [key, value] of Object.entries({
      apiCertificateArn,
      apiHostedZoneId,
      apiDisableExecuteApiEndpoint: settings.apiDisableExecuteApiEndpoint === true || undefined,
    })) {
      if (value === undefined) continue;
      faults.push(
        `${key}: ${JSON.stringify(String(value))}; ${key === "apiDisableExecuteApiEndpoint" ? "nobody could call the API any more without a domain of its own" : "is of a domain, and there is none"}; set apiDomainName or remove it from ${file}`,
      );
    }
  }
  const of = apiCertificateArn === undefined ? undefined : CERTIFICATE.exec(apiCertificateArn)?.[1];
  if (of !== undefined && region !== undefined && of !== region) {
    faults.push(
      `apiCertificateArn: "${apiCertificateArn}"; is a certificate of ${of}, and a regional API takes one of its own region, ${region}; request it there and name it in ${file}`,
    );
  }
  return faults;
}
