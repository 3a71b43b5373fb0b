/** Rows and attacks of the API in front of the function. */
import * as names from "../../../../infra/names.ts";
import type { Scope } from "../../../../infra/names.ts";
import type { Call, Context } from "../support/evaluator.ts";
import type { Program, RoleKey } from "../support/program.ts";
import {
  arn,
  globalArn,
  type Inputs,
  logGroupArns,
  on,
  type RowTable,
  text,
} from "../support/rows.ts";

/** As API Gateway forms them: a region and no account (API Gateway guide, "ARN reference"). The ids are drawn. */
const gateway = ({ location }: Pick<Program, "location">, path: string): string =>
  `arn:${location.partition}:apigateway:${location.region}::${path}`;

const API = "0a1b2c3d4e";
const restApi = (program: Program, path = "") => gateway(program, `/restapis/${API}${path}`);
const httpApi = (program: Program, path = "") => gateway(program, `/apis/${API}${path}`);
const stageOf = (program: Program) => restApi(program, "/stages/live");
const plan = (program: Program, path = "") => gateway(program, `/usageplans/f5e4d3${path}`);

/** The tags of something are a resource whose name holds its ARN. */
const tagsOf = (program: Program, resource: string): string =>
  gateway(program, `/tags/${encodeURIComponent(resource)}`);

const tags = ({ serviceName, environment }: Scope, source: "RequestTag" | "ResourceTag") => ({
  [`aws:${source}/service`]: serviceName,
  [`aws:${source}/environment`]: environment,
});
const made = ({ scope }: Program): Context => tags(scope, "RequestTag");
const own = ({ scope }: Program): Context => tags(scope, "ResourceTag");

const GET = "apigateway:GET";
const POST = "apigateway:POST";
const PUT = "apigateway:PUT";
const PATCH = "apigateway:PATCH";
const DELETE = "apigateway:DELETE";

/** What a change of tags asks for in version 1 of the API beside the change of what has them. */
const tagging = (program: Program, resource: string) =>
  on(tagsOf(program, resource), { create: PUT, update: `${PUT} ${DELETE}` });
/** In version 2 they are added otherwise. */
const taggingV2 = (program: Program, resource: string) =>
  on(tagsOf(program, resource), { create: POST, update: `${POST} ${DELETE}` });

const isDelivered = (inputs: Inputs): boolean => inputs["accessLogSettings"] !== undefined;

export const API_CALLS: RowTable = {
  "aws:apigateway/restApi:RestApi": (_inputs, program) => [
    ...on(gateway(program, "/restapis"), { create: POST }, made(program)),
    // A body is put once it is there, and at every change of it.
    ...on(
      restApi(program),
      { create: PUT, read: GET, update: `${PATCH} ${PUT}`, delete: DELETE },
      own(program),
    ),
    ...on(restApi(program, "/resources"), { read: GET }, own(program)),
    ...tagging(program, restApi(program)),
  ],
  "aws:apigateway/deployment:Deployment": (_inputs, program) => [
    ...on(restApi(program, "/deployments"), { create: POST }, own(program)),
    ...on(
      restApi(program, "/deployments/a1b2c3"),
      { read: GET, update: PATCH, delete: DELETE },
      own(program),
    ),
  ],
  "aws:apigateway/stage:Stage": (_inputs, program) => [
    ...on(restApi(program, "/stages"), { create: POST }, { ...own(program), ...made(program) }),
    ...on(
      stageOf(program),
      { create: PATCH, read: GET, update: PATCH, delete: DELETE },
      own(program),
    ),
    ...tagging(program, stageOf(program)),
  ],
  "aws:apigateway/methodSettings:MethodSettings": (_inputs, program) =>
    on(stageOf(program), { create: PATCH, read: GET, update: PATCH, delete: PATCH }, own(program)),
  "aws:apigateway/usagePlan:UsagePlan": (_inputs, program) => [
    ...on(gateway(program, "/usageplans"), { create: POST }, made(program)),
    ...on(plan(program), { read: GET, update: PATCH, delete: `${PATCH} ${DELETE}` }, own(program)),
    ...tagging(program, plan(program)),
  ],
  "aws:apigatewayv2/api:Api": (_inputs, program) => [
    ...on(gateway(program, "/apis"), { create: POST }, made(program)),
    ...on(
      httpApi(program),
      { create: PUT, read: GET, update: `${PATCH} ${PUT}`, delete: DELETE },
      own(program),
    ),
    ...taggingV2(program, httpApi(program)),
  ],
  "aws:apigatewayv2/stage:Stage": (inputs, program) => [
    // The stage's own tags are all that can be compared: parts of an HTTP API do not count as tagged like the API.
    ...on(httpApi(program, "/stages"), { create: POST }, made(program)),
    ...on(
      httpApi(program, "/stages/$default"),
      { read: GET, update: PATCH, delete: DELETE },
      own(program),
    ),
    ...on(httpApi(program), { read: GET }, own(program)),
    ...taggingV2(program, httpApi(program, "/stages/$default")),
    // What whoever logs to CloudWatch needs (API Gateway guide, "Configure logging for HTTP APIs").
    ...(isDelivered(inputs)
      ? on("*", {
          create: "logs:CreateLogDelivery logs:ListLogDeliveries",
          update: "logs:GetLogDelivery logs:UpdateLogDelivery",
          delete: "logs:DeleteLogDelivery",
        })
      : []),
  ],
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": () =>
    on("*", {
      create: "logs:PutResourcePolicy",
      read: "logs:DescribeResourcePolicies",
      update: "logs:PutResourcePolicy",
      delete: "logs:DeleteResourcePolicy",
    }),
  "aws:apigatewayv2/domainName:DomainName": (inputs, program) => {
    const domain = gateway(program, `/domainnames/${text(inputs, "domainName")}`);
    return [
      ...on(gateway(program, "/domainnames"), { create: POST }, made(program)),
      ...on(domain, { read: GET, update: PATCH, delete: DELETE }),
      ...taggingV2(program, domain),
    ];
  },
  "aws:apigatewayv2/apiMapping:ApiMapping": (inputs, program) => {
    const mappings = gateway(program, `/domainnames/${text(inputs, "domainName")}/apimappings`);
    return [
      ...on(mappings, { create: POST }),
      ...on(`${mappings}/a1b2c3`, { read: GET, update: PATCH, delete: DELETE }),
    ];
  },
  "aws:route53/record:Record": (inputs, program) => {
    const { partition } = program.location;
    const zone = `arn:${partition}:route53:::hostedzone/${text(inputs, "zoneId")}`;
    const change = "route53:ChangeResourceRecordSets";
    return [
      ...on(
        zone,
        { create: change, update: change, delete: change },
        {
          "route53:ChangeResourceRecordSetsNormalizedRecordNames": [text(inputs, "name")],
          "route53:ChangeResourceRecordSetsRecordTypes": [text(inputs, "type")],
        },
      ),
      ...on(`arn:${partition}:route53:::change/C0123456789`, { create: "route53:GetChange" }),
      ...on(zone, { read: "route53:GetHostedZone route53:ListResourceRecordSets" }),
    ];
  },
  "aws:lambda/permission:Permission": (inputs, program) => {
    const lambda = arn(program, "lambda", `function:${text(inputs, "function")}`);
    const principal = { "lambda:Principal": text(inputs, "principal") };
    // With a qualifier Lambda compares the ARN of the alias, and its reference names the function's.
    return [lambda, `${lambda}:${text(inputs, "qualifier")}`].flatMap((resource) => [
      ...on(
        resource,
        {
          create: "lambda:AddPermission",
          update: "lambda:AddPermission lambda:RemovePermission",
          delete: "lambda:RemovePermission",
        },
        principal,
      ),
      ...on(resource, { read: "lambda:GetPolicy" }),
    ]);
  },
};

interface ApiCommandCall extends Call {
  readonly by: string;
  readonly roles: readonly RoleKey[];
}

/** What people and the doctor ask about the API and its log. */
export function apiCommandCalls(program: Program): readonly ApiCommandCall[] {
  if (!program.resources.some(({ type }) => type === "aws:lambda/permission:Permission")) return [];
  const lambda = arn(program, "lambda", `function:${names.functionName(program.scope)}`);
  const name = names.apiLogGroupName(program.scope);
  const logs = program.resources.some(({ inputs }) => inputs["name"] === name);
  const rest = program.resources.some(({ type }) => type === "aws:apigateway/restApi:RestApi");
  return [
    {
      by: "doctor",
      roles: ["operator", "preview"],
      action: "lambda:GetPolicy",
      resource: `${lambda}:live`,
    },
    ...(logs ? logGroupArns(program, name).calls : []).flatMap((resource) =>
      ["logs:FilterLogEvents", "logs:StartQuery", "logs:GetQueryResults"].map((action) => ({
        by: "access logs",
        roles: ["operator"] as const,
        action,
        resource,
      })),
    ),
    ...(rest && logs
      ? [
          {
            by: "doctor",
            roles: ["operator", "preview"] as const,
            action: GET,
            resource: gateway(program, "/account"),
          },
        ]
      : []),
    ...(program.resources.some(({ type }) => type === "aws:apigatewayv2/domainName:DomainName")
      ? [
          {
            by: "doctor",
            roles: ["operator", "preview"] as const,
            action: "iam:GetRole",
            resource: globalArn(
              program,
              "iam",
              "role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway",
            ),
          },
        ]
      : []),
  ];
}

/** What CI and people could try by the rights of this option. `other` is the service's other environment. */
export function apiAttacks(
  program: Program,
  other: Scope,
): readonly (Call & { readonly attack: string; readonly role: RoleKey })[] {
  const { scope, location } = program;
  const ci = (attack: string, action: string, resource: string, context?: Context) => ({
    role: "deploy" as const,
    attack,
    action,
    resource,
    ...(context && { context }),
  });
  const reader = (attack: string, resource: string, context?: Context) =>
    (["deploy", "preview", "operator"] as const).map((role) => ({
      ...ci(attack, GET, resource, context),
      role,
    }));
  const lambda = arn(program, "lambda", `function:${names.functionName(scope)}`);
  const zone = `arn:${location.partition}:route53:::hostedzone/Z0123456789ABC`;
  const record = (name: string, type: string): Context => ({
    "route53:ChangeResourceRecordSetsNormalizedRecordNames": [name],
    "route53:ChangeResourceRecordSetsRecordTypes": [type],
  });
  const foreign: readonly (readonly [string, Scope])[] = [
    ["the other environment's", other],
    ["another service's", { ...scope, serviceName: "payroll" }],
  ];
  return [
    ...foreign.flatMap(([whose, theirs]) => {
      const tagged = tags(theirs, "ResourceTag");
      return [
        ...[DELETE, PATCH, PUT].flatMap((action) => [
          ci(`change ${whose} REST API`, action, restApi(program), tagged),
          ci(`change ${whose} HTTP API`, action, httpApi(program), tagged),
        ]),
        ci(`deploy ${whose} API`, POST, restApi(program, "/deployments"), tagged),
        ci(`lift ${whose} limits`, PATCH, stageOf(program), tagged),
        ci(`change ${whose} plan`, PATCH, plan(program), tagged),
        ...reader(`read ${whose} API`, restApi(program), tagged),
        ...reader(`read ${whose} API`, httpApi(program), tagged),
        ...reader(`read ${whose} plan`, plan(program), tagged),
        ...["/restapis", "/usageplans", "/apis", "/domainnames"].map((path) =>
          ci(
            `make something as ${whose}`,
            POST,
            gateway(program, path),
            tags(theirs, "RequestTag"),
          ),
        ),
      ];
    }),
    ...["service", "environment"].flatMap((tag) => [
      ci(`change an API with a foreign tag ${tag}`, PATCH, restApi(program), {
        ...own(program),
        [`aws:ResourceTag/${tag}`]: "somebody-else",
      }),
      ci(`change an HTTP API with a foreign tag ${tag}`, PATCH, httpApi(program), {
        ...own(program),
        [`aws:ResourceTag/${tag}`]: "somebody-else",
      }),
      ...reader(`read an API with a foreign tag ${tag}`, restApi(program), {
        ...own(program),
        [`aws:ResourceTag/${tag}`]: "somebody-else",
      }),
      ...reader(`read an HTTP API with a foreign tag ${tag}`, httpApi(program), {
        ...own(program),
        [`aws:ResourceTag/${tag}`]: "somebody-else",
      }),
      ...["/restapis", "/apis"].map((path) =>
        ci(`make an API with a foreign tag ${tag}`, POST, gateway(program, path), {
          ...made(program),
          [`aws:RequestTag/${tag}`]: "somebody-else",
        }),
      ),
    ]),
    ci("take over the account's logging role", PATCH, gateway(program, "/account")),
    ci("make itself a key", POST, gateway(program, "/apikeys"), made(program)),
    ci("put a key of its own into the plan", POST, plan(program, "/keys"), own(program)),
    ...reader("read the keys of all customers", gateway(program, "/apikeys")),
    ...reader("read a customer's key", gateway(program, "/apikeys/a1b2c3"), own(program)),
    ...reader("read the plan's keys with their values", plan(program, "/keys"), own(program)),
    ...reader("read one of the plan's keys", plan(program, "/keys/a1b2c3"), own(program)),
    ci("let everybody in by a resource policy", "apigateway:UpdateRestApiPolicy", restApi(program)),
    ci(
      "make AWS's role for domains",
      "iam:CreateServiceLinkedRole",
      globalArn(
        program,
        "iam",
        "role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway",
      ),
      { "iam:AWSServiceName": "ops.apigateway.amazonaws.com" },
    ),
    ci("take somebody's domain", PATCH, gateway(program, "/domainnames/shop.example.com")),
    ci(
      "send somebody's domain here",
      POST,
      gateway(program, "/domainnames/shop.example.com/apimappings"),
    ),
    ci(
      "take another name of the zone",
      "route53:ChangeResourceRecordSets",
      zone,
      record("www.example.com", "A"),
    ),
    ci(
      "take the domain's mail",
      "route53:ChangeResourceRecordSets",
      zone,
      record("api.example.com", "MX"),
    ),
    ...[lambda, `${lambda}:live`].flatMap((resource) =>
      ["s3.amazonaws.com", "999999999999", "*"].map((principal) =>
        ci(`let ${principal} call the function`, "lambda:AddPermission", resource, {
          "lambda:Principal": principal,
        }),
      ),
    ),
    ci(
      "let the gateway call what no release has judged",
      "lambda:AddPermission",
      `${lambda}:$LATEST`,
      { "lambda:Principal": "apigateway.amazonaws.com" },
    ),
  ];
}
