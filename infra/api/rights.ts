/**
 * What the API adds to the roles. Pure.
 *
 * ARNs of API Gateway name no account, and the ids in them are drawn. So APIs and usage plans are told apart by the
 * stack's tags: what is made must carry them, and what is changed or read must have them. In a REST API its parts
 * count as tagged like the API (API Gateway guide, "API Gateway resources that can be tagged"); an HTTP API has one
 * part that is made by itself, the stage, which carries tags of its own.
 */
import { type AwsLocation, iamArn, lambdaArn, logGroupArn, logGroupArns } from "../arns.ts";
import {
  allow,
  ANY,
  deny,
  of,
  type PolicyDocument,
  policy,
  type Statement,
} from "../identity/document.ts";
import { taggedAs } from "../identity/targets.ts";
import * as names from "../names.ts";
import { hasKey } from "../options/encryption.ts";
import type { Settings } from "../settings/parse.ts";

const gateway = ({ partition, region }: AwsLocation, path: string): string =>
  `arn:${partition}:apigateway:${region}::${path}`;

const verbs = (...all: readonly string[]) => of("apigateway", ...all);

/** Statements with something to speak of. */
const where = (present: boolean, ...statements: readonly Statement[]): readonly Statement[] =>
  present ? statements : [];

/** What API Gateway's rights of one stack speak of. */
function targets(location: AwsLocation, settings: Settings) {
  const { apiDomainName: domain, apiHostedZoneId: zone } = settings;
  const on = (path: string): string => gateway(location, path);
  const lambda = lambdaArn(location, names.functionName(settings));
  const isRest = settings.api === "rest";
  return {
    isRest,
    hasPlans: isRest && settings.apiUsagePlans.length > 0,
    on,
    /** The API and everything below it. */
    api: [on(isRest ? "/restapis/*" : "/apis/*")],
    domain: domain === undefined ? [] : [on(`/domainnames/${domain}`)],
    record: domain === undefined || zone === undefined ? undefined : { domain, zone },
    /** With a qualifier Lambda compares the ARN of the alias, and its reference names the function's. */
    alias: [lambda, `${lambda}:${names.ALIAS_NAME}`],
    own: taggedAs(settings, "ResourceTag"),
  };
}

/** What the deploy role changes. */
export function apiChanges(location: AwsLocation, settings: Settings): readonly Statement[] {
  const { isRest, hasPlans, on, api, domain, record, alias, own } = targets(location, settings);
  return [
    allow(
      "MakeApi",
      verbs("POST"),
      [
        ...(isRest ? [on("/restapis")] : [on("/apis"), on("/apis/*/stages")]),
        ...(hasPlans ? [on("/usageplans")] : []),
        ...(domain.length > 0 ? [on("/domainnames")] : []),
      ],
      taggedAs(settings, "RequestTag"),
    ),
    // Deployments and stages of a REST API are made below it.
    allow("ChangeApi", verbs("DELETE", "PATCH", "PUT", ...(isRest ? ["POST"] : [])), api, own),
    // No POST: that puts keys into a plan.
    ...where(hasPlans, allow("ChangePlans", verbs("DELETE", "PATCH"), [on("/usageplans/*")], own)),
    // A tag is a resource of its own here, whose name holds the ARN of what it is on. Of REST APIs, a change of tags is
    // also judged as PATCH of what has them.
    allow(
      "TagApi",
      // Version 2 of API Gateway's API, of HTTP APIs and domains, tags otherwise than version 1.
      verbs(
        "DELETE",
        ...(!isRest || domain.length > 0 ? ["POST"] : []),
        ...(isRest ? ["PUT"] : []),
      ),
      [on("/tags/*")],
    ),
    ...where(
      domain.length > 0,
      allow("ChangeDomain", verbs("DELETE", "PATCH", "POST"), below(domain)),
    ),
    ...(record ? recordRights(location, record.zone, record.domain) : []),
    // Who may call: API Gateway alone, and no other service or account.
    allow("AdmitApi", of("lambda", "AddPermission", "RemovePermission"), alias, {
      StringEquals: { "lambda:Principal": "apigateway.amazonaws.com" },
    }),
    ...where(settings.apiAccessLogs, ...logRights(location, settings)),
  ];
}

/**
 * The service-linked role by which API Gateway uses certificates; one an account (API Gateway guide, "Using
 * service-linked roles for API Gateway").
 */
export const DOMAIN_SERVICE = "ops.apigateway.amazonaws.com";
export const DOMAIN_ROLE_NAME = "AWSServiceRoleForAPIGateway";
const DOMAIN_ROLE = `role/aws-service-role/${DOMAIN_SERVICE}/${DOMAIN_ROLE_NAME}`;

const below = (arns: readonly string[]): readonly string[] =>
  arns.flatMap((arn) => [arn, `${arn}/*`]);

/** What a plan reads: no key of a customer's. */
export function apiReads(location: AwsLocation, settings: Settings): readonly Statement[] {
  const { isRest, hasPlans, on, api, domain, record, alias, own } = targets(location, settings);
  const { apiAccessLogs } = settings;
  return [
    allow("ReadApi", verbs("GET"), [...api, ...(hasPlans ? [on("/usageplans/*")] : [])], own),
    // A plan's keys are listed with their values.
    ...where(
      hasPlans,
      deny("NoApiKeys", verbs("GET"), [on("/usageplans/*/keys"), on("/usageplans/*/keys/*")]),
    ),
    ...where(
      domain.length > 0,
      allow("ReadDomain", verbs("GET"), below(domain)),
      allow("ReadDomainRole", of("iam", "GetRole"), [iamArn(location, DOMAIN_ROLE)]),
    ),
    ...(record
      ? [
          allow("ReadRecord", of("route53", "GetHostedZone", "ListResourceRecordSets"), [
            zoneArn(location, record.zone),
          ]),
        ]
      : []),
    allow("ReadAdmission", of("lambda", "GetPolicy"), alias),
    // Whether a REST API may write its access log at all.
    ...where(isRest && apiAccessLogs, allow("ReadLoggingRole", verbs("GET"), [on("/account")])),
    ...where(
      hasLogsPolicy(settings),
      allow("ReadLogsPolicy", of("logs", "DescribeResourcePolicies"), ANY),
    ),
    ...where(
      apiAccessLogs,
      allow("ApiLogTags", of("logs", "ListTagsForResource"), [
        logGroupArn(location, names.apiLogGroupName(settings)),
      ]),
    ),
  ];
}

const zoneArn = ({ partition }: AwsLocation, zone: string): string =>
  `arn:${partition}:route53:::hostedzone/${zone}`;

/** The record of this name and type in the zone, and no other. */
const recordRights = (
  location: AwsLocation,
  zone: string,
  domain: string,
): readonly Statement[] => [
  allow("ChangeRecord", of("route53", "ChangeResourceRecordSets"), [zoneArn(location, zone)], {
    "ForAllValues:StringEquals": {
      "route53:ChangeResourceRecordSetsNormalizedRecordNames": [domain],
      "route53:ChangeResourceRecordSetsRecordTypes": ["A"],
    },
  }),
  allow("AwaitRecord", of("route53", "GetChange"), [
    `arn:${location.partition}:route53:::change/*`,
  ]),
];

function logRights(location: AwsLocation, settings: Settings): readonly Statement[] {
  const group = names.apiLogGroupName(settings);
  return [
    allow(
      "ApiLogs",
      of(
        "logs",
        "CreateLogGroup",
        "DeleteLogGroup",
        "PutRetentionPolicy",
        ...(hasKey(settings) ? ["AssociateKmsKey", "DisassociateKmsKey"] : []),
      ),
      logGroupArns(location, group),
    ),
    allow("TagApiLogs", of("logs", "TagResource", "UntagResource"), [logGroupArn(location, group)]),
    // An HTTP API's stage delivers its log by vended logs, for which IAM knows no resource (API Gateway guide,
    // "Configure logging for HTTP APIs"). The policy that lets them write is an administrator's: see apiLogsPolicy.
    ...where(
      settings.api === "http",
      allow(
        "DeliverApiLogs",
        of(
          "logs",
          "CreateLogDelivery",
          "DeleteLogDelivery",
          "GetLogDelivery",
          "ListLogDeliveries",
          "UpdateLogDelivery",
        ),
        ANY,
      ),
    ),
  ];
}

/** Whether vended logs have to be let into the access log. */
export const hasLogsPolicy = ({ api, apiAccessLogs }: Settings): boolean =>
  api === "http" && apiAccessLogs;

/**
 * Lets vended logs write the access log, and nothing else. AWS would make such a policy by itself for whoever sets up
 * the first delivery and may write any policy of the account's logs (CloudWatch Logs guide, "Logs sent to CloudWatch
 * Logs"); a pipeline may not, for by such a policy logs could be read from outside.
 */
export const apiLogsPolicy = (location: AwsLocation, settings: Settings): PolicyDocument =>
  policy({
    ...allow("DeliverLogs", of("logs", "CreateLogStream", "PutLogEvents"), [
      `${logGroupArn(location, names.apiLogGroupName(settings))}:log-stream:*`,
    ]),
    Principal: { Service: "delivery.logs.amazonaws.com" },
    Condition: {
      StringEquals: { "aws:SourceAccount": location.accountId },
      ArnLike: {
        "aws:SourceArn": `arn:${location.partition}:logs:${location.region}:${location.accountId}:*`,
      },
    },
  });

/** What people ask of the access log. */
export const apiOperatorRights = (
  location: AwsLocation,
  settings: Settings,
): readonly Statement[] =>
  where(
    settings.apiAccessLogs,
    allow(
      "ReadApiLogs",
      of("logs", "FilterLogEvents", "GetQueryResults", "StartQuery"),
      logGroupArns(location, names.apiLogGroupName(settings)),
    ),
  );
