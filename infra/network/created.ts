import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import type { AwsLocation } from "../arns.ts";
import { metricName } from "../names.ts";
import type { VpcConfig } from "../network.ts";
import type { Settings } from "../settings.ts";

export interface NetworkArgs {
  readonly settings: Settings;
  readonly location: AwsLocation;
}

/**
 * A VPC of the service's own: private subnets in two zones, one NAT gateway (about 33 USD a month
 * and 0.045 USD a GB in us-east-1), free gateway endpoints for S3 and DynamoDB, and no way in.
 */
export class Network extends pulumi.ComponentResource implements VpcConfig {
  readonly subnetIds: pulumi.Output<string[]>;
  readonly securityGroupIds: pulumi.Output<string[]>;

  constructor(
    name: string,
    { settings, location }: NetworkArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("lambda-service:infra:Network", name, {}, opts);
    const child = { parent: this };
    const tags = { Name: metricName(settings, "network") };

    const vpc = new awsx.ec2.Vpc(
      "vpc",
      {
        cidrBlock: "10.0.0.0/16",
        numberOfAvailabilityZones: 2,
        natGateways: { strategy: "Single" },
        subnetStrategy: "Auto",
        subnetSpecs: [
          { type: "Public", cidrMask: 24 },
          { type: "Private", cidrMask: 20 },
        ],
        // Without it an endpoint joins no route table, and the traffic goes through the NAT gateway.
        vpcEndpointStrategy: "Auto",
        vpcEndpointSpecs: ["s3", "dynamodb"].map((service) => ({
          serviceName: `com.amazonaws.${location.region}.${service}`,
          vpcEndpointType: "Gateway",
        })),
        tags,
      },
      child,
    );
    const securityGroup = new aws.ec2.SecurityGroup(
      "function-security-group",
      {
        name: metricName(settings, "function"),
        description: "The function: nothing comes in, HTTPS goes out",
        vpcId: vpc.vpcId,
        egress: [
          {
            description: "HTTPS to AWS and other services",
            protocol: "tcp",
            fromPort: 443,
            toPort: 443,
            cidrBlocks: ["0.0.0.0/0"],
          },
        ],
        tags,
      },
      child,
    );
    this.subnetIds = vpc.privateSubnetIds;
    this.securityGroupIds = securityGroup.id.apply((id) => [id]);
    this.registerOutputs({ subnetIds: this.subnetIds, securityGroupIds: this.securityGroupIds });
  }
}
