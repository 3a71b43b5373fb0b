/**
 * What your handler may do beyond writing its logs, traces and dead letters, and what CI may do with your own
 * resources. docs/security.md says which of it goes through CI and what an administrator applies.
 */
import type { AwsLocation } from "../arns.ts";
import type { Statement } from "../identity/document.ts";
import type { Scope } from "../names.ts";

/**
 * Rights of the handler's role. Each is for this environment's own names where AWS lets it be.
 *
 *     allow("ReadOrders", of("dynamodb", "GetItem"), [
 *       `arn:${location.partition}:dynamodb:${location.region}:${location.accountId}:table/${ownName(scope, "orders")}`,
 *     ]),
 */
export const ownRights = (_location: AwsLocation, _scope: Scope): readonly Statement[] => [];

/** Rights of pipelines on the resources of `resources.ts`. */
export interface OwnDeployRights {
  /** What the deploy role may do beside reading: create, change, delete. */
  readonly change: readonly Statement[];
  /** What a plan reads, also in pull requests, and people too: nothing that returns secrets or customers' data. */
  readonly read: readonly Statement[];
}

/** The proof of the roles prints what is missing here, once test/infra/own/calls.ts says what is called. */
export const ownDeployRights = (_location: AwsLocation, _scope: Scope): OwnDeployRights => ({
  change: [],
  read: [],
});
