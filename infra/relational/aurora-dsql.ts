/**
 * Aurora DSQL: PostgreSQL without servers, without a VPC and without a price while it is idle. For a service whose data
 * needs SQL; docs/relational.md says how to add it, what it costs and when not to.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AwsLocation } from "../arns.ts";
import { allow, of, type Statement } from "../identity/document.ts";
import { ENVIRONMENT_TAG, SERVICE_TAG, type Scope } from "../names.ts";
import type { OwnDeployRights } from "../own/rights.ts";
import type { Settings } from "../settings.ts";

export interface AuroraDsqlArgs {
  readonly settings: Settings;
  readonly location: AwsLocation;
  /** A KMS key of the region. Default AWS's own, which is free. */
  readonly keyArn?: pulumi.Input<string> | undefined;
}

/** One cluster of one region. Production's is protected from deletion twice: by AWS, and by Pulumi. */
export class AuroraDsql extends pulumi.ComponentResource {
  /** Host to connect to, at port 5432 and over TLS alone. */
  readonly endpoint: pulumi.Output<string>;
  readonly clusterArn: pulumi.Output<string>;

  constructor(name: string, args: AuroraDsqlArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lambda-service:relational:AuroraDsql", name, {}, opts);
    const { settings, location, keyArn } = args;
    const isProtected = settings.environment === "production";
    const cluster = new aws.dsql.Cluster(
      `${name}-cluster`,
      {
        deletionProtectionEnabled: isProtected,
        ...(keyArn !== undefined && { kmsEncryptionKey: keyArn }),
      },
      { parent: this, protect: isProtected },
    );
    this.clusterArn = cluster.arn;
    this.endpoint = pulumi.interpolate`${cluster.identifier}.dsql.${location.region}.on.aws`;
    this.registerOutputs({ endpoint: this.endpoint, clusterArn: this.clusterArn });
  }
}

const clusters = ({ partition, region, accountId }: AwsLocation): readonly string[] => [
  `arn:${partition}:dsql:${region}:${accountId}:cluster/*`,
];

/** A cluster's id is drawn by AWS, so what tells one's own from others is the tags that every resource carries. */
const tagged = (kind: "RequestTag" | "ResourceTag", { serviceName, environment }: Scope) => ({
  StringEquals: {
    [`aws:${kind}/${SERVICE_TAG}`]: serviceName,
    [`aws:${kind}/${ENVIRONMENT_TAG}`]: environment,
  },
});

/** For `ownRights`: the handler connects as a database role that `AWS IAM GRANT` names, never as the administrator. */
export const auroraDsqlRights = (location: AwsLocation, scope: Scope): readonly Statement[] => [
  allow("ConnectDsql", of("dsql", "DbConnect"), clusters(location), tagged("ResourceTag", scope)),
];

/** For `ownDeployRights`: what CI does with the cluster. It reads no data, and opens no connection. */
export const auroraDsqlDeployRights = (location: AwsLocation, scope: Scope): OwnDeployRights => ({
  change: [
    // A tag is set while the cluster has none yet.
    allow(
      "MakeDsql",
      of("dsql", "CreateCluster", "TagResource"),
      clusters(location),
      tagged("RequestTag", scope),
    ),
    allow(
      "ChangeDsql",
      of("dsql", "DeleteCluster", "TagResource", "UntagResource", "UpdateCluster"),
      clusters(location),
      tagged("ResourceTag", scope),
    ),
  ],
  read: [
    allow(
      "ReadDsql",
      of("dsql", "GetCluster", "GetVpcEndpointServiceName", "ListTagsForResource"),
      clusters(location),
      tagged("ResourceTag", scope),
    ),
  ],
});
