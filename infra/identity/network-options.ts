import type { Settings } from "../settings/parse.ts";

/** The settings of a VPC that rights depend on: whether there is one, who makes it, and which one it is. */
export type NetworkOptions = Pick<Settings, "network" | "subnetIds" | "securityGroupIds">;
