/**
 * What your handler may do beyond writing its logs, traces and dead letters.
 * Each statement goes into the execution role and widens the permissions boundary by the same.
 *
 *     allow("ReadOrders", of("dynamodb", "GetItem"), [tableArn(location, "orders")]),
 */
import type { AwsLocation } from "../arns.ts";
import type { Statement } from "../identity/document.ts";
import type { Scope } from "../names.ts";

export const ownRights = (_location: AwsLocation, _scope: Scope): readonly Statement[] => [];
