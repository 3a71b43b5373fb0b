/**
 * Your service's own resources: what the handler works on, and what calls it.
 * A newer version of the template leaves this folder alone.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { AwsLocation } from "../arns.ts";
import type { LambdaFunction } from "../function.ts";
import type { ServiceFunction } from "../functions.ts";
import type { Settings } from "../settings.ts";

export interface OwnArgs {
  readonly settings: Settings;
  readonly location: AwsLocation;
}

export interface ConnectArgs extends OwnArgs {
  /** The functions of functions.ts, by name: `functions["reports"]?.lambda.aliasArn`. */
  readonly functions: Readonly<Record<string, ServiceFunction>>;
}

/** What the rest of the program takes from them. */
export interface OwnResources {
  /** Environment variables of the handler, for example a table's name. */
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  /** Streams of own tables that are event sources, by the name that config gives the table. */
  readonly streams?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** Made before the function, which may be told their names. */
export function makeOwnResources(_args: OwnArgs, _opts: pulumi.ResourceOptions): OwnResources {
  return { environment: {} };
}

/** Made after the function: what calls it. Use `lambda.aliasArn`, so that a release decides which version answers. */
export function connectOwnResources(
  _lambda: LambdaFunction,
  _own: OwnResources,
  _args: ConnectArgs,
  _opts: pulumi.ResourceOptions,
): void {}
