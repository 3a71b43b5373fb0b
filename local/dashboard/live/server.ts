/**
 * The page's server, on loopback. It only answers GET, only to those who call it by its own address (another name
 * that leads here is that of a site which wants to read what it may not), and its page loads nothing from elsewhere.
 */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { css } from "../draw/style.ts";
import { FONT_FILES } from "../fonts.ts";

/** Sends events to one page until it goes away. Returns what ends it. */
export type Stream = (width: number, send: (event: string, data: unknown) => void) => () => void;

export interface PageServer {
  /** For example `http://127.0.0.1:40125/`. */
  readonly url: string;
  /** Ends it, open pages included. */
  stop(): Promise<void>;
}

/** What a path answers with. */
interface Content {
  readonly type: string;
  readonly content: string | Uint8Array;
}

const FOLDER = path.join(import.meta.dirname, "page");
const file = (name: string): string => readFileSync(path.join(FOLDER, name), "utf8");

const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
} as const;

/** Widths of a picture in pixels that are drawn. */
const WIDTHS = { least: 300, most: 2400, usual: 1200 } as const;

/** Starts it. `port` 0 is any free one. */
export async function startPageServer(stream: Stream, port = 0): Promise<PageServer> {
  const font = (weight: keyof typeof FONT_FILES): Content => ({
    type: "font/ttf",
    content: readFileSync(FONT_FILES[weight]),
  });
  const files: Readonly<Record<string, Content>> = {
    "/": { type: "text/html", content: file("index.html") },
    "/page.js": { type: "text/javascript", content: file("page.js") },
    "/page.css": { type: "text/css", content: file("page.css") },
    "/picture.css": { type: "text/css", content: css("auto") },
    "/inter-400.ttf": font("400"),
    "/inter-600.ttf": font("600"),
  };
  const server = createServer((request, response) => {
    const refusal = refusalOf(request, server);
    if (refusal) {
      end(response, refusal.status, "text/plain", refusal.problem, refusal.headers);
      return;
    }
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://page");
    if (pathname === "/events") {
      openStream(response, stream, widthOf(searchParams.get("width")));
      return;
    }
    const found = files[pathname];
    if (found) end(response, 200, found.type, found.content);
    else end(response, 404, "text/plain", "there is no such page");
  });
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(port, "127.0.0.1", listening);
  });
  return {
    url: `http://127.0.0.1:${portOf(server)}/`,
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

interface Refusal {
  readonly status: number;
  readonly problem: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function refusalOf({ method, headers }: IncomingMessage, server: Server): Refusal | undefined {
  const port = portOf(server);
  const own = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!own.includes(headers.host ?? "")) {
    return { status: 421, problem: "this page has another address" };
  }
  // A browser says who asks; another site gets nothing, also no style or script of this page.
  const site = headers["sec-fetch-site"];
  const isOpened = headers["sec-fetch-mode"] === "navigate";
  if (site !== undefined && site !== "same-origin" && site !== "none" && !isOpened) {
    return { status: 403, problem: "only this page itself may ask" };
  }
  if (method !== "GET") {
    return { status: 405, problem: "this page only shows", headers: { allow: "GET" } };
  }
  return undefined;
}

function end(
  response: ServerResponse,
  status: number,
  type: string,
  content: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...HEADERS,
    ...headers,
    "content-type": typeof content === "string" ? `${type}; charset=utf-8` : type,
  });
  response.end(content);
}

function widthOf(text: string | null): number {
  const width = Math.round(Number(text ?? Number.NaN));
  if (!Number.isFinite(width)) return WIDTHS.usual;
  return Math.min(WIDTHS.most, Math.max(WIDTHS.least, width));
}

/** Milliseconds until the browser calls again when it was cut off. */
const RETRY_MS = 2_000;

function openStream(response: ServerResponse, stream: Stream, width: number): void {
  response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream; charset=utf-8" });
  response.write(`retry: ${RETRY_MS}\n\n`);
  const stop = stream(width, (event, data) => {
    // JSON has no line break of its own: an event is one line.
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  });
  response.on("close", stop);
}
