/**
 * Which services of AWS the handler needs a way to, where its subnets have none to the internet. What it may call is
 * what it has rights to; what Lambda does itself (logs, traces, dead letters, opening variables) goes through
 * Lambda's own network and needs no endpoint.
 */
import type { AwsLocation } from "../arns.ts";
import type { Statement } from "../identity/document.ts";

/** Services that a gateway in the route tables leads to, without a charge. */
export const GATEWAY_SERVICES = ["s3", "dynamodb"] as const;

/**
 * The endpoint of each service, by the beginning of its actions in IAM (AWS PrivateLink guide, "AWS services that
 * integrate with AWS PrivateLink"). `undefined`: its data goes to hosts of your own, which `egress` names.
 */
const ENDPOINTS: Readonly<Record<string, string | undefined>> = {
  athena: "athena",
  bedrock: "bedrock-runtime",
  cloudwatch: "monitoring",
  "cognito-idp": "cognito-idp",
  events: "events",
  "execute-api": "execute-api",
  firehose: "kinesis-firehose",
  kinesis: "kinesis-streams",
  kms: "kms",
  lambda: "lambda",
  logs: "logs",
  "rds-data": "rds-data",
  "rds-db": undefined,
  scheduler: "scheduler",
  secretsmanager: "secretsmanager",
  ses: "email",
  sns: "sns",
  sqs: "sqs",
  ssm: "ssm",
  states: "states",
  sts: "sts",
  xray: "xray",
};

/** An interface endpoint, and who needs it. */
export interface Endpoint {
  /** For example `secretsmanager`. */
  readonly service: string;
  /** For example `the handler may secretsmanager:GetSecretValue`. */
  readonly why: string;
}

/** What the handler may call beside what Lambda does for it: the endpoints, and services that have no known one. */
export function endpointsFor(rights: readonly Statement[]): {
  readonly endpoints: readonly Endpoint[];
  readonly unknown: readonly string[];
} {
  const actions = new Map<string, string>();
  for (const { Effect, Action } of rights) {
    for (const action of Effect === "Allow" ? Action : []) {
      const [prefix = ""] = action.split(":");
      if (!actions.has(prefix)) actions.set(prefix, action);
    }
  }
  const asked = [...actions].filter(([prefix]) => !isGateway(prefix));
  return {
    endpoints: asked.flatMap(([prefix, action]) => {
      const service = ENDPOINTS[prefix];
      return service === undefined ? [] : [{ service, why: `the handler may ${action}` }];
    }),
    unknown: asked.filter(([prefix]) => !(prefix in ENDPOINTS)).map(([, action]) => action),
  };
}

const isGateway = (prefix: string): boolean =>
  GATEWAY_SERVICES.some((service) => service === prefix);

/** The full name of a service's endpoint; China's begin otherwise (PrivateLink guide). */
export const endpointName = ({ partition, region }: AwsLocation, service: string): string =>
  `${partition === "aws-cn" && service !== "s3" && service !== "dynamodb" ? "cn.com.amazonaws" : "com.amazonaws"}.${region}.${service}`;
