import { type Override, regionalArn, text, uuid } from "../aws-types.ts";

export const codedeploy: Readonly<Record<string, Override>> = {
  "aws:codedeploy/application:Application": {
    nameKey: "name",
    replaceOn: ["computePlatform"],
    id: ({ logicalName }) => uuid(`application/${logicalName}`),
    computed: ({ location, logicalName, inputs }) => ({
      arn: regionalArn(location, "codedeploy", `application:${text(inputs, "name")}`),
      applicationId: uuid(`application/${logicalName}`),
      linkedToGithub: false,
      githubAccountName: "",
    }),
  },
  "aws:codedeploy/deploymentGroup:DeploymentGroup": {
    replaceOn: ["appName"],
    id: ({ logicalName }) => uuid(`deploymentGroup/${logicalName}`),
    computed: ({ location, logicalName, inputs }) => ({
      arn: regionalArn(
        location,
        "codedeploy",
        `deploymentgroup:${text(inputs, "appName")}/${text(inputs, "deploymentGroupName")}`,
      ),
      computePlatform: "Lambda",
      deploymentGroupId: uuid(`deploymentGroup/${logicalName}`),
    }),
  },
};
