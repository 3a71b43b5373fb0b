import {
  AttachRolePolicyCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { type Properties, text } from "../../provider/aws-types.ts";
import { type Maker, putting, texts } from "./maker.ts";

/** A policy is text, or an object that the provider turns into text. */
const policyText = (inputs: Properties, key: string): string =>
  typeof inputs[key] === "object" ? JSON.stringify(inputs[key]) : text(inputs, key);

const described = (inputs: Properties) => {
  const description = text(inputs, "description");
  return description === "" ? {} : { Description: description };
};

export const iamMakers: Readonly<Record<string, Maker>> = {
  "aws:iam/role:Role": {
    create: async ({ inputs }, { iam }) => {
      const boundary = text(inputs, "permissionsBoundary");
      await iam.send(
        new CreateRoleCommand({
          RoleName: text(inputs, "name"),
          AssumeRolePolicyDocument: policyText(inputs, "assumeRolePolicy"),
          ...described(inputs),
          ...(boundary === "" ? {} : { PermissionsBoundary: boundary }),
          ...(inputs["maxSessionDuration"] === undefined
            ? {}
            : { MaxSessionDuration: Number(inputs["maxSessionDuration"]) }),
        }),
      );
      return {};
    },
    update: async ({ inputs }, { iam }) => {
      await iam.send(
        new UpdateAssumeRolePolicyCommand({
          RoleName: text(inputs, "name"),
          PolicyDocument: policyText(inputs, "assumeRolePolicy"),
        }),
      );
      return {};
    },
  },
  "aws:iam/rolePolicy:RolePolicy": putting(({ inputs }, { iam }) =>
    iam.send(
      new PutRolePolicyCommand({
        RoleName: text(inputs, "role"),
        PolicyName: text(inputs, "name"),
        PolicyDocument: policyText(inputs, "policy"),
      }),
    ),
  ),
  "aws:iam/policy:Policy": {
    create: async ({ inputs }, { iam }) => {
      await iam.send(
        new CreatePolicyCommand({
          PolicyName: text(inputs, "name"),
          PolicyDocument: policyText(inputs, "policy"),
          ...described(inputs),
        }),
      );
      return {};
    },
    update: async ({ inputs, previous }, { iam }) => {
      await iam.send(
        new CreatePolicyVersionCommand({
          PolicyArn: text(previous ?? {}, "arn"),
          PolicyDocument: policyText(inputs, "policy"),
          SetAsDefault: true,
        }),
      );
      return {};
    },
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": putting(({ inputs }, { iam }) =>
    iam.send(
      new AttachRolePolicyCommand({
        RoleName: text(inputs, "role"),
        PolicyArn: text(inputs, "policyArn"),
      }),
    ),
  ),
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
    create: async ({ inputs }, { iam }) => {
      await iam.send(
        new CreateOpenIDConnectProviderCommand({
          Url: text(inputs, "url"),
          ClientIDList: texts(inputs, "clientIdLists"),
          ThumbprintList: texts(inputs, "thumbprintLists"),
        }),
      );
      return {};
    },
    // The program changes nothing of it; its audience is the one that GitHub's own action uses.
    update: () => Promise.resolve({}),
  },
};
