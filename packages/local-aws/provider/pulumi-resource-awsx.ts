/**
 * The executable that the engine starts for awsx components in an offline run. It makes the resources that
 * `awsx.ec2.Vpc` makes, in the layout that this project asks for, through the offline AWS provider.
 */
import awsx from "@pulumi/awsx/package.json" with { type: "json" };
import { main, type Provider } from "@pulumi/pulumi/provider/index.js";

const provider: Provider = {
  version: awsx.version,
  construct: async (name, type, inputs, options) => {
    if (type !== "awsx:ec2:Vpc") {
      throw new Error(`the offline awsx provider does not know the component ${type}`);
    }
    const { OfflineVpc } = await import("./offline-vpc.ts");
    const vpc = new OfflineVpc(name, inputs, options);
    return { urn: vpc.urn, state: vpc.state };
  },
};

await main(provider, process.argv.slice(2));
