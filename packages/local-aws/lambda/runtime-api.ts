/**
 * A local stand-in for Lambda's Runtime API: the HTTP interface that every runtime client speaks.
 * Documented under "Using the Lambda runtime API". One invocation at a time, as in a sandbox.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One event on its way to the function. */
export interface Invocation {
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  /** When Lambda would kill the sandbox, in ms since the epoch. */
  readonly deadlineMs: number;
  readonly functionArn: string;
  /** Value of the header `Lambda-Runtime-Trace-Id`. */
  readonly traceHeader: string;
}

/** What the function made of it: `body` is JSON text, an error's with `errorType`, `errorMessage` and `trace`. */
export interface Outcome {
  readonly kind: "response" | "error";
  readonly body: string;
  /** From handing the event over to having the outcome. */
  readonly durationMs: number;
}

interface Pending {
  readonly invocation: Invocation;
  readonly settle: (outcome: Outcome) => void;
  startedMs: number;
}

const PREFIX = "/2018-06-01/runtime";

export class RuntimeApi {
  readonly #server: Server;
  readonly #ready = Promise.withResolvers<void>();
  readonly #initError = Promise.withResolvers<string>();
  /** The client's open request for the next event. */
  #waiting: ServerResponse | undefined;
  #queued: Pending | undefined;
  #running: Pending | undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response);
    });
  }

  /** Listens on the loopback address, on a free port. */
  static async start(): Promise<RuntimeApi> {
    const api = new RuntimeApi();
    await new Promise<void>((resolve) => {
      api.#server.listen(0, "127.0.0.1", resolve);
    });
    return api;
  }

  /** `host:port`, for `AWS_LAMBDA_RUNTIME_API`. */
  get address(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  /** Resolves when the function has loaded and asks for its first event. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves with the error's JSON when the function does not load. */
  get initError(): Promise<string> {
    return this.#initError.promise;
  }

  /** Hands an event to the function and resolves with what comes back; never, where nothing does. */
  invoke(invocation: Invocation): Promise<Outcome> {
    return new Promise((settle) => {
      this.#queued = { invocation, settle, startedMs: 0 };
      this.#deliver();
    });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #deliver(): void {
    if (!this.#waiting || !this.#queued) return;
    const { invocation } = this.#queued;
    this.#queued.startedMs = performance.now();
    this.#running = this.#queued;
    this.#waiting.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": invocation.requestId,
      "lambda-runtime-deadline-ms": String(invocation.deadlineMs),
      "lambda-runtime-invoked-function-arn": invocation.functionArn,
      "lambda-runtime-trace-id": invocation.traceHeader,
    });
    this.#waiting.end(invocation.payload);
    this.#waiting = undefined;
    this.#queued = undefined;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === `${PREFIX}/invocation/next`) {
      this.#waiting = response;
      this.#ready.resolve();
      this.#deliver();
      return;
    }
    const finishedMs = performance.now();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    if (request.url === `${PREFIX}/init/error`) this.#initError.resolve(body);
    const kind = request.url?.endsWith("/error") ? "error" : "response";
    const running = this.#running;
    response.writeHead(202).end(() => {
      if (running && request.url?.includes(running.invocation.requestId)) {
        running.settle({ kind, body, durationMs: finishedMs - running.startedMs });
      }
    });
  }
}
