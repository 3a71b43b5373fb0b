/**
 * Access logs (API Gateway developer guide, "Set up CloudWatch logging for REST APIs" and "Customize HTTP API access
 * logs"): one line a request in the stage's format, where what is unknown is `-`.
 */
import { badRequest } from "./document.ts";
import type { Context } from "./context.ts";

export interface AccessLog {
  readonly destinationArn: string;
  readonly format: string;
}

/** Takes a line for a log group. */
export type WriteLog = (logGroupName: string, message: string) => void;

/** Throws what API Gateway refuses of a destination or format. */
export function checkAccessLog({ destinationArn, format }: AccessLog): void {
  if (!/^arn:[^:]+:(?:logs:[^:]+:\d+:log-group:.+|firehose:.+)$/.test(destinationArn)) {
    throw badRequest("Invalid ARN specified in the request");
  }
  // "The log format must include at least $context.requestId or $context.extendedRequestId" (guide).
  if (!/\$context\.(?:extendedR|r)equestId\b/.test(format)) {
    throw badRequest(
      "Access Log format must include $context.requestId or $context.extendedRequestId",
    );
  }
  if (format.includes("\n")) throw badRequest("Access Log format must be single line.");
}

export function writeAccessLog(
  { destinationArn, format }: AccessLog,
  context: Context,
  write: WriteLog,
): void {
  const group = /:log-group:([^:]+)/.exec(destinationArn)?.[1];
  if (group !== undefined) write(group, context.substitute(format, "-"));
}
