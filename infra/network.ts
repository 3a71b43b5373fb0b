import * as pulumi from "@pulumi/pulumi";
import type { AwsLocation } from "./arns.ts";
import { endpointsFor, type Endpoint } from "./network/endpoints.ts";
import { priceLine } from "./network/price.ts";
import { optionRights } from "./options.ts";
import { hasOwnVpc } from "./options/network.ts";
import { ownRights } from "./own/rights.ts";
import type { Settings } from "./settings.ts";

/** Where in a VPC the function runs. */
export interface VpcConfig {
  readonly subnetIds: pulumi.Input<string[]>;
  readonly securityGroupIds: pulumi.Input<string[]>;
}

export interface NetworkContext {
  readonly settings: Settings;
  readonly location: AwsLocation;
  /** Bounds what the role of flow logs can ever be given. */
  readonly boundaryArn: pulumi.Input<string>;
  /** The KMS key that encrypts flow logs. Default CloudWatch's own. */
  readonly keyArn: pulumi.Input<string> | undefined;
}

/**
 * The VPC that the settings ask for, `undefined` where the function runs in none (the default: no NAT gateway to
 * pay, no network interface to wait for). awsx is loaded only for a VPC of the program's own.
 */
export async function openNetwork(
  context: NetworkContext,
  opts: pulumi.ComponentResourceOptions,
): Promise<VpcConfig | undefined> {
  const { settings, location } = context;
  if (settings.network === "existing") {
    const { subnetIds, securityGroupIds } = settings;
    return { subnetIds: [...subnetIds], securityGroupIds: [...securityGroupIds] };
  }
  if (!hasOwnVpc(settings)) return undefined;
  const endpoints = interfaceEndpoints(location, settings);
  sayPrice(settings, endpoints.length);
  const { Network } = await import("./network/created.ts");
  const { subnetIds, securityGroupIds } = new Network("network", { ...context, endpoints }, opts);
  // The function is on its way out: older versions still run in there.
  return settings.network === "leave" ? undefined : { subnetIds, securityGroupIds };
}

/**
 * The endpoints that config names, and without a NAT gateway one for each service that the handler may call.
 * Throws `pulumi.RunError` where such a service has no endpoint that is known here.
 */
export function interfaceEndpoints(location: AwsLocation, settings: Settings): readonly Endpoint[] {
  const named = settings.interfaceEndpoints.map((service) => ({
    service,
    why: "named in interfaceEndpoints",
  }));
  if (settings.natGateways !== "none") return named;
  // Keys and the queues of sources are used by Lambda and Secrets Manager, not by the handler's code.
  const keys = { kmsKeyArn: undefined, createKey: false, secretsKeyArns: [] };
  const byCode = { ...settings, ...keys, sources: [] };
  const { endpoints, unknown } = endpointsFor([
    ...optionRights(location, byCode),
    ...ownRights(location, settings),
  ]);
  if (unknown.length > 0 && named.length === 0) {
    throw new pulumi.RunError(
      `natGateways: "none"; the handler may ${unknown.join(", ")}, and which endpoint leads there is not known here; name it in interfaceEndpoints of Pulumi.${settings.environment}.yaml, or set natGateways to single`,
    );
  }
  const needed = endpoints.filter(({ service }) => !settings.interfaceEndpoints.includes(service));
  return [...named, ...needed];
}

/** A plan says what it costs before somebody approves it. */
function sayPrice({ natGateways, availabilityZones: zones }: Settings, endpoints: number): void {
  if (!pulumi.runtime.isDryRun()) return;
  const line = priceLine({
    natGateways: { none: 0, single: 1, onePerZone: zones }[natGateways],
    interfaceEndpoints: endpoints,
    zones,
  });
  if (line !== undefined) void pulumi.log.warn(line);
}
