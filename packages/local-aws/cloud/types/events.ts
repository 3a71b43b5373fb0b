/** What calls functions by itself: mappings of queues and streams, and rules of EventBridge. */
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  type EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  DeleteEventSourceMappingCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { type Properties, text } from "../../provider/aws-types.ts";
import { deeplyCapitalised, type Maker, part, putting, texts } from "./maker.ts";

/** What both calls about mappings take. */
function mappingInput(
  inputs: Properties,
): Omit<CreateEventSourceMappingCommandInput, "FunctionName"> {
  const { onFailure } = part(inputs, "destinationConfig");
  const { destinationArn } = (onFailure ?? {}) as { destinationArn?: string };
  const number = (key: string, name: string) =>
    inputs[key] === undefined ? {} : { [name]: Number(inputs[key]) };
  return {
    ...(inputs["enabled"] !== undefined && { Enabled: inputs["enabled"] === true }),
    ...number("batchSize", "BatchSize"),
    ...number("maximumBatchingWindowInSeconds", "MaximumBatchingWindowInSeconds"),
    ...number("maximumRetryAttempts", "MaximumRetryAttempts"),
    ...number("maximumRecordAgeInSeconds", "MaximumRecordAgeInSeconds"),
    ...number("parallelizationFactor", "ParallelizationFactor"),
    ...(inputs["bisectBatchOnFunctionError"] !== undefined && {
      BisectBatchOnFunctionError: inputs["bisectBatchOnFunctionError"] === true,
    }),
    FunctionResponseTypes: texts(inputs, "functionResponseTypes") as ["ReportBatchItemFailures"],
    ScalingConfig: deeplyCapitalised(part(inputs, "scalingConfig")) as object,
    FilterCriteria: deeplyCapitalised(part(inputs, "filterCriteria")) as object,
    ...(destinationArn && { DestinationConfig: { OnFailure: { Destination: destinationArn } } }),
  };
}

const busOf = (inputs: Properties): { EventBusName?: string } => {
  const bus = text(inputs, "eventBusName");
  return bus === "" || bus === "default" ? {} : { EventBusName: bus };
};

/** Makes a bus, where there is none of that name. */
async function makeBus(events: EventBridgeClient, Name: string): Promise<void> {
  await events.send(new CreateEventBusCommand({ Name })).catch((error: unknown) => {
    if (!(error instanceof Error && error.name === "ResourceAlreadyExistsException")) throw error;
  });
}

const retryPolicyOf = (inputs: Properties) => {
  const policy = part(inputs, "retryPolicy");
  return (
    Object.keys(policy).length > 0 && {
      RetryPolicy: {
        MaximumEventAgeInSeconds: Number(policy["maximumEventAgeInSeconds"]),
        MaximumRetryAttempts: Number(policy["maximumRetryAttempts"]),
      },
    }
  );
};

function scheduleInput(inputs: Properties): CreateScheduleCommandInput {
  const target = part(inputs, "target");
  return {
    Name: text(inputs, "name"),
    GroupName: text(inputs, "groupName") || "default",
    ScheduleExpression: text(inputs, "scheduleExpression"),
    ScheduleExpressionTimezone: text(inputs, "scheduleExpressionTimezone") || "UTC",
    FlexibleTimeWindow: { Mode: "OFF" },
    ...(text(inputs, "state") && { State: text(inputs, "state") as "ENABLED" }),
    Target: {
      Arn: text(target, "arn"),
      RoleArn: text(target, "roleArn"),
      ...(text(target, "input") && { Input: text(target, "input") }),
      ...(target["deadLetterConfig"] !== undefined && {
        DeadLetterConfig: { Arn: text(part(target, "deadLetterConfig"), "arn") },
      }),
    },
  };
}

export const eventMakers: Readonly<Record<string, Maker>> = {
  "aws:lambda/eventSourceMapping:EventSourceMapping": {
    create: async ({ inputs }, { lambda }) => {
      const startingPosition = text(inputs, "startingPosition");
      const { UUID, EventSourceMappingArn } = await lambda.send(
        new CreateEventSourceMappingCommand({
          ...mappingInput(inputs),
          EventSourceArn: text(inputs, "eventSourceArn"),
          FunctionName: text(inputs, "functionName"),
          ...(startingPosition !== "" && { StartingPosition: startingPosition as "LATEST" }),
        }),
      );
      return { uuid: UUID, id: UUID, ...(EventSourceMappingArn && { arn: EventSourceMappingArn }) };
    },
    update: async ({ inputs, previous }, { lambda }) => {
      await lambda.send(
        new UpdateEventSourceMappingCommand({
          ...mappingInput(inputs),
          UUID: text(previous ?? {}, "uuid"),
          FunctionName: text(inputs, "functionName"),
        }),
      );
      return {};
    },
    delete: async ({ previous }, { lambda }) => {
      await lambda.send(
        new DeleteEventSourceMappingCommand({ UUID: text(previous ?? {}, "uuid") }),
      );
    },
    ownOutputs: ["uuid", "id"],
  },
  "aws:cloudwatch/eventBus:EventBus": putting(
    ({ inputs }, { events }) => makeBus(events, text(inputs, "name")),
    async ({ previous = {} }, { events }) => {
      await events.send(new DeleteEventBusCommand({ Name: text(previous, "name") }));
    },
  ),
  "aws:cloudwatch/eventRule:EventRule": putting(
    async ({ inputs }, { events }) => {
      const { EventBusName } = busOf(inputs);
      // The bus may be another program's, which is not here.
      if (EventBusName !== undefined) await makeBus(events, EventBusName);
      await events.send(
        new PutRuleCommand({
          Name: text(inputs, "name"),
          ...busOf(inputs),
          ...(text(inputs, "eventPattern") && { EventPattern: text(inputs, "eventPattern") }),
          ...(text(inputs, "scheduleExpression") && {
            ScheduleExpression: text(inputs, "scheduleExpression"),
          }),
        }),
      );
    },
    async ({ previous = {} }, { events }) => {
      await events.send(
        new DeleteRuleCommand({ Name: text(previous, "name"), ...busOf(previous) }),
      );
    },
  ),
  "aws:scheduler/scheduleGroup:ScheduleGroup": {
    create: async ({ inputs }, { scheduler }) => {
      await scheduler.send(new CreateScheduleGroupCommand({ Name: text(inputs, "name") }));
      return {};
    },
    update: () => Promise.resolve({}),
    delete: async ({ previous = {} }, { scheduler }) => {
      await scheduler.send(new DeleteScheduleGroupCommand({ Name: text(previous, "name") }));
    },
  },
  "aws:scheduler/schedule:Schedule": {
    create: async ({ inputs }, { scheduler }) => {
      await scheduler.send(new CreateScheduleCommand(scheduleInput(inputs)));
      return {};
    },
    update: async ({ inputs }, { scheduler }) => {
      await scheduler.send(new UpdateScheduleCommand(scheduleInput(inputs)));
      return {};
    },
    delete: async ({ previous = {} }, { scheduler }) => {
      await scheduler.send(
        new DeleteScheduleCommand({
          Name: text(previous, "name"),
          GroupName: text(previous, "groupName") || "default",
        }),
      );
    },
  },
  "aws:cloudwatch/eventTarget:EventTarget": putting(
    async ({ inputs }, { events }) => {
      const deadLetters = text(part(inputs, "deadLetterConfig"), "arn");
      const { FailedEntries = [] } = await events.send(
        new PutTargetsCommand({
          Rule: text(inputs, "rule"),
          ...busOf(inputs),
          Targets: [
            {
              Id: text(inputs, "targetId"),
              Arn: text(inputs, "arn"),
              ...(text(inputs, "input") && { Input: text(inputs, "input") }),
              ...(deadLetters && { DeadLetterConfig: { Arn: deadLetters } }),
              ...retryPolicyOf(inputs),
            },
          ],
        }),
      );
      const [failed] = FailedEntries;
      if (failed) throw new Error(`${failed.ErrorCode}: ${failed.ErrorMessage}`);
    },
    async ({ previous = {} }, { events }) => {
      await events.send(
        new RemoveTargetsCommand({
          Rule: text(previous, "rule"),
          ...busOf(previous),
          Ids: [text(previous, "targetId")],
        }),
      );
    },
  ),
};
