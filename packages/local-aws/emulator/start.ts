/**
 * Starts the AWS emulator on 127.0.0.1, for tests and for the local cloud.
 *
 * It and the handlers that it runs get an environment of their own: nothing of the caller's credentials
 * or configuration reaches them, and they reach nothing but the emulator.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { installEmulator } from "./install.ts";
import type { Progress } from "../progress.ts";

/** The account of callers that name none. */
export const DEFAULT_ACCOUNT_ID = "123456789012";

const DEFAULT_REGION = "us-east-1";
const READY_TIMEOUT_MS = 20_000;
/** Time to end by itself, handlers and all; measured 0.04 to 1.1 s. */
const STOP_TIMEOUT_MS = 3_000;

export interface EmulatorOptions {
  /** Region of callers that name none; default us-east-1. */
  readonly region?: string;
  /** More environment for the handlers, for example the endpoint of the CodeDeploy simulator. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly progress?: Progress;
}

/** A running emulator. */
export interface Emulator {
  /** For example `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly region: string;
  /** Environment that points the AWS SDK and CLI at one account of the emulator; accounts are worlds apart. */
  environment(accountId?: string): Record<string, string>;
  /** Ends the emulator, its handlers and its files. May be called again. */
  stop(): Promise<void>;
}

/** Installs where needed, starts, and waits until it answers. Throws `LocalAwsError` when it cannot be had. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { region = DEFAULT_REGION, environment = {}, progress } = options;
  const python = await installEmulator(progress);
  const home = await mkdtemp(join(tmpdir(), "aws-emulator-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(python, [join(import.meta.dirname, "serve.py"), home], {
    cwd: home,
    env: {
      ...environment,
      // Handlers run under the first `node` on the PATH: the one that runs this.
      PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
      HOME: home,
      TMPDIR: home,
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      MINISTACK_ACCOUNT_ID: DEFAULT_ACCOUNT_ID,
      MINISTACK_REGION: region,
      // The waits between asynchronous retries are AWS's business; here they only cost time.
      LAMBDA_ASYNC_RETRY_BASE_SECONDS: "0",
      // Lambda sets it (developer guide, "Defined runtime environment variables"); the emulator does not.
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      LOG_LEVEL: "ERROR",
      // It looks for leftover containers of its own; it has none and must not touch anyone's.
      DOCKER_HOST: "unix:///nonexistent",
      PYTHONDONTWRITEBYTECODE: "1",
    },
    stdio: ["pipe", "ignore", "pipe"],
    // A process group of its own: Ctrl-C is the starter's, which may need the emulator to end in order.
    detached: true,
  });
  const errors: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  const stop = stopper(child, home);
  try {
    await untilReady(url, child, errors);
  } catch (error) {
    await stop();
    throw error;
  }
  letCallerEnd(child);
  return {
    url,
    region,
    environment: (accountId = DEFAULT_ACCOUNT_ID) => callerEnvironment(url, region, accountId),
    stop,
  };
}

/**
 * Environment that points the AWS SDK and CLI at one account of an emulator. The access key id is the account;
 * the empty files keep a user's own profiles out.
 */
export const callerEnvironment = (
  url: string,
  region: string,
  accountId: string,
): Record<string, string> => ({
  AWS_ENDPOINT_URL: url,
  AWS_ACCESS_KEY_ID: accountId,
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_EC2_METADATA_DISABLED: "true",
});

/** A port that was free a moment ago, for a server that cannot choose one itself. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

async function untilReady(url: string, child: ChildProcess, errors: string[]): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    // Checked before each question: whoever else answers at this port is not our child.
    if (child.exitCode !== null || child.signalCode !== null) break;
    const ready = await fetch(`${url}/_ministack/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    await sleep(20);
  }
  throw new Error(`the local AWS emulator did not start:\n${errors.join("")}`);
}

/** A forgotten emulator must not keep its caller alive; it ends with the caller, because its input closes. */
function letCallerEnd(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stderr]) {
    if (stream && "unref" in stream) (stream as unknown as { unref(): void }).unref();
  }
}

function stopper(child: ChildProcess, home: string): () => Promise<void> {
  const end = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, "exit");
      child.ref();
      child.stdin?.end();
      const killer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await exit;
      clearTimeout(killer);
    }
    await rm(home, { recursive: true, force: true });
  };
  let ended: Promise<void> | undefined;
  return () => (ended ??= end());
}
