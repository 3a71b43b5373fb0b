/** What the config keys of the API take, and what they refuse: each with its value, the rule and the remedy. */
import { expect } from "chai";
import { settingsFaults } from "../../support/settings.ts";

const CERTIFICATE =
  "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f";
const PLAN = { name: "gold", requestsPerSecond: 10, burstRequests: 20 };
const plans = (...all: readonly object[]): string => JSON.stringify(all);
const list = (...all: readonly string[]): string => JSON.stringify(all);

type Values = Parameters<typeof settingsFaults>[0];

describe("the settings of the API", () => {
  const taken: readonly (readonly [string, Values])[] = [
    ["a REST API and nothing else", { api: "rest" }],
    ["an HTTP API and nothing else", { api: "http" }],
    ["the longest time-out that a REST API waits for", { api: "rest", timeoutSeconds: "29" }],
    ["the longest time-out that an HTTP API waits for", { api: "http", timeoutSeconds: "30" }],
    [
      "keys with plans",
      {
        api: "rest",
        apiAuthorization: "key",
        apiUsagePlans: plans(PLAN, {
          ...PLAN,
          name: "free",
          quotaRequests: 1000,
          quotaPeriod: "day",
        }),
      },
    ],
    [
      "tokens",
      {
        api: "http",
        apiAuthorization: "jwt",
        apiJwtIssuer: "https://login.example.com/pool",
        apiJwtAudiences: list("ledger"),
      },
    ],
    ["everybody, where that is said", { api: "rest", apiAuthorization: "none" }],
    ["any origin", { api: "rest", apiCorsOrigins: list("*") }],
    [
      "origins, with ports and of one's own machine",
      {
        api: "rest",
        apiCorsOrigins: list(
          "https://app.example.com",
          "https://app.example.com:8443",
          "http://localhost:5173",
          "http://127.0.0.1",
        ),
      },
    ],
    [
      "cookies from named origins",
      { api: "http", apiCorsOrigins: list("https://a.example"), apiCorsCredentials: "true" },
    ],
    [
      "a domain with its certificate, zone and no other way in",
      {
        api: "rest",
        apiDomainName: "api.example.com",
        apiCertificateArn: CERTIFICATE,
        apiHostedZoneId: "Z0123456789ABC",
        apiDisableExecuteApiEndpoint: "true",
      },
    ],
    [
      "limits above what an account has by default",
      { api: "rest", apiRequestsPerSecond: "50000", apiBurstRequests: "50000" },
    ],
  ];
  for (const [what, values] of taken) {
    it(`take ${what}`, () => {
      expect(settingsFaults(values)).to.deep.equal([]);
    });
  }

  const refused: readonly (readonly [string, Values, RegExp])[] = [
    [
      "an API of another kind",
      { api: "websocket" },
      /^api: "websocket"; must be one of none, http, rest; /,
    ],
    [
      "a time-out that a REST API does not wait for",
      { api: "rest", timeoutSeconds: "30" },
      /^timeoutSeconds: "30"; must not be above 29 with api rest, .*; lower it in Pulumi\.staging\.yaml$/,
    ],
    [
      "a time-out that an HTTP API does not wait for",
      { api: "http", timeoutSeconds: "31" },
      /^timeoutSeconds: "31"; must not be above 30 with api http, /,
    ],
    [
      "keys with an HTTP API",
      { api: "http", apiAuthorization: "key", apiUsagePlans: plans(PLAN) },
      /^apiAuthorization: "key"; an HTTP API knows no API keys; set api to rest, /,
    ],
    [
      "tokens with a REST API",
      {
        api: "rest",
        apiAuthorization: "jwt",
        apiJwtIssuer: "https://a.example",
        apiJwtAudiences: list("a"),
      },
      /^apiAuthorization: "jwt"; a REST API does not check tokens by itself; set api to http, /,
    ],
    [
      "tokens of nobody",
      { api: "http", apiAuthorization: "jwt", apiJwtAudiences: list("a") },
      /^apiJwtIssuer: no value; /,
    ],
    [
      "tokens for anybody",
      { api: "http", apiAuthorization: "jwt", apiJwtIssuer: "https://a.example" },
      /^apiJwtAudiences: no value; without an audience every token of the issuer would count/,
    ],
    [
      "an issuer that nothing asks",
      { api: "http", apiJwtIssuer: "https://a.example" },
      /^apiJwtIssuer: "https:\/\/a\.example"; nothing checks tokens with apiAuthorization iam; /,
    ],
    [
      "an audience that nothing asks",
      { api: "http", apiJwtAudiences: list("a") },
      /^apiJwtAudiences: \["a"\]; nothing checks tokens/,
    ],
    [
      "an issuer in the clear",
      { api: "http", apiJwtIssuer: "http://a.example" },
      /^apiJwtIssuer: .*must be the https:/,
    ],
    [
      "keys without a plan",
      { api: "rest", apiAuthorization: "key" },
      /^apiUsagePlans: no value; a key opens nothing without a plan/,
    ],
    [
      "plans without keys",
      { api: "rest", apiUsagePlans: plans(PLAN) },
      /^apiUsagePlans: \["gold"\]; plans count by API key, and apiAuthorization is iam; /,
    ],
    [
      "a plan above what all may send",
      {
        api: "rest",
        apiAuthorization: "key",
        apiUsagePlans: plans({ ...PLAN, requestsPerSecond: 61, burstRequests: 91 }),
      },
      /^apiUsagePlans "gold" requestsPerSecond: 61; must not be above apiRequestsPerSecond \(60\)/,
    ],
    [
      "a burst below the rate",
      { api: "rest", apiRequestsPerSecond: "100", apiBurstRequests: "99" },
      /^apiBurstRequests: "99"; must not be below apiRequestsPerSecond \(100\): .*; raise it in /,
    ],
    [
      "no request at all",
      { api: "rest", apiRequestsPerSecond: "0" },
      /^apiRequestsPerSecond: "0"; must be a whole number, 1 or more/,
    ],
    ...[
      "https://app.example.com/",
      "https://app.example.com/path",
      "http://app.example.com",
      "app.example.com",
      "https://*.example.com",
      "https://App.example.com",
      "null",
      "https://a.example.com' ",
    ].map(
      (origin) =>
        [
          `the origin ${origin}`,
          { api: "rest", apiCorsOrigins: list(origin) },
          /^apiCorsOrigins: .*origins as browsers send them/,
        ] as const,
    ),
    [
      "an origin beside all",
      { api: "rest", apiCorsOrigins: list("*", "https://a.example") },
      /^apiCorsOrigins: .*\* stands for every origin/,
    ],
    [
      "an origin twice",
      { api: "rest", apiCorsOrigins: list("https://a.example", "https://a.example") },
      /^apiCorsOrigins: "https:\/\/a\.example"; stands there twice; /,
    ],
    [
      "cookies from anywhere",
      { api: "http", apiCorsOrigins: list("*"), apiCorsCredentials: "true" },
      /^apiCorsCredentials: "true"; browsers take no answer with credentials for the origin \*; /,
    ],
    [
      "cookies from nowhere",
      { api: "http", apiCorsCredentials: "true" },
      /^apiCorsCredentials: "true"; no other origin may call at all; /,
    ],
    [
      "cookies with a REST API",
      { api: "rest", apiCorsOrigins: list("https://a.example"), apiCorsCredentials: "true" },
      /^apiCorsCredentials: "true"; .*only an HTTP API can allow those/,
    ],
    [
      "a domain without a certificate",
      { api: "rest", apiDomainName: "api.example.com" },
      /^apiCertificateArn: no value; api\.example\.com needs a certificate; /,
    ],
    [
      "a certificate without a domain",
      { api: "rest", apiCertificateArn: CERTIFICATE },
      /^apiCertificateArn: .*is of a domain, and there is none; set apiDomainName or remove it/,
    ],
    [
      "a certificate of another region",
      {
        api: "rest",
        apiDomainName: "api.example.com",
        apiCertificateArn: CERTIFICATE.replace("eu-central-1", "us-east-1"),
      },
      /^apiCertificateArn: .*is a certificate of us-east-1, and a regional API takes one of its own region, eu-central-1; /,
    ],
    [
      "a zone without a domain",
      { api: "rest", apiHostedZoneId: "Z0123456789ABC" },
      /^apiHostedZoneId: "Z0123456789ABC"; is of a domain/,
    ],
    [
      "no way in at all",
      { api: "rest", apiDisableExecuteApiEndpoint: "true" },
      /^apiDisableExecuteApiEndpoint: "true"; nobody could call the API any more/,
    ],
    [
      "a domain in capitals",
      { api: "rest", apiDomainName: "API.example.com", apiCertificateArn: CERTIFICATE },
      /^apiDomainName: "API\.example\.com"; must be a domain name in small letters/,
    ],
    [
      "a domain of no API",
      { apiDomainName: "api.example.com" },
      /^apiDomainName: "api\.example\.com"; is a setting of an API, and api is none; remove it from /,
    ],
    [
      "origins of no API",
      { apiCorsOrigins: list("https://a.example") },
      /^apiCorsOrigins: .*is a setting of an API, and api is none/,
    ],
  ];
  for (const [what, values, fault] of refused) {
    it(`refuse ${what}`, () => {
      const faults = settingsFaults(values);
      expect(
        faults.filter((one) => fault.test(one)),
        faults.join("\n"),
      ).to.have.length(1);
      // Key and value; rule; remedy.
      for (const one of faults) expect(one.split("; ").length, one).to.be.at.least(3);
    });
  }

  describe("of usage plans", () => {
    const withPlans = (value: string) => ({
      api: "rest",
      apiAuthorization: "key",
      apiUsagePlans: value,
    });
    for (const [what, value, fault] of [
      ["what is no list", '{"name":"gold"}', /^apiUsagePlans: .*must be a list of mappings/],
      [
        "what is no mapping",
        plans("gold" as never),
        /^apiUsagePlans\[0\]: "gold"; must be a mapping with name, /,
      ],
      [
        "a plan without a rate",
        plans({ name: "gold", burstRequests: 1 }),
        /^apiUsagePlans "gold" requestsPerSecond: no value; must be a whole number, 1 or more requests a second; add it/,
      ],
      [
        "a name that names cannot hold",
        plans({ ...PLAN, name: "Gold!" }),
        /^apiUsagePlans "Gold!" name: "Gold!"; must begin with a letter/,
      ],
      [
        "two plans of one name",
        plans(PLAN, PLAN),
        /^apiUsagePlans "gold" name: "gold"; is another plan's already; name it otherwise/,
      ],
      [
        "a burst below the rate",
        plans({ ...PLAN, burstRequests: 9 }),
        /^apiUsagePlans "gold" burstRequests: 9; must not be below requestsPerSecond \(10\); raise it/,
      ],
      [
        "a quota of no time",
        plans({ ...PLAN, quotaRequests: 5 }),
        /^apiUsagePlans "gold" quotaPeriod: no value; quotaRequests needs one of day, week, month; add it/,
      ],
      [
        "a time of no quota",
        plans({ ...PLAN, quotaPeriod: "day" }),
        /^apiUsagePlans "gold" quotaRequests: no value; /,
      ],
      [
        "a quota a year",
        plans({ ...PLAN, quotaRequests: 5, quotaPeriod: "year" }),
        /^apiUsagePlans "gold" quotaPeriod: "year"; must be one of day, week, month/,
      ],
      [
        "a key's value",
        plans({ ...PLAN, keys: ["abc"] }),
        /^apiUsagePlans "gold" keys: \["abc"\]; no such key; the keys are name, /,
      ],
    ] as const) {
      it(`refuse ${what}`, () => {
        const faults = settingsFaults(withPlans(value));
        expect(
          faults.filter((one) => fault.test(one)),
          faults.join("\n"),
        ).to.have.length(1);
      });
    }

    it("report every fault of every plan at once", () => {
      const faults = settingsFaults(
        withPlans(plans({ name: "a", burstRequests: 0 }, { name: "b", requestsPerSecond: "x" })),
      );
      expect(faults.length).to.be.at.least(4);
    });
  });
});
