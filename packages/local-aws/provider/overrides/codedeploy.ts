import { awsType, type AwsType, regionalArn, text, uuid } from "../aws-types.ts";

export const codedeploy: Readonly<Record<string, AwsType>> = {
  "aws:codedeploy/application:Application": awsType({
    nameKey: "name",
    replaceOn: ["computePlatform"],
    id: ({ logicalName }) => uuid(`application/${logicalName}`),
    computed: ({ location, logicalName, inputs }) => ({
      arn: regionalArn(location, "codedeploy", `application:${text(inputs, "name")}`),
      applicationId: uuid(`application/${logicalName}`),
      linkedToGithub: false,
      githubAccountName: "",
    }),
  }),
  "aws:codedeploy/deploymentGroup:DeploymentGroup": awsType({
    required: ["appName", "deploymentGroupName", "serviceRoleArn"],
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
  }),
};
