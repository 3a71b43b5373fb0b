import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { type PolicyDocument, toJson } from "./identity/document.ts";

export interface BoundedRoleArgs {
  readonly roleName: string;
  readonly description: string;
  /** Who may take it. */
  readonly trust: PolicyDocument;
  /** What it may do. */
  readonly permissions: PolicyDocument;
  /** The most that it can ever do; the deploy role may make no role without it. */
  readonly boundaryArn: pulumi.Input<string>;
}

export interface BoundedRole {
  readonly role: aws.iam.Role;
  /** Wait for it: a role can be used before its permissions are there. */
  readonly permissions: aws.iam.RolePolicy;
}

/** A role under the permissions boundary, with one inline policy. Their names are `{name}-role` and `{name}-permissions`. */
export function makeBoundedRole(
  name: string,
  { roleName, description, trust, permissions, boundaryArn }: BoundedRoleArgs,
  opts: pulumi.CustomResourceOptions,
): BoundedRole {
  const role = new aws.iam.Role(
    `${name}-role`,
    {
      name: roleName,
      description,
      assumeRolePolicy: toJson(trust),
      permissionsBoundary: boundaryArn,
    },
    opts,
  );
  return {
    role,
    permissions: new aws.iam.RolePolicy(
      `${name}-permissions`,
      { name, role: role.name, policy: toJson(permissions) },
      opts,
    ),
  };
}
