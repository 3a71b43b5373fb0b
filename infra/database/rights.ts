/** What the table adds to the roles: exactly this table and this bus. Pure. */
import { type AwsLocation, eventBusArn, tableArn } from "../arns.ts";
import { allow, of, type Statement } from "../identity/document.ts";
import { type Scope, tableName } from "../names.ts";
import { encryptTable } from "../options/encryption.ts";
import type { OptionDeployRights } from "../options/option.ts";
import type { Settings } from "../settings/parse.ts";
import { changesBus, type DatabaseSettings } from "./settings.ts";

/**
 * What the handler's adapter calls (function/adapters/table.ts). A transaction needs no right of its own: IAM judges what
 * it does to each item, here puts (DynamoDB guide, "Using IAM with DynamoDB transactions").
 */
const ITEM_ACTIONS = of("dynamodb", "DeleteItem", "GetItem", "PutItem");

export function handlerRights(
  location: AwsLocation,
  settings: Scope & DatabaseSettings,
): readonly Statement[] {
  const bus = changesBus(settings);
  return [
    allow("UseTable", ITEM_ACTIONS, [tableArn(location, tableName(settings))]),
    ...(bus === undefined
      ? []
      : [
          // In the service's name alone. Every entry of a call has a source, so the condition is never empty.
          allow("PublishChanges", of("events", "PutEvents"), [eventBusArn(location, bus)], {
            "ForAllValues:StringEquals": { "events:source": settings.serviceName },
          }),
        ]),
  ];
}

/**
 * A pipeline makes the table and changes its settings. It has no right to an item, and none to delete the table, with
 * whatever config: that is an administrator's (docs/decisions/0703-a-table-outlives-its-stack.md).
 */
export function deployRights(location: AwsLocation, settings: Settings): OptionDeployRights {
  const table = [tableArn(location, tableName(settings))];
  return {
    change: [
      allow(
        "Table",
        of(
          "dynamodb",
          "CreateTable",
          "TagResource",
          "UntagResource",
          "UpdateContinuousBackups",
          "UpdateTable",
          "UpdateTimeToLive",
        ),
        table,
      ),
      ...encryptTable(location, settings),
    ],
    read: [
      allow(
        "ReadTable",
        of(
          "dynamodb",
          "DescribeContinuousBackups",
          "DescribeTable",
          "DescribeTimeToLive",
          "ListTagsOfResource",
        ),
        table,
      ),
    ],
  };
}
