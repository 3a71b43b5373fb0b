/**
 * What the provider calls for the components of infra/relational, which a team makes in infra/own/resources.ts: by
 * IAM's reference of actions and the provider's source, not by recorded calls.
 */
import type { Program } from "../support/program.ts";
import { arn, type Inputs, on, passRole, type RowTable, text } from "../support/rows.ts";

const own = (kind: "RequestTag" | "ResourceTag", { scope }: Program) => ({
  [`aws:${kind}/service`]: scope.serviceName,
  [`aws:${kind}/environment`]: scope.environment,
});

const database = (inputs: Inputs, program: Program): string =>
  "dbClusterIdentifier" in inputs
    ? arn(program, "rds", `cluster:${text(inputs, "dbClusterIdentifier")}`)
    : arn(program, "rds", `db:${text(inputs, "dbInstanceIdentifier")}`);

export const RELATIONAL_CALLS: RowTable = {
  "aws:dsql/cluster:Cluster": (_inputs, program) => [
    ...on(
      arn(program, "dsql", "cluster/4iabtlwvgyldnbncvlqp5cwkhm"),
      { create: "dsql:CreateCluster dsql:TagResource" },
      own("RequestTag", program),
    ),
    ...on(
      arn(program, "dsql", "cluster/4iabtlwvgyldnbncvlqp5cwkhm"),
      {
        read: "dsql:GetCluster dsql:GetVpcEndpointServiceName dsql:ListTagsForResource",
        update: "dsql:UpdateCluster dsql:TagResource dsql:UntagResource",
        delete: "dsql:DeleteCluster",
      },
      own("ResourceTag", program),
    ),
  ],
  "aws:rds/proxy:Proxy": (inputs, program) => [
    ...on("*", { create: "rds:CreateDBProxy" }, own("RequestTag", program)),
    // Tags that come with the creation are a right of their own.
    ...on(
      arn(program, "rds", "db-proxy:prx-0a1b2c3d4e5f60718"),
      { create: "rds:AddTagsToResource" },
      own("RequestTag", program),
    ),
    ...on(
      arn(program, "rds", "db-proxy:prx-0a1b2c3d4e5f60718"),
      {
        read: "rds:DescribeDBProxies rds:ListTagsForResource",
        update: "rds:ModifyDBProxy rds:AddTagsToResource rds:RemoveTagsFromResource",
        delete: "rds:DeleteDBProxy",
      },
      own("ResourceTag", program),
    ),
    ...passRole(text(inputs, "roleArn"), "rds.amazonaws.com"),
  ],
  "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": (_inputs, program) => [
    ...on(arn(program, "rds", "db-proxy:prx-0a1b2c3d4e5f60718"), {
      read: "rds:DescribeDBProxyTargetGroups",
    }),
    ...on(arn(program, "rds", "target-group:prx-tg-0a1b2c3d4e5f60718"), {
      create: "rds:ModifyDBProxyTargetGroup",
      update: "rds:ModifyDBProxyTargetGroup",
    }),
  ],
  "aws:rds/proxyTarget:ProxyTarget": (inputs, program) => [
    ...on(arn(program, "rds", "target-group:prx-tg-0a1b2c3d4e5f60718"), {
      create: "rds:RegisterDBProxyTargets",
      read: "rds:DescribeDBProxyTargets",
      delete: "rds:DeregisterDBProxyTargets",
    }),
    ...on(arn(program, "rds", "db-proxy:prx-0a1b2c3d4e5f60718"), {
      read: "rds:DescribeDBProxyTargets",
      delete: "rds:DeregisterDBProxyTargets",
    }),
    ...on(database(inputs, program), { delete: "rds:DeregisterDBProxyTargets" }),
  ],
};
