/** A headless Chromium of this machine, for tests of pages; spoken to by its own protocol. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The browser's path; `undefined` where there is none. */
export const findBrowser = (): string | undefined =>
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });

export interface View {
  readonly width: number;
  readonly height: number;
  readonly scheme: "light" | "dark";
}

export interface Page {
  /** The value of an expression, once it is neither false nor nothing; asked again until then. */
  until<T>(expression: string): Promise<T>;
  evaluate<T>(expression: string): Promise<T>;
  /** What the browser has complained of, for example what the content security policy kept out. */
  readonly complaints: readonly string[];
  /** PNG. */
  screenshot(): Promise<Buffer>;
}

export interface Browser {
  open(url: string, view: View): Promise<Page>;
  stop(): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

const PATIENCE_MS = 20_000;

/** Starts it with a profile of its own, which is deleted again. */
export async function startBrowser(file: string): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "browser-"));
  const child = spawn(
    file,
    [
      "--headless",
      // The tests run as root in containers, where Chromium's own walls do not stand.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--disable-background-networking",
      `--user-data-dir=${profile}`,
      "--remote-debugging-port=0",
      "about:blank",
    ],
    // A group of its own, so that its helpers end with it: they write to the profile.
    { stdio: ["ignore", "ignore", "pipe"], detached: true },
  );
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, "exit");
      if (child.pid === undefined) child.kill("SIGKILL");
      else process.kill(-child.pid, "SIGKILL");
      await exit;
    }
    await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  };
  try {
    const socket = new WebSocket(await addressOf(child.stderr));
    await once(socket, "open");
    return { open: opener(socket), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function addressOf(stderr: AsyncIterable<Buffer>): Promise<string> {
  let said = "";
  for await (const chunk of stderr) {
    said += chunk.toString();
    const [, address] = /DevTools listening on (ws:\S+)/.exec(said) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error(`the browser did not start: ${said}`);
}

function opener(socket: WebSocket): Browser["open"] {
  const waiting = new Map<number, (message: Message) => void>();
  const listeners = new Set<(message: Message) => void>();
  let sent = 0;
  socket.addEventListener("message", ({ data }: { data: unknown }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id === undefined) for (const listener of listeners) listener(message);
    else waiting.get(message.id)?.(message);
  });
  const send = async (
    method: string,
    params: object = {},
    sessionId?: string,
  ): Promise<Readonly<Record<string, unknown>>> => {
    const id = (sent += 1);
    const { promise, resolve } = Promise.withResolvers<Message>();
    waiting.set(id, resolve);
    socket.send(JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) }));
    const { result = {}, error } = await promise;
    waiting.delete(id);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  };

  return async (url, { width, height, scheme }) => {
    const { targetId } = await send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
    const session = String(sessionId);
    const call = (method: string, params: object = {}) => send(method, params, session);
    const complaints: string[] = [];
    listeners.add(({ sessionId: from, method, params = {} }) => {
      if (from !== session) return;
      if (method === "Runtime.exceptionThrown") complaints.push(JSON.stringify(params));
      if (method === "Log.entryAdded") {
        const { text = "" } = params["entry"] as { readonly text?: string };
        complaints.push(text);
      }
    });
    await call("Runtime.enable");
    await call("Log.enable");
    await call("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 500,
    });
    await call("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
    await call("Page.navigate", { url });
    const evaluate = async <T>(expression: string): Promise<T> => {
      const answer = await call("Runtime.evaluate", {
        expression,
        returnByValue: true,
        awaitPromise: true,
      });
      if (answer["exceptionDetails"]) throw new Error(JSON.stringify(answer["exceptionDetails"]));
      return (answer["result"] as { readonly value: T }).value;
    };
    const until = async <T>(expression: string): Promise<T> => {
      const deadline = performance.now() + PATIENCE_MS;
      while (performance.now() < deadline) {
        const value = await evaluate<T>(expression).catch(() => undefined);
        if (value) return value;
        await evaluate("new Promise((done) => requestAnimationFrame(done))").catch(() => undefined);
      }
      throw new Error(`the page never had: ${expression}; ${complaints.join("; ")}`);
    };
    return {
      complaints,
      evaluate,
      until,
      screenshot: async () => {
        const { data } = await call("Page.captureScreenshot", { captureBeyondViewport: true });
        return Buffer.from(String(data), "base64");
      },
    };
  };
}
