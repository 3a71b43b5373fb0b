/** Stand-in outputs of `awsx.ec2.Vpc`, the one awsx component that the program uses. */
import { digits, type Properties } from "./aws-types.ts";

/** Outputs under mocks, where the component's own resources do not exist: two zones. */
export const standInVpc = (name: string): Properties => ({
  vpcId: `vpc-${digits(name, 17)}`,
  privateSubnetIds: ["a", "b"].map((zone) => `subnet-${digits(`${name}/private/${zone}`, 17)}`),
  publicSubnetIds: ["a", "b"].map((zone) => `subnet-${digits(`${name}/public/${zone}`, 17)}`),
  isolatedSubnetIds: [],
});
