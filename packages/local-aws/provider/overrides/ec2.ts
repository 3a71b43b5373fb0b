import {
  type Override,
  ec2Id,
  type AwsLocation,
  regionalArn,
  type Resource,
  text,
} from "../aws-types.ts";

/** A network resource whose ARN and id hold the same EC2 id. */
function network(
  prefix: string,
  arnType: string,
  entry: Pick<Override, "replaceOn" | "nameKey"> & {
    computed?: (id: string, resource: Resource) => Readonly<Record<string, unknown>>;
  } = {},
): Override {
  const { computed, ...rest } = entry;
  const id = ec2Id(prefix);
  // An update keeps the id that the resource was created with.
  const kept = (resource: Resource) => text(resource.previous ?? {}, "id") || id(resource);
  return {
    ...rest,
    id: kept,
    computed: (resource) => ({
      arn: arn(resource.location, `${arnType}/${kept(resource)}`),
      ownerId: resource.location.accountId,
      ...computed?.(kept(resource), resource),
    }),
  };
}

const arn = (location: AwsLocation, resource: string): string =>
  regionalArn(location, "ec2", resource);

export const ec2: Readonly<Record<string, Override>> = {
  "aws:ec2/vpc:Vpc": network("vpc", "vpc", {
    replaceOn: ["cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"],
    computed: (id) => ({
      defaultNetworkAclId: id.replace("vpc-", "acl-"),
      defaultRouteTableId: id.replace("vpc-", "rtb-"),
      defaultSecurityGroupId: id.replace("vpc-", "sg-"),
      mainRouteTableId: id.replace("vpc-", "rtb-"),
      dhcpOptionsId: id.replace("vpc-", "dopt-"),
    }),
  }),
  "aws:ec2/subnet:Subnet": network("subnet", "subnet", {
    replaceOn: ["vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId"],
  }),
  "aws:ec2/routeTable:RouteTable": network("rtb", "route-table", {
    replaceOn: ["vpcId"],
  }),
  "aws:ec2/routeTableAssociation:RouteTableAssociation": {
    replaceOn: ["subnetId", "gatewayId"],
    id: ec2Id("rtbassoc"),
  },
  "aws:ec2/route:Route": {
    replaceOn: [
      "routeTableId",
      "destinationCidrBlock",
      "destinationIpv6CidrBlock",
      "destinationPrefixListId",
    ],
    id: ec2Id("r"),
    computed: () => ({ origin: "CreateRoute", state: "active" }),
  },
  "aws:ec2/internetGateway:InternetGateway": network("igw", "internet-gateway"),
  "aws:ec2/natGateway:NatGateway": network("nat", "natgateway", {
    replaceOn: ["allocationId", "connectivityType", "privateIp", "subnetId"],
    computed: () => ({ publicIp: "192.0.2.1", networkInterfaceId: "eni-0123456789abcdef0" }),
  }),
  "aws:ec2/eip:Eip": network("eipalloc", "elastic-ip", {
    replaceOn: ["address", "domain", "networkBorderGroup", "publicIpv4Pool"],
    // 192.0.2.0/24 is set aside for documentation (RFC 5737).
    computed: (id) => ({ allocationId: id, publicIp: "192.0.2.1" }),
  }),
  "aws:ec2/securityGroup:SecurityGroup": network("sg", "security-group", {
    nameKey: "name",
    replaceOn: ["name", "namePrefix", "description", "vpcId"],
  }),
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": network("sg", "security-group", {
    replaceOn: ["vpcId"],
  }),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": network("sgr", "security-group-rule", {
    replaceOn: ["securityGroupId"],
    computed: (id) => ({ securityGroupRuleId: id }),
  }),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": network(
    "sgr",
    "security-group-rule",
    {
      replaceOn: ["securityGroupId"],
      computed: (id) => ({ securityGroupRuleId: id }),
    },
  ),
  "aws:ec2/vpcEndpoint:VpcEndpoint": network("vpce", "vpc-endpoint", {
    replaceOn: ["vpcId", "serviceName", "vpcEndpointType"],
    computed: () => ({ state: "available", requesterManaged: false, prefixListId: "pl-63a5400a" }),
  }),
};
