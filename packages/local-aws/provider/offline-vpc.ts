/**
 * What `awsx.ec2.Vpc` 3.9.0 makes, by its source (pulumi/pulumi-awsx, awsx/ec2/vpc.ts): the same resources with the
 * same names, parents, tags and warnings, for layouts with `subnetStrategy: "Auto"`. An argument that is not
 * copied is refused, so that no plan shows less than would be made.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { LocalAwsError } from "../errors.ts";

/** Arguments of `awsx.ec2.Vpc` that are copied; the engine checks nothing of a component's. */
interface VpcArgs {
  readonly cidrBlock?: string;
  readonly numberOfAvailabilityZones?: number;
  readonly availabilityZoneNames?: readonly string[];
  readonly availabilityZoneCidrMask?: number;
  readonly enableDnsHostnames?: boolean;
  readonly enableDnsSupport?: boolean;
  readonly natGateways?: { readonly strategy?: string };
  readonly subnetStrategy?: string;
  readonly subnetSpecs?: readonly SubnetSpec[];
  readonly vpcEndpointStrategy?: string;
  readonly vpcEndpointSpecs?: readonly EndpointSpec[];
  readonly tags?: Tags;
}

type Tags = Readonly<Record<string, string>>;

interface SubnetSpec {
  readonly type: string;
  readonly name?: string;
  readonly cidrMask?: number;
  readonly tags?: Tags;
}

interface EndpointSpec {
  readonly serviceName: string;
  readonly vpcEndpointType?: string;
  readonly routeTableIds?: readonly string[];
  readonly policy?: string;
  readonly tags?: Tags;
}

const VPC_ARGS = [
  "cidrBlock",
  "numberOfAvailabilityZones",
  "availabilityZoneNames",
  "availabilityZoneCidrMask",
  "enableDnsHostnames",
  "enableDnsSupport",
  "natGateways",
  "subnetStrategy",
  "subnetSpecs",
  "vpcEndpointStrategy",
  "vpcEndpointSpecs",
  "tags",
];
const SPEC_ARGS = ["type", "name", "cidrMask", "tags"];
const ENDPOINT_ARGS = ["serviceName", "vpcEndpointType", "routeTableIds", "policy", "tags"];

/** Whether arguments are among those that are copied. Throws `LocalAwsError` with the ones that are not. */
function assertCopied(args: VpcArgs): void {
  const others = (value: object, known: readonly string[], path: string): string[] =>
    Object.keys(value)
      .filter((key) => !known.includes(key))
      .map((key) => `${path}${key}`);
  const unknown = [
    ...others(args, VPC_ARGS, ""),
    ...others(args.natGateways ?? {}, ["strategy"], "natGateways."),
    ...(args.subnetSpecs ?? []).flatMap((spec) => others(spec, SPEC_ARGS, "subnetSpecs.")),
    ...(args.vpcEndpointSpecs ?? []).flatMap((spec) =>
      others(spec, ENDPOINT_ARGS, "vpcEndpointSpecs."),
    ),
    ...(args.subnetStrategy === "Auto" ? [] : ['subnetStrategy other than "Auto"']),
    ...(args.vpcEndpointSpecs ?? [])
      .filter((spec) => args.vpcEndpointStrategy === "Auto" && typeOf(spec) !== "gateway")
      .map(({ serviceName }) => `the endpoint ${serviceName}, which is no gateway`),
  ];
  if (unknown.length === 0) return;
  throw new LocalAwsError(
    `offline runs do not know all of this awsx.ec2.Vpc: ${[...new Set(unknown)].join(", ")}`,
    "plan it against an account with pulumi preview",
  );
}

const typeOf = ({ vpcEndpointType = "Gateway" }: EndpointSpec): string =>
  vpcEndpointType.toLowerCase();

export class OfflineVpc extends pulumi.ComponentResource {
  readonly state: pulumi.Inputs;

  /** Throws `LocalAwsError` for arguments that are not copied. */
  constructor(
    name: string,
    inputs: pulumi.Inputs,
    zoneNames: readonly string[],
    options: pulumi.ComponentResourceOptions,
  ) {
    super("awsx:ec2:Vpc", name, {}, options);
    const args = inputs as VpcArgs;
    assertCopied(args);
    const cidrBlock = args.cidrBlock ?? "10.0.0.0/16";
    const zones =
      args.availabilityZoneNames ?? zoneNames.slice(0, args.numberOfAvailabilityZones ?? 3);
    const specs = args.subnetSpecs ?? [{ type: "Private" }, { type: "Public" }];
    const natStrategy = args.natGateways?.strategy ?? "OnePerAz";
    const shared = { Name: name, ...args.tags };
    const { enableDnsHostnames, enableDnsSupport } = args;

    const vpc = new aws.ec2.Vpc(
      name,
      {
        cidrBlock,
        ...(enableDnsHostnames !== undefined && { enableDnsHostnames }),
        ...(enableDnsSupport !== undefined && { enableDnsSupport }),
        tags: shared,
      },
      { parent: this },
    );
    const below = <T extends pulumi.Resource>(parent: T) => ({ parent, dependsOn: [parent] });
    const vpcId = vpc.id;
    const gateway = new aws.ec2.InternetGateway(name, { vpcId, tags: shared }, below(vpc));
    const subnetIds: Record<string, pulumi.Output<string>[]> = {
      public: [],
      private: [],
      isolated: [],
    };
    const routeTableIds: pulumi.Output<string>[] = [];
    const nats: aws.ec2.NatGateway[] = [];
    const networks = layout(cidrBlock, zones.length, specs, args.availabilityZoneCidrMask);

    zones.forEach((availabilityZone, zone) => {
      // Public subnets first: the NAT gateway lies in one of them.
      const order = [...specs.keys()].sort(
        (a, b) => Number(specs[b]?.type === "Public") - Number(specs[a]?.type === "Public"),
      );
      for (const index of order) {
        const spec = specs[index];
        if (!spec) continue;
        const type = spec.type.toLowerCase();
        const own = `${name}-${spec.name ?? type}-${zone + 1}`;
        const kind = { Name: own, SubnetType: spec.type };
        const subnet = new aws.ec2.Subnet(
          own,
          {
            vpcId,
            availabilityZone,
            cidrBlock: networks[zone]?.[index] ?? "",
            mapPublicIpOnLaunch: type === "public",
            tags: { ...shared, ...spec.tags, ...kind },
          },
          below(vpc),
        );
        subnetIds[type]?.push(subnet.id);
        const table = new aws.ec2.RouteTable(
          own,
          { vpcId, tags: { ...shared, ...kind } },
          below(subnet),
        );
        const routeTableId = table.id;
        routeTableIds.push(routeTableId);
        void new aws.ec2.RouteTableAssociation(
          own,
          { routeTableId, subnetId: subnet.id },
          below(table),
        );
        const everywhere = { routeTableId, destinationCidrBlock: "0.0.0.0/0" };
        if (type === "public") {
          const wanted = natStrategy === "OnePerAz" ? zone + 1 : natStrategy === "Single" ? 1 : 0;
          if (nats.length < wanted) {
            nats.push(natGateway(`${name}-${zone + 1}`, args.tags, below(subnet)));
          }
          void new aws.ec2.Route(own, { ...everywhere, gatewayId: gateway.id }, below(table));
        }
        const nat = natStrategy === "Single" ? nats[0] : nats[zone];
        if (type === "private" && nat) {
          void new aws.ec2.Route(own, { ...everywhere, natGatewayId: nat.id }, below(table));
        }
      }
    });

    const auto = args.vpcEndpointStrategy === "Auto";
    for (const spec of args.vpcEndpointSpecs ?? []) {
      const { serviceName, vpcEndpointType, policy } = spec;
      if (!auto) warnOfEndpoint(spec, this);
      const tables = spec.routeTableIds
        ? [...spec.routeTableIds]
        : auto
          ? routeTableIds
          : undefined;
      void new aws.ec2.VpcEndpoint(
        serviceName,
        {
          vpcId,
          serviceName,
          ...(vpcEndpointType !== undefined && { vpcEndpointType }),
          ...(policy !== undefined && { policy }),
          ...(tables && { routeTableIds: tables }),
          tags: { ...shared, ...spec.tags },
        },
        below(vpc),
      );
    }
    this.state = {
      vpcId,
      publicSubnetIds: subnetIds["public"],
      privateSubnetIds: subnetIds["private"],
      isolatedSubnetIds: subnetIds["isolated"],
    };
    this.registerOutputs(this.state);
  }
}

/** awsx's own words about an endpoint that nothing is routed to. */
function warnOfEndpoint(spec: EndpointSpec, vpc: pulumi.Resource): void {
  const [lacks, takes] =
    typeOf(spec) === "gateway"
      ? ["a Gateway endpoint without routeTableIds", "route tables"]
      : ["an Interface endpoint without subnetIds or subnetConfigurations", "subnets"];
  if (typeOf(spec) === "gateway" && spec.routeTableIds !== undefined) return;
  void pulumi.log.warn(
    `VPC endpoint "${spec.serviceName}" is ${lacks}. Specify vpcEndpointStrategy: "Auto" to use generated VPC ${takes}.`,
    vpc,
  );
}

function natGateway(
  name: string,
  given: Tags | undefined,
  options: pulumi.CustomResourceOptions,
): aws.ec2.NatGateway {
  const tags = { ...given, Name: name };
  const { allocationId } = new aws.ec2.Eip(name, { tags }, options);
  const { parent } = options;
  return new aws.ec2.NatGateway(
    name,
    { subnetId: (parent as aws.ec2.Subnet).id, allocationId, tags },
    options,
  );
}

/**
 * CIDR blocks by zone and spec: the VPC is halved until every zone has a share, or each share has the size that is
 * given, and within a zone each subnet starts at the next address that its size allows.
 */
export function layout(
  cidrBlock: string,
  zones: number,
  specs: readonly { readonly cidrMask?: number }[],
  zoneCidrMask?: number,
): string[][] {
  const [base = "", mask = ""] = cidrBlock.split("/");
  const start = base.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const zoneMask = zoneCidrMask ?? Number(mask) + Math.ceil(Math.log2(zones));
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
