/** What both kinds of API are made from and come to. */
import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../settings/parse.ts";
import type { BodyInput } from "./body.ts";

export interface ApiContext {
  readonly settings: Settings;
  readonly body: BodyInput;
  /** Where the access log goes; undefined where there is none. */
  readonly logGroup: aws.cloudwatch.LogGroup | undefined;
  readonly opts: pulumi.CustomResourceOptions;
}

/** An API that has been defined and is not yet open to callers. */
export interface Definition {
  readonly id: pulumi.Output<string>;
  /** The stage that callers reach. */
  readonly stageName: string;
  /** Opens it, once these are there; answers with its address. */
  readonly publish: (dependsOn: readonly pulumi.Resource[]) => pulumi.Output<string>;
}
