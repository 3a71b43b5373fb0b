/**
 * Calls of AWS's SDK as steps of the trace: `client.send(traced(new GetItemCommand(…), call.trace))`.
 * The step is named by the service and says which operation in which region; the service gets the trace's header.
 */
import type { Step } from "../platform/tracing.ts";

/** What a command of the SDK, version 3, has for middleware; the types of each client differ in the rest. */
interface Command {
  readonly middlewareStack: {
    add(middleware: unknown, options: { step: "build"; name: string; override: boolean }): void;
  };
}

interface Context {
  readonly clientName?: string;
  readonly commandName?: string;
}

interface Metadata {
  readonly httpStatusCode?: number;
  readonly requestId?: string;
  readonly attempts?: number;
}

type Next = (args: { request?: { headers?: Record<string, string> } }) => Promise<{
  output: { $metadata?: Metadata };
}>;

/** Traces this command when it is sent; returns it. All its attempts are one step. */
export function traced<C extends Command>(command: C, trace: Step): C {
  const middleware =
    (next: Next, { clientName = "AWS", commandName = "" }: Context): Next =>
    (args) =>
      trace.step(
        clientName.replace(/Client$/, ""),
        async (step) => {
          const headers = args.request?.headers;
          const header = step.header();
          if (headers && header) headers["X-Amzn-Trace-Id"] = header;
          const known = ({ httpStatusCode, requestId, attempts = 1 }: Metadata = {}): void =>
            step.details({
              aws: {
                operation: commandName.replace(/Command$/, ""),
                region: process.env.AWS_REGION,
                request_id: requestId,
                retries: attempts - 1,
              },
              http: { response: { status: httpStatusCode } },
            });
          try {
            const result = await next(args);
            known(result.output.$metadata);
            return result;
          } catch (error) {
            known(metadataOf(error));
            throw error;
          }
        },
        "aws",
      );
  const options = { step: "build", name: "trace", override: true } as const;
  command.middlewareStack.add(middleware, options);
  return command;
}

const metadataOf = (error: unknown): Metadata | undefined =>
  error instanceof Error && "$metadata" in error && typeof error.$metadata === "object"
    ? (error.$metadata ?? undefined)
    : undefined;
