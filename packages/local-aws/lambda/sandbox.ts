/** One Lambda sandbox on this machine: a bundled handler, run by a runtime client against a local Runtime API. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type FunctionDescription, functionArn, sandboxEnvironment } from "./environment.ts";
import { type Outcome, RuntimeApi } from "./runtime-api.ts";
import { XrayDaemon } from "./xray-daemon.ts";

export interface SandboxOptions {
  readonly description: FunctionDescription;
  /** The module that the zip holds as `dist/index.mjs`. */
  readonly code: string;
  /** Its name, where that is another: `index.js` for a CommonJS module. */
  readonly fileName?: string;
  /** Further files beside it. */
  readonly extraFiles?: Readonly<Record<string, string>>;
  /** Entry of AWS's runtime client; without it a plain Node process runs the handler. */
  readonly clientEntry?: string;
  /** Added to the function's environment. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface InvokeOptions {
  readonly requestId?: string;
  /** Default: the function's. */
  readonly timeoutMs?: number;
  /** Whether X-Ray samples this call. Default true. */
  readonly sampled?: boolean;
}

/** How an invocation ended; `exit` when the process ended or Lambda would have killed it. */
export type SandboxOutcome = Outcome | { readonly kind: "exit"; readonly reason: string };

const PLAIN_CLIENT = join(import.meta.dirname, "plain.ts");

export class Sandbox {
  /** What the function wrote, line by line, in the order of its arrival. */
  readonly lines: string[] = [];
  readonly daemon: XrayDaemon;
  /** From starting the process to its asking for an event; set by `start`. */
  initMs = 0;
  readonly #api: RuntimeApi;
  readonly #description: FunctionDescription;
  readonly #process: ChildProcess;
  readonly #taskRoot: string;
  readonly #ended: Promise<string>;

  private constructor(
    api: RuntimeApi,
    daemon: XrayDaemon,
    taskRoot: string,
    options: SandboxOptions,
  ) {
    this.#api = api;
    this.daemon = daemon;
    this.#taskRoot = taskRoot;
    this.#description = options.description;
    const addresses = { runtimeApi: api.address, xrayDaemon: daemon.address, taskRoot };
    this.#process = spawn(
      process.execPath,
      ["--no-warnings", options.clientEntry ?? PLAIN_CLIENT],
      {
        cwd: taskRoot,
        env: { ...sandboxEnvironment(options.description, addresses), ...options.variables },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    this.#ended = this.#collect();
  }

  /**
   * Starts the process and waits until it asks for its first event.
   * Throws an `Error` with the function's own message when it does not load.
   */
  static async start(options: SandboxOptions): Promise<Sandbox> {
    const taskRoot = await mkdtemp(join(tmpdir(), "sandbox-"));
    await mkdir(join(taskRoot, "dist"));
    const files = { ...options.extraFiles, [options.fileName ?? "index.mjs"]: options.code };
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(taskRoot, "dist", name), content);
    }
    const [api, daemon] = await Promise.all([RuntimeApi.start(), XrayDaemon.start()]);
    const startedMs = performance.now();
    const sandbox = new Sandbox(api, daemon, taskRoot, options);
    const failure = await Promise.race([
      api.ready.then(() => undefined),
      api.initError.then((body) => (JSON.parse(body) as { errorMessage: string }).errorMessage),
      sandbox.#ended,
    ]);
    sandbox.initMs = performance.now() - startedMs;
    if (failure === undefined) return sandbox;
    await sandbox.stop();
    throw new Error(`the handler does not load: ${failure}`);
  }

  /** Process id, for measuring and throttling. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Invokes the function with JSON text and resolves with how it ended. */
  async invoke(payload: string, options: InvokeOptions = {}): Promise<SandboxOutcome> {
    const timeoutMs = options.timeoutMs ?? this.#description.timeoutSeconds * 1000;
    const timeout = new AbortController();
    const timedOut = new Promise<SandboxOutcome>((resolve) => {
      const timer = setTimeout(() => {
        resolve({ kind: "exit", reason: `timed out after ${timeoutMs / 1000} seconds` });
        this.kill();
      }, timeoutMs);
      timeout.signal.addEventListener("abort", () => clearTimeout(timer));
    });
    try {
      const outcome = await Promise.race([
        this.#api.invoke({
          requestId: options.requestId ?? randomUUID(),
          payload,
          deadlineMs: Date.now() + timeoutMs,
          functionArn: functionArn(this.#description),
          traceHeader: traceHeader(options.sampled ?? true),
        }),
        timedOut,
        this.#ended.then((reason): SandboxOutcome => ({ kind: "exit", reason })),
      ]);
      // Lines and traces were written before the outcome, so they have arrived: let them be read.
      for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate);
      return outcome;
    } finally {
      timeout.abort();
    }
  }

  /** Ends the process; a running invocation then ends as `exit`. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** Ends the process and takes away what it was given. */
  async stop(): Promise<void> {
    this.kill();
    await this.#ended;
    await Promise.all([this.#api.close(), this.daemon.close()]);
    await rm(this.#taskRoot, { recursive: true, force: true });
  }

  /** Keeps all lines; resolves with how the process ended. */
  async #collect(): Promise<string> {
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (stream) createInterface(stream).on("line", (line) => this.lines.push(line));
    }
    const [status, signal] = (await once(this.#process, "close")) as [number | null, string | null];
    return signal ? `ended by ${signal}` : `exited with status ${status}`;
  }
}

/** A trace as Lambda names it: version, time in hexadecimal seconds, 96 random bits. */
function traceHeader(sampled: boolean): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  const root = `1-${seconds}-${randomBytes(12).toString("hex")}`;
  return `Root=${root};Parent=${randomBytes(8).toString("hex")};Sampled=${sampled ? 1 : 0}`;
}
