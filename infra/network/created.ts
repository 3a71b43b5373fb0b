import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import { makeBoundedRole } from "../bounded-role.ts";
import { toJson, policy } from "../identity/document.ts";
import { serviceTrust } from "../identity/runtime-policies.ts";
import { flowLogGroupName, flowLogsRoleName, metricName } from "../names.ts";
import type { NetworkContext, VpcConfig } from "../network.ts";
import { flowLogsRolePolicy, hasFlowLogs } from "../options/network.ts";
import type { Settings } from "../settings.ts";
import { type Endpoint, endpointName, GATEWAY_SERVICES } from "./endpoints.ts";

export interface NetworkArgs extends NetworkContext {
  /** Services that get an interface in each zone. */
  readonly endpoints: readonly Endpoint[];
}

const VPC_CIDR = "10.0.0.0/16";

/** Room for four zones, whatever their number: with more zones, the subnets of the others stay as they are. */
const ZONE_MASK = 18;

const HTTPS = { protocol: "tcp", fromPort: 443, toPort: 443 };

/** awsx's words for how many NAT gateways there are. */
const NAT_STRATEGIES: Readonly<
  Record<Settings["natGateways"], awsx.types.enums.ec2.NatGatewayStrategy>
> = {
  none: "None",
  single: "Single",
  onePerZone: "OnePerAz",
};

/**
 * A VPC of the service's own: private subnets in several zones, as many NAT gateways as config says, free gateway
 * endpoints for S3 and DynamoDB, interface endpoints for what else is asked for, and no way in.
 */
export class Network extends pulumi.ComponentResource implements VpcConfig {
  readonly subnetIds: pulumi.Output<string[]>;
  readonly securityGroupIds: pulumi.Output<string[]>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lambda-service:infra:Network", name, {}, opts);
    const { settings, location } = args;
    const child = { parent: this };
    const tags = { Name: metricName(settings, "network") };
    const endpointPolicy = toJson(ownAccountOnly(location.accountId));

    const vpc = new awsx.ec2.Vpc(
      "vpc",
      {
        cidrBlock: VPC_CIDR,
        numberOfAvailabilityZones: settings.availabilityZones,
        availabilityZoneCidrMask: ZONE_MASK,
        // Interface endpoints are found by the services' usual names.
        enableDnsHostnames: true,
        enableDnsSupport: true,
        natGateways: { strategy: NAT_STRATEGIES[settings.natGateways] },
        subnetStrategy: "Auto",
        subnetSpecs: [
          { type: "Public", cidrMask: 24 },
          { type: "Private", cidrMask: 20 },
        ],
        // Without it an endpoint joins no route table, and the traffic goes through the NAT gateway.
        vpcEndpointStrategy: "Auto",
        vpcEndpointSpecs: GATEWAY_SERVICES.map((service) => ({
          serviceName: endpointName(location, service),
          vpcEndpointType: "Gateway",
          policy: endpointPolicy,
        })),
        tags,
      },
      child,
    );
    const securityGroup = new aws.ec2.SecurityGroup(
      "function-security-group",
      {
        name: metricName(settings, "function"),
        description: "The function: nothing comes in, and out only what is named",
        vpcId: vpc.vpcId,
        egress: egressRules(args, child),
        tags,
      },
      child,
    );
    this.#endpoints(args, vpc, securityGroup, endpointPolicy);
    if (hasFlowLogs(settings)) this.#flowLogs(args, vpc);

    this.subnetIds = vpc.privateSubnetIds;
    this.securityGroupIds = securityGroup.id.apply((id) => [id]);
    this.registerOutputs({ subnetIds: this.subnetIds, securityGroupIds: this.securityGroupIds });
  }

  #endpoints(
    { settings, location, endpoints }: NetworkArgs,
    vpc: awsx.ec2.Vpc,
    callers: aws.ec2.SecurityGroup,
    endpointPolicy: string,
  ): void {
    if (endpoints.length === 0) return;
    const child = { parent: this };
    const group = new aws.ec2.SecurityGroup(
      "endpoints-security-group",
      {
        name: metricName(settings, "endpoints"),
        description: "Endpoints of AWS services: HTTPS from the function",
        vpcId: vpc.vpcId,
        ingress: [{ ...HTTPS, description: "The function", securityGroups: [callers.id] }],
        tags: { Name: metricName(settings, "endpoints") },
      },
      child,
    );
    for (const { service } of endpoints) {
      new aws.ec2.VpcEndpoint(
        `${service}-endpoint`,
        {
          vpcId: vpc.vpcId,
          serviceName: endpointName(location, service),
          vpcEndpointType: "Interface",
          privateDnsEnabled: true,
          subnetIds: vpc.privateSubnetIds,
          securityGroupIds: [group.id],
          policy: endpointPolicy,
          tags: { Name: metricName(settings, service.replaceAll(".", "-")) },
        },
        child,
      );
    }
  }

  /** Who connected to whom, and what was refused. */
  #flowLogs({ settings, location, boundaryArn, keyArn }: NetworkArgs, vpc: awsx.ec2.Vpc): void {
    const child = { parent: this };
    const group = new aws.cloudwatch.LogGroup(
      "flow-logs-group",
      {
        name: flowLogGroupName(settings),
        retentionInDays: settings.flowLogRetentionDays,
        ...(keyArn !== undefined && { kmsKeyId: keyArn }),
      },
      child,
    );
    const { role, permissions } = makeBoundedRole(
      "flow-logs",
      {
        roleName: flowLogsRoleName(settings),
        description: `What flow logs of the VPC of ${settings.serviceName} may do`,
        trust: serviceTrust("vpc-flow-logs.amazonaws.com", location),
        permissions: flowLogsRolePolicy(location, settings),
        boundaryArn,
      },
      child,
    );
    new aws.ec2.FlowLog(
      "flow-logs",
      {
        vpcId: vpc.vpcId,
        trafficType: "ALL",
        logDestinationType: "cloud-watch-logs",
        logDestination: group.arn,
        iamRoleArn: role.arn,
        // Ten minutes write a tenth of the lines that one minute would.
        maxAggregationInterval: 600,
        tags: { Name: metricName(settings, "network") },
      },
      { ...child, dependsOn: [permissions] },
    );
  }
}

/** Nobody carries data out with credentials of another account; what the function itself may do, its role says. */
const ownAccountOnly = (accountId: string) =>
  policy({
    Sid: "OwnAccount",
    Effect: "Allow",
    Principal: { AWS: "*" },
    Action: ["*"],
    Resource: ["*"],
    Condition: { StringEquals: { "aws:PrincipalAccount": accountId } },
  });

/** HTTPS to everywhere, or the named destinations and the way to the endpoints. */
function egressRules(
  { settings, location }: NetworkArgs,
  opts: pulumi.ResourceOptions & { readonly parent: pulumi.Resource },
): aws.types.input.ec2.SecurityGroupEgress[] {
  if (settings.egress.length === 0) {
    return [
      {
        ...HTTPS,
        description: "HTTPS to AWS and other services",
        cidrBlocks: ["0.0.0.0/0"],
      },
    ];
  }
  const gateways = GATEWAY_SERVICES.map(
    (service) => aws.ec2.getPrefixListOutput({ name: endpointName(location, service) }, opts).id,
  );
  return [
    ...settings.egress.map(({ name, to, port }) => ({
      description: name,
      protocol: "tcp",
      fromPort: port,
      toPort: port,
      ...(to.startsWith("pl-") ? { prefixListIds: [to] } : { cidrBlocks: [to] }),
    })),
    { ...HTTPS, description: "Endpoints in the VPC", cidrBlocks: [VPC_CIDR] },
    { ...HTTPS, description: "S3 and DynamoDB by their gateways", prefixListIds: gateways },
  ];
}
