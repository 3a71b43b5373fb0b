import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../settings/parse.ts";

/** A domain of the API's own, and its record where config names a hosted zone; nothing where it names no domain. */
export function makeDomain(
  { apiDomainName, apiCertificateArn, apiHostedZoneId }: Settings,
  apiId: pulumi.Input<string>,
  stage: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): void {
  if (apiDomainName === undefined || apiCertificateArn === undefined) return;
  const domain = new aws.apigatewayv2.DomainName(
    "api-domain",
    {
      domainName: apiDomainName,
      domainNameConfiguration: {
        certificateArn: apiCertificateArn,
        endpointType: "REGIONAL",
        securityPolicy: "TLS_1_2",
      },
    },
    opts,
  );
  // Version 2 maps both kinds of API (API Gateway guide, "Map API stages to a custom domain name for REST APIs").
  new aws.apigatewayv2.ApiMapping(
    "api-mapping",
    { apiId, stage, domainName: domain.domainName },
    opts,
  );
  if (apiHostedZoneId === undefined) return;
  new aws.route53.Record(
    "api-record",
    {
      zoneId: apiHostedZoneId,
      name: apiDomainName,
      type: "A",
      aliases: [
        {
          name: domain.domainNameConfiguration.targetDomainName,
          zoneId: domain.domainNameConfiguration.hostedZoneId,
          // It fails only when API Gateway itself is down.
          evaluateTargetHealth: false,
        },
      ],
    },
    opts,
  );
}
