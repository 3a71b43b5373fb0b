import type * as pulumi from "@pulumi/pulumi";
import type { AwsLocation } from "./arns.ts";
import type { Settings } from "./settings.ts";

/** Where in a VPC the function runs. */
export interface VpcConfig {
  readonly subnetIds: pulumi.Input<string[]>;
  readonly securityGroupIds: pulumi.Input<string[]>;
}

/**
 * The VPC that the settings ask for, `undefined` for none (the default: no NAT gateway to pay, no
 * network interface to wait for). awsx is loaded only when a VPC is to be created.
 */
export async function openNetwork(
  settings: Settings,
  location: AwsLocation,
  opts: pulumi.ComponentResourceOptions,
): Promise<VpcConfig | undefined> {
  if (settings.network === "none") return undefined;
  if (settings.network === "existing") {
    const { subnetIds, securityGroupIds } = settings;
    return { subnetIds: [...subnetIds], securityGroupIds: [...securityGroupIds] };
  }
  const { Network } = await import("./network/created.ts");
  const { subnetIds, securityGroupIds } = new Network("network", { settings, location }, opts);
  return { subnetIds, securityGroupIds };
}
