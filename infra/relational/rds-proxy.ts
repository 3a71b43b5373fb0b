/**
 * RDS Proxy before a database that exists: many functions share few connections. docs/relational.md says how to add it,
 * what it costs and when not to. The proxy logs in by IAM on both sides, so no password is in this program or its state.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AwsLocation } from "../arns.ts";
import { allow, ANY, of, type Statement } from "../identity/document.ts";
import { ENVIRONMENT_TAG, ownName, SERVICE_TAG, type Scope } from "../names.ts";
import type { OwnDeployRights } from "../own/rights.ts";
import type { Settings } from "../settings.ts";

export interface RdsProxyArgs {
  readonly settings: Settings;
  /** What the database speaks. Default POSTGRESQL. */
  readonly engineFamily?: "POSTGRESQL" | "MYSQL";
  /** Exactly one of the two: the identifier of an Aurora cluster, or of a single instance. */
  readonly clusterIdentifier?: pulumi.Input<string>;
  readonly instanceIdentifier?: pulumi.Input<string>;
  /**
   * The role by which the proxy logs in to the database, made by the database's owner: it trusts
   * `rds.amazonaws.com` and may `rds-db:connect` as the database's user.
   */
  readonly roleArn: pulumi.Input<string>;
  /** At least two, in different zones. With `network: existing` they are `settings.subnetIds`. */
  readonly subnetIds: pulumi.Input<string>[];
  /** The proxy's own, made by the database's owner: in from the function's group, out to the database's, at its port. */
  readonly securityGroupIds: pulumi.Input<string>[];
}

/** One proxy with its target, in a VPC that exists. */
export class RdsProxy extends pulumi.ComponentResource {
  /** Host to connect to, over TLS alone. */
  readonly endpoint: pulumi.Output<string>;

  /** Throws `pulumi.RunError` where the target is not one database. */
  constructor(name: string, args: RdsProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lambda-service:relational:RdsProxy", name, {}, opts);
    const { clusterIdentifier, instanceIdentifier, engineFamily = "POSTGRESQL" } = args;
    if ((clusterIdentifier === undefined) === (instanceIdentifier === undefined)) {
      throw new pulumi.RunError(
        `RdsProxy "${name}": name the database by clusterIdentifier or by instanceIdentifier, and not by both`,
      );
    }
    const child = { parent: this };
    const proxy = new aws.rds.Proxy(
      `${name}-proxy`,
      {
        name: ownName(args.settings, name),
        engineFamily,
        defaultAuthScheme: "IAM_AUTH",
        roleArn: args.roleArn,
        requireTls: true,
        vpcSubnetIds: args.subnetIds,
        vpcSecurityGroupIds: args.securityGroupIds,
      },
      child,
    );
    const targets = new aws.rds.ProxyDefaultTargetGroup(
      `${name}-targets`,
      {
        dbProxyName: proxy.name,
        // Room for whoever else connects; a function waits rather than fails while all are busy.
        connectionPoolConfig: { maxConnectionsPercent: 80, connectionBorrowTimeout: 10 },
      },
      child,
    );
    new aws.rds.ProxyTarget(
      `${name}-target`,
      {
        dbProxyName: proxy.name,
        targetGroupName: targets.name,
        ...(clusterIdentifier !== undefined && { dbClusterIdentifier: clusterIdentifier }),
        ...(instanceIdentifier !== undefined && { dbInstanceIdentifier: instanceIdentifier }),
      },
      child,
    );
    this.endpoint = proxy.endpoint;
    this.registerOutputs({ endpoint: this.endpoint });
  }
}

const rds = ({ partition, region, accountId }: AwsLocation, resource: string): string =>
  `arn:${partition}:rds:${region}:${accountId}:${resource}`;

/**
 * For `ownRights`: the handler logs in to proxies as this user of the database, and to no database directly. AWS draws
 * a proxy's id, so give each environment a user of its own, such as `orders_production`.
 */
export const rdsProxyRights = (
  { partition, region, accountId }: AwsLocation,
  databaseUser: string,
): readonly Statement[] => [
  allow("ConnectThroughProxy", of("rds-db", "connect"), [
    `arn:${partition}:rds-db:${region}:${accountId}:dbuser:prx-*/${databaseUser}`,
  ]),
];

/** For `ownDeployRights`: what CI does with the proxy. The database itself it may register, and nothing else. */
export function rdsProxyDeployRights(
  location: AwsLocation,
  scope: Scope,
  { roleArn, database }: { readonly roleArn: string; readonly database: string },
): OwnDeployRights {
  const proxies = [rds(location, "db-proxy:*")];
  const all = [...proxies, rds(location, "target-group:*")];
  const own = (kind: "RequestTag" | "ResourceTag") => ({
    StringEquals: {
      [`aws:${kind}/${SERVICE_TAG}`]: scope.serviceName,
      [`aws:${kind}/${ENVIRONMENT_TAG}`]: scope.environment,
    },
  });
  return {
    change: [
      // IAM knows no resource for its creation.
      allow("MakeProxy", of("rds", "CreateDBProxy"), ANY, own("RequestTag")),
      allow("TagNewProxy", of("rds", "AddTagsToResource"), proxies, own("RequestTag")),
      allow(
        "ChangeProxy",
        of("rds", "AddTagsToResource", "DeleteDBProxy", "ModifyDBProxy", "RemoveTagsFromResource"),
        proxies,
        own("ResourceTag"),
      ),
      // Target groups carry no tags of ours, and a call about targets names database, proxy and group at once.
      allow(
        "ChangeProxyTargets",
        of("rds", "DeregisterDBProxyTargets", "ModifyDBProxyTargetGroup", "RegisterDBProxyTargets"),
        [...all, rds(location, database)],
      ),
      allow("PassProxyRole", of("iam", "PassRole"), [roleArn], {
        StringEquals: { "iam:PassedToService": "rds.amazonaws.com" },
      }),
    ],
    read: [
      allow(
        "ReadProxies",
        of(
          "rds",
          "DescribeDBProxies",
          "DescribeDBProxyTargetGroups",
          "DescribeDBProxyTargets",
          "ListTagsForResource",
        ),
        all,
      ),
    ],
  };
}
