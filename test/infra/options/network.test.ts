/** A VPC of the service's own: what it is made of, what it costs, and what is refused before anything is planned. */
import { expect } from "chai";
import { allow, deny, type PolicyDocument } from "../../../infra/identity/document.ts";
import { interfaceEndpoints } from "../../../infra/network.ts";
import { endpointName, endpointsFor } from "../../../infra/network/endpoints.ts";
import { networkPriceUsd, priceLine } from "../../../infra/network/price.ts";
import { type MockOptions, runProgram } from "../../support/mocks.ts";
import { settingsFaults, testSettings } from "../../support/settings.ts";
import { isLetIn } from "../identity/support/evaluator.ts";

const VPC = "awsx:ec2:Vpc";
const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint";
const FUNCTION = "aws:lambda/function:Function";

const run = (config: MockOptions["config"]) =>
  runProgram({ config: { network: "create", ...config } });

const location = { partition: "aws", region: "eu-central-1", accountId: "123456789012" };

describe("a VPC of the service's own", () => {
  it("has as many zones and NAT gateways as config says", async () => {
    for (const [natGateways, strategy] of [
      ["none", "None"],
      ["single", "Single"],
      ["onePerZone", "OnePerAz"],
    ] as const) {
      const { inputs } = (await run({ natGateways, availabilityZones: 3 })).find(VPC);
      expect(inputs).to.deep.include({
        numberOfAvailabilityZones: 3,
        natGateways: { strategy },
        enableDnsHostnames: true,
      });
    }
  });

  it("reaches S3 and DynamoDB by gateways, with this account's credentials only", async () => {
    const { inputs } = (await run({})).find(VPC);
    const specs = inputs["vpcEndpointSpecs"] as {
      serviceName: string;
      vpcEndpointType: string;
      policy: string;
    }[];
    expect(specs.map(({ serviceName, vpcEndpointType }) => [serviceName, vpcEndpointType])).to.eql([
      ["com.amazonaws.eu-central-1.s3", "Gateway"],
      ["com.amazonaws.eu-central-1.dynamodb", "Gateway"],
    ]);
    for (const { policy } of specs) {
      const call = (account: string) => ({
        action: "s3:PutObject",
        resource: "arn:aws:s3:::somewhere/data",
        context: { "aws:PrincipalAccount": account },
      });
      const document = JSON.parse(policy) as PolicyDocument;
      const by = (account: string) =>
        isLetIn(document, call(account), `arn:aws:iam::${account}:role/x`, location);
      expect(by("123456789012")).to.equal(true);
      expect(by("999999999999")).to.equal(false);
    }
  });

  it("lets HTTPS out to everywhere, and only named destinations once there are some", async () => {
    const open = (await run({})).find(GROUP, "function-security-group").inputs;
    expect(open).not.to.have.property("ingress");
    expect(open["egress"]).to.deep.equal([
      {
        description: "HTTPS to AWS and other services",
        protocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrBlocks: ["0.0.0.0/0"],
      },
    ]);
    const named = (
      await run({
        egress: [
          { name: "orders database", to: "10.20.0.0/16", port: 5432 },
          { name: "partners", to: "pl-0a1b2c3d", port: 8443 },
        ],
      })
    ).find(GROUP, "function-security-group").inputs["egress"] as Record<string, unknown>[];
    expect(
      named.map((rule) => [rule["fromPort"], rule["cidrBlocks"] ?? rule["prefixListIds"]]),
    ).to.deep.equal([
      [5432, ["10.20.0.0/16"]],
      [8443, ["pl-0a1b2c3d"]],
      // The endpoints stay within reach.
      [443, ["10.0.0.0/16"]],
      [443, ["pl-6da54004", "pl-6da54004"]],
    ]);
  });

  it("gives named services an endpoint in every zone, reached from the function alone", async () => {
    const program = await run({ interfaceEndpoints: ["bedrock-runtime", "sts"] });
    const endpoints = program.all(ENDPOINT);
    expect(endpoints.map(({ inputs }) => inputs["serviceName"])).to.deep.equal([
      "com.amazonaws.eu-central-1.bedrock-runtime",
      "com.amazonaws.eu-central-1.sts",
    ]);
    for (const { inputs } of endpoints) {
      expect(inputs).to.deep.include({ vpcEndpointType: "Interface", privateDnsEnabled: true });
      expect(inputs["subnetIds"]).to.have.length(2);
    }
    const group = program.find(GROUP, "endpoints-security-group").inputs;
    expect(group).not.to.have.property("egress");
    expect(group["ingress"]).to.have.length(1);
  });

  it("records traffic by a role that can write to its own log group only", async () => {
    const program = await run({ flowLogRetentionDays: 30, createKey: true });
    const log = program.find("aws:ec2/flowLog:FlowLog").inputs;
    expect(log).to.deep.include({ trafficType: "ALL", logDestinationType: "cloud-watch-logs" });
    const group = program.find("aws:cloudwatch/logGroup:LogGroup", "flow-logs-group").inputs;
    expect(group).to.deep.include({ name: "/aws/vpc/ledger-network-staging", retentionInDays: 30 });
    expect(group["kmsKeyId"]).to.match(/^arn:aws:kms:/);
    const key = program.find("aws:kms/key:Key", "identity-data-key").inputs["policy"];
    expect(key).to.contain("log-group:/aws/vpc/ledger-network-staging");
    expect((await run({})).all("aws:ec2/flowLog:FlowLog")).to.deep.equal([]);
  });

  it("is left by the function before it goes, with the same rights for everybody", async () => {
    const within = await run({ flowLogRetentionDays: 30 });
    const leaving = await run({ network: "leave", flowLogRetentionDays: 30 });
    expect(within.find(FUNCTION, "function").inputs).to.have.property("vpcConfig");
    expect(leaving.find(FUNCTION, "function").inputs).not.to.have.property("vpcConfig");
    const others = ({ resources }: typeof leaving) =>
      resources
        .filter(({ type, name }) => !(type === FUNCTION && name === "function"))
        .map(({ type, name, inputs }) => JSON.stringify([type, name, inputs]))
        .toSorted();
    expect(others(leaving)).to.deep.equal(others(within));
  });
});

describe("the endpoints that a handler needs without a way to the internet", () => {
  const settings = testSettings({ network: "create", natGateways: "none" });

  it("are those of the services that it has rights to, each once", () => {
    const found = endpointsFor([
      allow("Read", ["secretsmanager:GetSecretValue", "s3:GetObject"], ["*"]),
      allow("Send", ["sqs:SendMessage", "sns:Publish", "sqs:ReceiveMessage"], ["*"]),
      allow("Count", ["cloudwatch:PutMetricData", "dynamodb:GetItem"], ["*"]),
      deny("Not", ["kinesis:PutRecord"], ["*"]),
    ]);
    expect(found.unknown).to.deep.equal([]);
    expect(found.endpoints).to.deep.equal([
      { service: "secretsmanager", why: "the handler may secretsmanager:GetSecretValue" },
      { service: "sqs", why: "the handler may sqs:SendMessage" },
      { service: "sns", why: "the handler may sns:Publish" },
      { service: "monitoring", why: "the handler may cloudwatch:PutMetricData" },
    ]);
  });

  it("are unknown for services that are not in the table, and none for hosts of one's own", () => {
    const rights = [allow("Any", ["quantum:Compute", "rds-db:connect"], ["*"])];
    expect(endpointsFor(rights)).to.deep.equal({ endpoints: [], unknown: ["quantum:Compute"] });
  });

  it("are none for what Lambda does itself: logs, traces, dead letters, the key", () => {
    expect(interfaceEndpoints(location, settings)).to.deep.equal([]);
    expect(interfaceEndpoints(location, { ...settings, createKey: true })).to.deep.equal([]);
  });

  it("are named once, also where config names one that is needed", () => {
    const named = { ...settings, interfaceEndpoints: ["sqs"] };
    expect(interfaceEndpoints(location, named)).to.deep.equal([
      { service: "sqs", why: "named in interfaceEndpoints" },
    ]);
  });

  it("have the names that AWS gives them", () => {
    expect(endpointName(location, "sqs")).to.equal("com.amazonaws.eu-central-1.sqs");
    const china = { partition: "aws-cn", region: "cn-north-1", accountId: "1" };
    expect(endpointName(china, "sqs")).to.equal("cn.com.amazonaws.cn-north-1.sqs");
    expect(endpointName(china, "s3")).to.equal("com.amazonaws.cn-north-1.s3");
  });
});

describe("what a VPC costs", () => {
  // aws.amazon.com/vpc/pricing and aws.amazon.com/privatelink/pricing, us-east-1, August 2026, of a month of 730 hours.
  it("is what AWS charges by the hour", () => {
    expect(networkPriceUsd({ natGateways: 1, interfaceEndpoints: 0, zones: 2 })).to.be.closeTo(
      32.85 + 3.65,
      0.001,
    );
    expect(networkPriceUsd({ natGateways: 0, interfaceEndpoints: 3, zones: 2 })).to.be.closeTo(
      6 * 7.3,
      0.001,
    );
  });

  it("is said in one line, and not where there is nothing to pay", () => {
    expect(priceLine({ natGateways: 1, interfaceEndpoints: 2, zones: 2 })).to.equal(
      "network: 1 NAT gateway and 2 interface endpoints in 2 zones cost about 66 USD a month in us-east-1 before any traffic; npm run cost has the whole stack",
    );
    expect(priceLine({ natGateways: 1, interfaceEndpoints: 0, zones: 2 })).to.match(
      /^network: 1 NAT gateway in 2 zones costs about 37 USD a month/,
    );
    expect(priceLine({ natGateways: 0, interfaceEndpoints: 0, zones: 3 })).to.equal(undefined);
  });
});

describe("the settings of the network", () => {
  const destination = (entry: object) => JSON.stringify([entry]);
  const existing = { network: "existing", securityGroupIds: '["sg-0a"]' };

  for (const [what, values, message] of [
    [
      "subnets in one zone only",
      { ...existing, subnetIds: '["subnet-0a"]' },
      /^subnetIds: \["subnet-0a"\]; lie in one zone only, .*; add a subnet of another zone to Pulumi.staging.yaml$/,
    ],
    [
      "a security group that stands there twice",
      { ...existing, subnetIds: '["subnet-0a","subnet-0b"]', securityGroupIds: '["sg-a","sg-a"]' },
      /^securityGroupIds: "sg-a"; stands there twice; remove one/,
    ],
    ["one zone", { network: "create", availabilityZones: "1" }, /must be a whole number, 2 to 3/],
    [
      "an unknown number of gateways",
      { network: "create", natGateways: "two" },
      /natGateways: "two"; must be one of none, single, onePerZone/,
    ],
    [
      "an endpoint by its full name",
      { network: "create", interfaceEndpoints: '["com.amazonaws.eu-central-1.sqs "]' },
      /interfaceEndpoints: .*must be a list of at most 30 names of services/,
    ],
    [
      "endpoints without a VPC of its own",
      { interfaceEndpoints: '["sqs"]' },
      /^interfaceEndpoints: \["sqs"\]; is a setting of a VPC that this program makes, and network is none; remove it/,
    ],
    [
      "flow logs of somebody else's VPC",
      { ...existing, subnetIds: '["subnet-0a","subnet-0b"]', flowLogRetentionDays: "30" },
      /^flowLogRetentionDays: 30; is a setting of a VPC .* network is existing/,
    ],
    [
      "a retention that CloudWatch does not know",
      { network: "create", flowLogRetentionDays: "2" },
      /flowLogRetentionDays: "2"; must be 0 \(no flow logs\) or a retention/,
    ],
    [
      "destinations as text",
      { network: "create", egress: '["10.0.0.0/8:443"]' },
      /egress: .*destination 1 must be a list of destinations such as/,
    ],
    [
      "a destination without a name",
      { network: "create", egress: destination({ to: "10.0.0.0/8", port: 443 }) },
      /egress: .*destination 1: name must say/,
    ],
    [
      "one address for many",
      { network: "create", egress: destination({ name: "db", to: "10.20.3.4/16", port: 5432 }) },
      /"db": to "10.20.3.4\/16" is one address among others; all of them are 10.20.0.0\/16, and that one alone is 10.20.3.4\/32/,
    ],
    [
      "an address of IPv6",
      { network: "create", egress: destination({ name: "db", to: "::/0", port: 443 }) },
      /"db": to "::\/0" is IPv6, and the VPC has none/,
    ],
    [
      "a host's name",
      { network: "create", egress: destination({ name: "db", to: "db.example.com", port: 443 }) },
      /"db": to "db.example.com" must be addresses such as/,
    ],
    [
      "a port that is none",
      { network: "create", egress: destination({ name: "db", to: "10.0.0.0/8", port: 70_000 }) },
      /"db": port must be a whole number, 1 to 65535/,
    ],
    [
      "a misspelt part",
      { network: "create", egress: destination({ name: "db", cidr: "10.0.0.0/8", port: 443 }) },
      /"db": no such key cidr; it takes name, to, port; "db": to is missing/,
    ],
    [
      "the same destination twice",
      {
        network: "create",
        egress: JSON.stringify([
          { name: "a", to: "10.0.0.0/8", port: 443 },
          { name: "b", to: "10.0.0.0/8", port: 443 },
        ]),
      },
      /10.0.0.0\/8:443 stands there twice/,
    ],
  ] as const) {
    it(`refuse ${what} in one line`, () => {
      const found = settingsFaults(values);
      expect(found).to.have.length(1);
      expect(found[0]).to.match(message);
    });
  }

  it("take addresses at every size, and prefix lists", () => {
    for (const to of ["0.0.0.0/0", "10.0.0.0/8", "10.20.30.40/32", "192.0.2.128/25", "pl-0a1b"]) {
      const egress = destination({ name: "somewhere", to, port: 1 });
      expect(settingsFaults({ network: "create", egress }), to).to.deep.equal([]);
    }
  });
});
