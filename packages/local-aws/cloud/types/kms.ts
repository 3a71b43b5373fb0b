import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-kms";
import { text } from "../../provider/aws-types.ts";
import type { Maker } from "./maker.ts";

/** Keys encrypt nothing here, but their policies decide who may publish to a topic. */
export const kmsMakers: Readonly<Record<string, Maker>> = {
  "aws:kms/key:Key": {
    create: async ({ inputs }, { kms }) => {
      const policy = text(inputs, "policy");
      const { KeyMetadata } = await kms.send(
        new CreateKeyCommand({
          Description: text(inputs, "description"),
          // Without one the account's own identities may use it, and no service.
          ...(policy !== "" && { Policy: policy }),
        }),
      );
      const { KeyId: keyId, Arn: arn } = KeyMetadata ?? {};
      return { id: keyId, keyId, arn };
    },
    update: async ({ inputs, previous }, { kms }) => {
      const policy = text(inputs, "policy");
      if (policy !== "") {
        await kms.send(
          new PutKeyPolicyCommand({
            KeyId: text(previous ?? {}, "keyId"),
            PolicyName: "default",
            Policy: policy,
          }),
        );
      }
      return {};
    },
    delete: async ({ previous }, { kms }) => {
      await kms.send(new ScheduleKeyDeletionCommand({ KeyId: text(previous ?? {}, "keyId") }));
    },
    ownOutputs: ["id", "keyId", "arn"],
  },
  "aws:kms/alias:Alias": {
    create: async ({ inputs }, { kms }) => {
      await kms.send(
        new CreateAliasCommand({
          AliasName: text(inputs, "name"),
          TargetKeyId: text(inputs, "targetKeyId"),
        }),
      );
      return {};
    },
    update: async ({ inputs }, { kms }) => {
      await kms.send(
        new UpdateAliasCommand({
          AliasName: text(inputs, "name"),
          TargetKeyId: text(inputs, "targetKeyId"),
        }),
      );
      return {};
    },
    delete: async ({ inputs }, { kms }) => {
      await kms.send(new DeleteAliasCommand({ AliasName: text(inputs, "name") }));
    },
  },
};
