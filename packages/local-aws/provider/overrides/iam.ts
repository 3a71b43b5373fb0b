import { type Override, digits, globalArn, text } from "../aws-types.ts";

/** IAM's unique ids: a prefix for the kind and seventeen capitals and digits. */
const uniqueId = (prefix: string, seed: string): string =>
  prefix + digits(`${prefix}/${seed}`, 17).toUpperCase();

const path = (inputs: Readonly<Record<string, unknown>>): string => text(inputs, "path") || "/";

export const iam: Readonly<Record<string, Override>> = {
  "aws:iam/role:Role": {
    nameKey: "name",
    replaceOn: ["name", "namePrefix", "path"],
    id: ({ inputs }) => text(inputs, "name"),
    computed: ({ location, inputs }) => ({
      arn: globalArn(location, "iam", `role${path(inputs)}${text(inputs, "name")}`),
      uniqueId: uniqueId("AROA", text(inputs, "name")),
      createDate: "2026-01-01T00:00:00Z",
    }),
  },
  "aws:iam/rolePolicy:RolePolicy": {
    nameKey: "name",
    replaceOn: ["name", "namePrefix", "role"],
    id: ({ inputs }) => `${text(inputs, "role")}:${text(inputs, "name")}`,
  },
  "aws:iam/policy:Policy": {
    nameKey: "name",
    replaceOn: ["name", "namePrefix", "path", "description"],
    id: ({ location, inputs }) =>
      globalArn(location, "iam", `policy${path(inputs)}${text(inputs, "name")}`),
    computed: ({ location, inputs }) => ({
      arn: globalArn(location, "iam", `policy${path(inputs)}${text(inputs, "name")}`),
      policyId: uniqueId("ANPA", text(inputs, "name")),
      attachmentCount: 0,
    }),
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    replaceOn: ["policyArn", "role"],
    id: ({ inputs }) => `${text(inputs, "role")}/${text(inputs, "policyArn")}`,
  },
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
    replaceOn: ["url"],
    id: ({ location, inputs }) => oidcArn(location, inputs),
    computed: ({ location, inputs }) => ({ arn: oidcArn(location, inputs) }),
  },
};

function oidcArn(
  location: Parameters<typeof globalArn>[0],
  inputs: Readonly<Record<string, unknown>>,
): string {
  return globalArn(
    location,
    "iam",
    `oidc-provider/${text(inputs, "url").replace(/^https:\/\//, "")}`,
  );
}
