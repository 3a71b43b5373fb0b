/** The resources of `awsx.ec2.Vpc` for the layouts that this project uses: public and private subnets, one NAT gateway. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of `awsx.ec2.Vpc`; the engine checks nothing of a component's. */
interface VpcArgs {
  readonly cidrBlock?: string;
  readonly numberOfAvailabilityZones?: number;
  readonly natGateways?: { readonly strategy?: string };
  readonly subnetSpecs?: readonly { readonly type: string; readonly cidrMask?: number }[];
  readonly vpcEndpointSpecs?: readonly {
    readonly serviceName: string;
    readonly vpcEndpointType?: string;
  }[];
  readonly tags?: Readonly<Record<string, string>>;
}

export class OfflineVpc extends pulumi.ComponentResource {
  readonly state: pulumi.Inputs;

  constructor(name: string, inputs: pulumi.Inputs, options: pulumi.ComponentResourceOptions) {
    super("awsx:ec2:Vpc", name, {}, options);
    const args = inputs as VpcArgs;
    const child = { parent: this };
    const tags = (suffix = "") => ({ ...args.tags, Name: name + suffix });
    const cidrBlock = args.cidrBlock ?? "10.0.0.0/16";
    const zones = ["a", "b", "c"].slice(0, args.numberOfAvailabilityZones ?? 3);
    const specs = args.subnetSpecs ?? [{ type: "Private" }, { type: "Public" }];
    const region = new pulumi.Config("aws").require("region");

    const vpc = new aws.ec2.Vpc(name, { cidrBlock, enableDnsHostnames: true, tags: tags() }, child);
    const vpcId = vpc.id;
    const gateway = new aws.ec2.InternetGateway(name, { vpcId, tags: tags() }, child);
    const subnetIds: Record<string, pulumi.Output<string>[]> = {
      Public: [],
      Private: [],
      Isolated: [],
    };
    const routeTableIds: pulumi.Output<string>[] = [];
    const networks = layout(cidrBlock, zones.length, specs);
    let nat: aws.ec2.NatGateway | undefined;

    zones.forEach((zone, zoneIndex) => {
      // Public subnets first: the NAT gateway stands in one of them.
      const order = [...specs.keys()].sort(
        (a, b) => Number(specs[b]?.type === "Public") - Number(specs[a]?.type === "Public"),
      );
      for (const specIndex of order) {
        const type = specs[specIndex]?.type ?? "";
        const own = `${name}-${type.toLowerCase()}-${zoneIndex + 1}`;
        const subnet = new aws.ec2.Subnet(
          own,
          {
            vpcId,
            availabilityZone: `${region}${zone}`,
            cidrBlock: networks[zoneIndex]?.[specIndex] ?? "",
            mapPublicIpOnLaunch: type === "Public",
            tags: tags(`-${type.toLowerCase()}-${zoneIndex + 1}`),
          },
          { parent: vpc },
        );
        subnetIds[type]?.push(subnet.id);
        const table = new aws.ec2.RouteTable(own, { vpcId, tags: tags() }, { parent: subnet });
        routeTableIds.push(table.id);
        const routeTableId = table.id;
        const associated = { routeTableId, subnetId: subnet.id };
        void new aws.ec2.RouteTableAssociation(own, associated, { parent: table });
        const route = { routeTableId, destinationCidrBlock: "0.0.0.0/0" };
        if (type === "Public") {
          void new aws.ec2.Route(own, { ...route, gatewayId: gateway.id }, { parent: table });
          nat ??= natGateway(name, subnet);
        } else if (type === "Private" && nat !== undefined) {
          void new aws.ec2.Route(own, { ...route, natGatewayId: nat.id }, { parent: table });
        }
      }
    });
    for (const { serviceName, vpcEndpointType } of args.vpcEndpointSpecs ?? []) {
      void new aws.ec2.VpcEndpoint(
        `${name}-${serviceName.split(".").pop() ?? ""}`,
        { vpcId, serviceName, vpcEndpointType: vpcEndpointType ?? "Gateway", routeTableIds },
        child,
      );
    }
    this.state = {
      vpcId,
      publicSubnetIds: subnetIds["Public"],
      privateSubnetIds: subnetIds["Private"],
      isolatedSubnetIds: subnetIds["Isolated"],
    };
    this.registerOutputs(this.state);
  }
}

function natGateway(name: string, subnet: aws.ec2.Subnet): aws.ec2.NatGateway {
  const address = new aws.ec2.Eip(`${name}-1`, { domain: "vpc" }, { parent: subnet });
  const where = { subnetId: subnet.id, allocationId: address.allocationId };
  return new aws.ec2.NatGateway(`${name}-1`, where, { parent: subnet });
}

/**
 * CIDR blocks by zone and spec: the VPC is halved until every zone has a share, and within a zone each
 * subnet starts at the next address that its size allows.
 */
export function layout(
  cidrBlock: string,
  zones: number,
  specs: readonly { readonly cidrMask?: number }[],
): string[][] {
  const [base = "", mask = ""] = cidrBlock.split("/");
  const start = base.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const zoneMask = Number(mask) + Math.ceil(Math.log2(zones));
  const zoneSize = 2 ** (32 - zoneMask);
  const evenMask = zoneMask + Math.ceil(Math.log2(Math.max(1, specs.length)));
  return Array.from({ length: zones }, (_, zone) => {
    let next = start + zone * zoneSize;
    return specs.map(({ cidrMask = evenMask }) => {
      const size = 2 ** (32 - cidrMask);
      const first = Math.ceil(next / size) * size;
      next = first + size;
      const octets = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
      return `${octets.join(".")}/${cidrMask}`;
    });
  });
}
