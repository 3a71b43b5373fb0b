/** The components for relational databases: what they make, and that their rights are what they need and no more. */
import { expect } from "chai";
import { standInLocation } from "local-aws/provider/aws-outputs.ts";
import { policy, type Statement } from "../../infra/identity/document.ts";
import {
  AuroraDsql,
  auroraDsqlDeployRights,
  auroraDsqlRights,
} from "../../infra/relational/aurora-dsql.ts";
import {
  RdsProxy,
  rdsProxyDeployRights,
  rdsProxyRights,
} from "../../infra/relational/rds-proxy.ts";
import { withMocks } from "../support/mocks.ts";
import { TEST_REGION, testSettings } from "../support/settings.ts";
import { type Call, isAllowed } from "./identity/support/evaluator.ts";
import { expectNone } from "./identity/support/expect-none.ts";
import type { Program } from "./identity/support/program.ts";
import { RELATIONAL_CALLS } from "./identity/tables/relational.ts";

const location = standInLocation(TEST_REGION);
const scope = { serviceName: "ledger", environment: "staging" };

const ROLE = "arn:aws:iam::123456789012:role/books-proxy";

const proxyArgs = {
  settings: testSettings(),
  clusterIdentifier: "books",
  roleArn: ROLE,
  subnetIds: ["subnet-0a", "subnet-0b"],
  securityGroupIds: ["sg-0a"],
};

/** Which of the rows that these statements must allow are denied, and which of the strangers' calls are allowed. */
async function faults(
  statements: readonly Statement[],
  needed: readonly Call[],
  strange: readonly Call[],
): Promise<string[]> {
  const judged = { name: "role", policies: [{ name: "own", policy: policy(...statements) }] };
  const found: string[] = [];
  for (const call of needed) {
    if (!(await isAllowed(judged, call, location))) found.push(`denied ${call.action}`);
  }
  for (const call of strange) {
    if (await isAllowed(judged, call, location)) found.push(`allowed ${call.action}`);
  }
  return found;
}

const rows = (type: string, inputs: Readonly<Record<string, unknown>>): readonly Call[] => {
  // All of a program that the rows read.
  const program = { location, scope } as Program;
  const calls = RELATIONAL_CALLS[type]?.(inputs, program) ?? [];
  expect(calls, type).to.not.be.empty;
  return calls;
};

/** The same calls on what another service made. */
const ofAnother = (calls: readonly Call[]): readonly Call[] =>
  calls
    .filter(({ context }) => context && Object.keys(context).some((key) => key.includes("Tag/")))
    .map((call) => ({
      ...call,
      context: Object.fromEntries(
        Object.entries(call.context ?? {}).map(([key, value]) => [
          key,
          key.endsWith("/service") ? "another" : value,
        ]),
      ),
    }));

describe("the component for Aurora DSQL", () => {
  for (const { environment, isProtected } of [
    { environment: "production", isProtected: true },
    { environment: "staging", isProtected: false },
  ]) {
    it(`makes a cluster that is ${isProtected ? "" : "not "}protected in ${environment}`, async () => {
      const run = await withMocks(() => {
        const settings = testSettings({ environment });
        return new AuroraDsql("books", { settings, location }).endpoint;
      });
      const { inputs, options } = run.find("aws:dsql/cluster:Cluster");
      expect(inputs["deletionProtectionEnabled"]).to.equal(isProtected);
      expect(options.protect).to.equal(isProtected);
      expect(run.outputs).to.match(new RegExp(`^\\S+\\.dsql\\.${TEST_REGION}\\.on\\.aws$`));
    });
  }

  it("lets CI make and change clusters of this service alone, and connect to none", async () => {
    const { change, read } = auroraDsqlDeployRights(location, scope);
    const calls = rows("aws:dsql/cluster:Cluster", {});
    const connect = auroraDsqlRights(location, scope).map(({ Resource = [] }) => ({
      action: "dsql:DbConnect",
      resource: (Resource[0] ?? "").replace("*", "4iabtlwvgyldnbncvlqp5cwkhm"),
      context: { "aws:ResourceTag/service": "ledger", "aws:ResourceTag/environment": "staging" },
    }));
    expectNone(await faults([...change, ...read], calls, [...ofAnother(calls), ...connect]), "CI:");
  });

  it("lets the handler connect as a user of its own cluster, and as an administrator to none", async () => {
    const call = (action: string, service: string): Call => ({
      action,
      resource: `arn:aws:dsql:${TEST_REGION}:123456789012:cluster/4iabtlwvgyldnbncvlqp5cwkhm`,
      context: { "aws:ResourceTag/service": service, "aws:ResourceTag/environment": "staging" },
    });
    expectNone(
      await faults(
        auroraDsqlRights(location, scope),
        [call("dsql:DbConnect", "ledger")],
        [call("dsql:DbConnect", "another"), call("dsql:DbConnectAdmin", "ledger")],
      ),
      "The handler:",
    );
  });
});

describe("the component for RDS Proxy", () => {
  it("makes a proxy that logs in by IAM over TLS, before the named database", async () => {
    const run = await withMocks(() => new RdsProxy("books", proxyArgs).endpoint);

    const { inputs } = run.find("aws:rds/proxy:Proxy");
    expect(inputs).to.deep.include({
      name: `${testSettings().serviceName}-books-staging`,
      engineFamily: "POSTGRESQL",
      defaultAuthScheme: "IAM_AUTH",
      requireTls: true,
      vpcSubnetIds: proxyArgs.subnetIds,
    });
    expect(inputs).to.not.have.property("auths");
    expect(run.find("aws:rds/proxyTarget:ProxyTarget").inputs).to.include({
      dbClusterIdentifier: "books",
    });
  });

  it("takes one database, neither none nor two", async () => {
    const { clusterIdentifier: _, ...none } = proxyArgs;
    for (const args of [none, { ...proxyArgs, instanceIdentifier: "books-1" }]) {
      let message = "";
      await withMocks(() => new RdsProxy("books", args).endpoint).catch((error: Error) => {
        message = error.message;
      });
      expect(message).to.contain('RdsProxy "books": name the database by clusterIdentifier');
    }
  });

  it("lets CI make and change proxies of this service alone, before this database alone", async () => {
    const { change, read } = rdsProxyDeployRights(location, scope, {
      roleArn: ROLE,
      database: "cluster:books",
    });
    const calls = [
      ...rows("aws:rds/proxy:Proxy", { roleArn: ROLE }),
      ...rows("aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup", {}),
      ...rows("aws:rds/proxyTarget:ProxyTarget", { dbClusterIdentifier: "books" }),
    ];
    const database = { resource: `arn:aws:rds:${TEST_REGION}:123456789012:cluster:books` };
    const strange = [
      ...ofAnother(calls).filter(({ action }) => !/Describe|List/.test(action)),
      { action: "rds:DeleteDBCluster", ...database },
      { action: "rds:ModifyDBCluster", ...database },
      {
        action: "rds:DeregisterDBProxyTargets",
        resource: `arn:aws:rds:${TEST_REGION}:123456789012:cluster:others`,
      },
      {
        action: "iam:PassRole",
        resource: ROLE,
        context: { "iam:PassedToService": "lambda.amazonaws.com" },
      },
    ];
    expectNone(await faults([...change, ...read], calls, strange), "CI:");
  });

  it("lets the handler log in to proxies as one user, and to no database directly", async () => {
    const user = (of: string) => ({
      action: "rds-db:connect",
      resource: `arn:aws:rds-db:${TEST_REGION}:123456789012:dbuser:${of}`,
    });
    expectNone(
      await faults(
        rdsProxyRights(location, "books_staging"),
        [user("prx-0a1b2c3d4e5f60718/books_staging")],
        [user("prx-0a1b2c3d4e5f60718/postgres"), user("cluster-0a1b2c3d4e5f60718/books_staging")],
      ),
      "The handler:",
    );
  });
});
