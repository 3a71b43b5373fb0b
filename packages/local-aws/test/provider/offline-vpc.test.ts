import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { OfflineVpc } from "../../provider/offline-vpc.ts";

interface Made {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

const ZONES = ["a", "b", "c"].map((zone) => `eu-west-1${zone}`);

const SPECS = [
  { type: "Public", cidrMask: 24 },
  { type: "Private", cidrMask: 20 },
];

/** What is made of these arguments, and what is said about it. */
async function make(args: Readonly<Record<string, unknown>>) {
  const made: Made[] = [];
  const warnings: string[] = [];
  const { warn } = pulumi.log;
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        // The component itself is of a type of the same name.
        if (type.startsWith("aws:")) {
          made.push({ type: type.split(":").at(-1) ?? "", name, inputs });
        }
        return { id: `id of ${name}`, state: inputs };
      },
      call: ({ inputs }) => inputs,
    },
    "project",
    "stack",
  );
  const log = pulumi.log as { warn: typeof warn };
  log.warn = async (message) => void warnings.push(message);
  try {
    const inputs = { subnetStrategy: "Auto", subnetSpecs: SPECS, ...args };
    void new OfflineVpc("vpc", inputs, ZONES, {});
    await pulumi.runtime.disconnect();
  } finally {
    log.warn = warn;
  }
  const of = (type: string): readonly Made[] => made.filter((one) => one.type === type);
  return { of, warnings };
}

// What is expected here is what awsx 3.9.0 makes of the same arguments, by its source.
describe("the offline VPC", () => {
  const endpoint = { serviceName: "com.amazonaws.eu-west-1.s3", vpcEndpointType: "Gateway" };

  it("gives a gateway endpoint the route tables of all subnets, with the strategy Auto", async () => {
    const { of, warnings } = await make({
      numberOfAvailabilityZones: 2,
      natGateways: { strategy: "Single" },
      vpcEndpointStrategy: "Auto",
      vpcEndpointSpecs: [endpoint],
      tags: { Name: "mine" },
    });

    const [made] = of("VpcEndpoint");
    expect(made?.name).to.equal("com.amazonaws.eu-west-1.s3");
    expect(made?.inputs["routeTableIds"]).to.have.members(
      ["public-1", "private-1", "public-2", "private-2"].map((name) => `id of vpc-${name}`),
    );
    expect(made?.inputs["tags"]).to.deep.equal({ Name: "mine" });
    expect(warnings).to.deep.equal([]);
  });

  it("warns, and routes nothing to the endpoint, without that strategy", async () => {
    const { of, warnings } = await make({ vpcEndpointSpecs: [endpoint] });

    expect(of("VpcEndpoint")[0]?.inputs).to.not.have.property("routeTableIds");
    expect(warnings).to.deep.equal([
      'VPC endpoint "com.amazonaws.eu-west-1.s3" is a Gateway endpoint without routeTableIds. Specify vpcEndpointStrategy: "Auto" to use generated VPC route tables.',
    ]);
  });

  it("names and tags each part as awsx does", async () => {
    const { of } = await make({
      numberOfAvailabilityZones: 1,
      natGateways: { strategy: "Single" },
      tags: { Name: "mine", team: "orders" },
    });

    expect(of("Vpc")[0]?.inputs).to.deep.equal({
      cidrBlock: "10.0.0.0/16",
      tags: { Name: "mine", team: "orders" },
    });
    expect(of("Subnet").map(({ inputs }) => inputs["tags"])).to.deep.equal([
      { Name: "vpc-public-1", SubnetType: "Public", team: "orders" },
      { Name: "vpc-private-1", SubnetType: "Private", team: "orders" },
    ]);
    const nat = { Name: "vpc-1", team: "orders" };
    expect(of("Eip").map(({ inputs }) => inputs)).to.deep.equal([{ tags: nat }]);
    expect(of("NatGateway")[0]?.inputs["tags"]).to.deep.equal(nat);
  });

  it("makes as many NAT gateways as the strategy says", async () => {
    for (const [strategy, count] of [
      [undefined, 3],
      ["OnePerAz", 3],
      ["Single", 1],
      ["None", 0],
    ] as const) {
      const { of } = await make(strategy === undefined ? {} : { natGateways: { strategy } });
      expect(of("NatGateway"), strategy).to.have.length(count);
      expect(of("Route"), strategy).to.have.length(count === 0 ? 3 : 6);
    }
  });

  it("refuses what it does not copy, so that no plan shows less than would be made", async () => {
    for (const [args, named] of [
      [{ assignGeneratedIpv6CidrBlock: true }, "assignGeneratedIpv6CidrBlock"],
      [{ natGateways: { elasticIpAllocationIds: ["eipalloc-1"] } }, "natGateways.elasticIp"],
      [
        { subnetSpecs: [{ type: "Public", cidrBlocks: ["10.0.0.0/24"] }] },
        "subnetSpecs.cidrBlocks",
      ],
      [{ subnetStrategy: "Legacy" }, 'subnetStrategy other than "Auto"'],
      [
        {
          vpcEndpointStrategy: "Auto",
          vpcEndpointSpecs: [{ serviceName: "x", vpcEndpointType: "Interface" }],
        },
        "the endpoint x, which is no gateway",
      ],
    ] as const) {
      const error: unknown = await make(args).catch((error) => error);
      expect(error, named).to.be.instanceOf(Error).with.property("message").that.contains(named);
    }
  });
});
