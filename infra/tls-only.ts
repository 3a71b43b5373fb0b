import { type PolicyDocument, policy } from "./identity/document.ts";

/** A resource policy that refuses every request without TLS, and grants nothing. */
export const tlsOnly = (
  actions: string | readonly string[],
  arns: readonly string[],
): PolicyDocument =>
  policy({
    Sid: "DenyPlainHttp",
    Effect: "Deny",
    Principal: { AWS: "*" },
    Action: [actions].flat(),
    Resource: arns,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  });
