/**
 * The executable that the engine starts for awsx components in an offline run. It makes the resources that
 * `awsx.ec2.Vpc` makes, in the layout that this project asks for, through the offline AWS provider.
 */
import awsx from "@pulumi/awsx/package.json" with { type: "json" };
import type { ProviderResource } from "@pulumi/pulumi";
import { main, type Provider } from "@pulumi/pulumi/provider/index.js";
import { LocalAwsError } from "../errors.ts";

const provider: Provider = {
  version: awsx.version,
  construct: async (name, type, inputs, options) => {
    if (type !== "awsx:ec2:Vpc") {
      throw new LocalAwsError(
        `offline runs know awsx:ec2:Vpc alone of awsx's components, not ${type}`,
        "make it of aws resources, or plan it against an account with pulumi preview",
      );
    }
    const { OfflineVpc } = await import("./offline-vpc.ts");
    const { getAvailabilityZones } = await import("@pulumi/aws");
    // Asked of the provider that the component was given, as awsx does.
    const { aws: provider } = options.providers as Record<string, ProviderResource | undefined>;
    const { names } = await getAvailabilityZones({}, provider ? { provider } : {});
    const vpc = new OfflineVpc(name, inputs, names, options);
    return { urn: vpc.urn, state: vpc.state };
  },
};

await main(provider, process.argv.slice(2));
