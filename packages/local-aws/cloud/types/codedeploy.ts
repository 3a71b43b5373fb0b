import {
  type AutoRollbackEvent,
  CreateApplicationCommand,
  CreateDeploymentGroupCommand,
  type CreateDeploymentGroupCommandInput,
  UpdateDeploymentGroupCommand,
} from "@aws-sdk/client-codedeploy";
import { type Properties, text } from "../../provider/aws-types.ts";
import { type Maker, part, texts } from "./maker.ts";

/** The deployment group as CodeDeploy's API takes it. */
function groupInput(inputs: Properties): CreateDeploymentGroupCommandInput {
  const alarms = part(inputs, "alarmConfiguration");
  const rollback = part(inputs, "autoRollbackConfiguration");
  return {
    applicationName: text(inputs, "appName"),
    deploymentGroupName: text(inputs, "deploymentGroupName"),
    deploymentConfigName: text(inputs, "deploymentConfigName"),
    serviceRoleArn: text(inputs, "serviceRoleArn"),
    deploymentStyle: part(inputs, "deploymentStyle"),
    alarmConfiguration: {
      enabled: alarms["enabled"] === true,
      ignorePollAlarmFailure: alarms["ignorePollAlarmFailure"] === true,
      alarms: texts(alarms, "alarms").map((name) => ({ name })),
    },
    autoRollbackConfiguration: {
      enabled: rollback["enabled"] === true,
      events: texts(rollback, "events") as AutoRollbackEvent[],
    },
  };
}

export const codeDeployMakers: Readonly<Record<string, Maker>> = {
  "aws:codedeploy/application:Application": {
    create: async ({ inputs }, { codeDeploy }) => {
      const { applicationId } = await codeDeploy.send(
        new CreateApplicationCommand({
          applicationName: text(inputs, "name"),
          computePlatform: "Lambda",
        }),
      );
      return { applicationId };
    },
    update: () => Promise.resolve({}),
    ownOutputs: ["applicationId"],
  },
  "aws:codedeploy/deploymentGroup:DeploymentGroup": {
    create: async ({ inputs }, { codeDeploy }) => {
      const command = new CreateDeploymentGroupCommand(groupInput(inputs));
      const { deploymentGroupId } = await codeDeploy.send(command);
      return { deploymentGroupId };
    },
    update: async ({ inputs }, { codeDeploy }) => {
      const { deploymentGroupName, ...changed } = groupInput(inputs);
      await codeDeploy.send(
        new UpdateDeploymentGroupCommand({
          ...changed,
          currentDeploymentGroupName: deploymentGroupName,
        }),
      );
      return {};
    },
    ownOutputs: ["deploymentGroupId"],
  },
};
