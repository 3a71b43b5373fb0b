/** The live page's parts: its server, what it follows, what it says. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import path from "node:path";
import { expect } from "chai";
import type { DashboardData, WidgetData } from "../../../local/dashboard/data.ts";
import { keepingUnread } from "../../../local/dashboard/live/kept.ts";
import { Feed } from "../../../local/dashboard/live/feed.ts";
import {
  type PageServer,
  startPageServer,
  type Stream,
} from "../../../local/dashboard/live/server.ts";
import {
  isFrame,
  readStatus,
  shares,
  shownLine,
  type StatusClients,
} from "../../../local/dashboard/live/status.ts";
import { parseLine } from "../../../ops/logs/lines.ts";
import type { StackOutputs } from "../../../infra/outputs.ts";
import { PROJECT_ROOT } from "../../../ops/support/project.ts";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe("the live page's server", () => {
  let server: PageServer;
  let widths: number[];
  let ended: number;
  let allEnded: PromiseWithResolvers<void>;
  const stream: Stream = (width, send) => {
    widths.push(width);
    send("status", { message: "one\nevent </script>" });
    return () => {
      ended += 1;
      if (ended === 5) allEnded.resolve();
    };
  };

  beforeEach(async () => {
    widths = [];
    ended = 0;
    allEnded = Promise.withResolvers();
    server = await startPageServer(stream);
  });
  afterEach(() => server.stop());

  const ask = async (
    target: string,
    { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
  ): Promise<Answer> => {
    const { port } = new URL(server.url);
    const outgoing = request({ host: "127.0.0.1", port, path: target, method, headers }).end();
    const [answer] = (await once(outgoing, "response")) as [
      NodeJS.ReadableStream & { statusCode: number; headers: IncomingHttpHeaders },
    ];
    let body = "";
    for await (const chunk of answer) body += String(chunk);
    return { status: answer.statusCode, headers: answer.headers, body };
  };

  it("is on 127.0.0.1, at a port that was free", () => {
    expect(server.url).to.match(/^http:\/\/127\.0\.0\.1:\d{4,5}\/$/);
  });

  it("answers with a page that may load nothing but its own parts, and be framed by nobody", async () => {
    const { status, headers, body } = await ask("/");
    const policy = String(headers["content-security-policy"]);

    expect(status).to.equal(200);
    expect(body).to.match(/^<!doctype html>/);
    expect(policy).to.include("default-src 'none'").and.to.include("frame-ancestors 'none'");
    expect(policy)
      .to.match(/script-src 'self';/)
      .and.to.match(/style-src 'self';/);
    expect(policy).not.to.match(/unsafe|https?:|\*/);
    expect(headers["x-content-type-options"]).to.equal("nosniff");
    expect(headers["cache-control"]).to.equal("no-store");
  });

  it("has every part that the page names", async () => {
    const { body } = await ask("/");
    const css = await ask("/page.css");
    const parts = [
      ...[...body.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, part = ""]) => part),
      ...[...css.body.matchAll(/url\("([^"]+)"\)/g)].map(([, part = ""]) => part),
    ];

    expect(parts).to.have.length.above(4);
    for (const part of parts) expect((await ask(part)).status, part).to.equal(200);
  });

  for (const host of ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "[::1]:80"]) {
    it(`refuses a call for the host ${JSON.stringify(host)}, which may be another name for this one`, async () => {
      for (const target of ["/", "/events", "/page.js"]) {
        const { status, body } = await ask(target, { headers: { host } });
        expect(status, target).to.equal(421);
        expect(body).to.equal("this page has another address");
      }
      expect(widths).to.deep.equal([]);
    });
  }

  it("answers by the name localhost too", async () => {
    const { port } = new URL(server.url);

    expect((await ask("/", { headers: { host: `localhost:${port}` } })).status).to.equal(200);
  });

  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]) {
    it(`refuses ${method}: it only shows`, async () => {
      const { status, headers } = await ask("/events", { method });

      expect([status, headers.allow]).to.deep.equal([405, "GET"]);
    });
  }

  it("gives nothing to another site, but can be opened from a link", async () => {
    const other = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };

    expect((await ask("/events", { headers: other })).status).to.equal(403);
    expect((await ask("/page.js", { headers: other })).status).to.equal(403);
    expect((await ask("/", { headers: link })).status).to.equal(200);
    const { headers } = await ask("/");
    expect(headers).not.to.have.property("access-control-allow-origin");
  });

  it("serves no other file", async () => {
    for (const target of [
      "/../package.json",
      "/%2e%2e/package.json",
      "/server.ts",
      "//etc/passwd",
    ]) {
      expect((await ask(target)).status, target).to.equal(404);
    }
  });

  it("streams events of one line each, for the width that a page has, until it goes away", async () => {
    const { port } = new URL(server.url);
    const bodies: string[] = [];
    for (const width of ["777", "1", "99999", "none", ""]) {
      const outgoing = request({ host: "127.0.0.1", port, path: `/events?width=${width}` }).end();
      const [answer] = (await once(outgoing, "response")) as [NodeJS.ReadableStream];
      let body = "";
      // Leaving the loop closes the connection.
      for await (const chunk of answer) {
        body += String(chunk);
        if (body.includes("event: ")) break;
      }
      bodies.push(body);
    }
    await allEnded.promise;

    expect(widths).to.deep.equal([777, 300, 2400, 1200, 300]);
    expect(bodies.join("")).to.include(
      'event: status\ndata: {"message":"one\\nevent </script>"}\n\n',
    );
  });

  it("ends at once, open pages included", async () => {
    const { port } = new URL(server.url);
    const outgoing = request({ host: "127.0.0.1", port, path: "/events" }).end();
    outgoing.on("error", () => undefined);
    const [answer] = (await once(outgoing, "response")) as [NodeJS.ReadableStream];
    answer.on("error", () => undefined);
    const closed = once(answer, "close").catch(() => undefined);

    await server.stop();
    await closed;
    server = await startPageServer(stream);
  });

  it("says when a port is taken", async () => {
    const { port } = new URL(server.url);
    const failure = await startPageServer(stream, Number(port)).catch((error: Error) => error);

    expect(failure).to.include({ code: "EADDRINUSE" });
  });
});

describe("the live page", () => {
  const file = (name: string) =>
    readFileSync(path.join(PROJECT_ROOT, "local/dashboard/live/page", name), "utf8");

  it("never makes HTML of what it is sent", () => {
    expect(file("page.js")).not.to.match(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval|Function\(|srcdoc/,
    );
  });

  it("has no script or style of its own in its HTML, which its policy would keep out", () => {
    expect(file("index.html")).not.to.match(/<script(?![^>]*\bsrc=)|<style|style=|\son\w+=/);
  });
});

describe("what a live page follows", () => {
  it("is read only while somebody listens", async () => {
    const feed = new Feed<number>();
    const { signal, ...controller } = abortable();
    let reads = 0;
    const work = feed.run(async () => (reads += 1), 0, signal);
    await turns();
    expect(reads, "nobody listens").to.equal(0);

    const heard: number[] = [];
    const { promise: three, resolve } = Promise.withResolvers<void>();
    const stop = feed.subscribe((value) => {
      heard.push(value);
      if (value === 3) resolve();
    });
    await three;
    stop();
    await turns();
    const readsThen = reads;
    await turns();
    expect(reads, "nobody listens any more").to.be.within(readsThen, readsThen + 1);
    expect(heard.slice(0, 3)).to.deep.equal([1, 2, 3]);

    controller.abort();
    await work;
  });

  it("is told at once to whoever comes later", () => {
    const feed = new Feed<string>();
    feed.publish("old");
    feed.publish("new");
    const heard: string[] = [];
    feed.subscribe((value) => heard.push(value));

    expect(heard).to.deep.equal(["new"]);
  });

  it("ends while nobody listens", async () => {
    const { signal, abort } = abortable();
    const work = new Feed<number>().run(async () => 1, 1000, signal);
    abort();

    await work;
  });
});

function abortable() {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    abort: () => {
      controller.abort();
    },
  };
}

const turns = async () => {
  for (let turn = 0; turn < 50; turn++) await new Promise((done) => setImmediate(done));
};

describe("a reading that failed in part", () => {
  const reading = (...widgets: WidgetData[]): DashboardData => ({
    fromMs: 0,
    toMs: 1,
    minuteMs: 60_000,
    releases: [],
    widgets,
  });
  const rows = (message: string): WidgetData => ({ kind: "rows", rows: [{ message }] });
  const unread: WidgetData = { kind: "problem", problem: "not read: no answer" };
  const undrawn: WidgetData = { kind: "problem", problem: "not drawn: the view pie" };

  it("keeps what was there, and says how much of it is old, and why", () => {
    const next = reading(unread, rows("new"), undrawn);

    expect(keepingUnread(reading(rows("a"), rows("b"), undrawn), next)).to.deep.equal({
      data: reading(rows("a"), rows("new"), undrawn),
      note: "1 of 3 widgets are old: not read: no answer",
    });
  });

  it("is shown as it is when nothing was there, and says nothing when all was read", () => {
    expect(keepingUnread(undefined, reading(unread))).to.deep.equal({ data: reading(unread) });
    const next = reading(rows("new"), undrawn);
    expect(keepingUnread(reading(rows("a"), undrawn), next)).to.deep.equal({ data: next });
  });
});

describe("what a live page says", () => {
  it("is the share of each version that serves", () => {
    expect(shares({ version: "7", weights: {} })).to.deep.equal([{ version: "7", percent: 100 }]);
    expect(shares({ version: "7", weights: { "8": 0.1 } })).to.deep.equal([
      { version: "7", percent: 90 },
      { version: "8", percent: 10 },
    ]);
  });

  const clients = (cloudWatch: () => Promise<object>) =>
    ({
      cloudWatch: { send: cloudWatch },
      lambda: {
        send: async () => ({
          FunctionVersion: "7",
          RoutingConfig: { AdditionalVersionWeights: { "8": 0.1 } },
        }),
      },
      sqs: { send: async () => ({ Attributes: { ApproximateNumberOfMessages: "3" } }) },
    }) as unknown as StatusClients;
  const OUTPUTS = { serviceName: "till", environment: "production" } as StackOutputs;
  const alarm = (AlarmName: string, ...AlarmActions: readonly string[]) => ({
    AlarmName,
    AlarmActions,
  });

  it("is the red alarms that tell somebody or judge a canary, of this stack alone", async () => {
    const status = await readStatus(
      clients(async () => ({
        MetricAlarms: [
          alarm("till-errors-production"),
          alarm("till-throttles-production", "topic"),
          alarm("till-canary-errors-v8-production"),
          alarm("till-throttles-staging", "topic"),
        ],
        CompositeAlarms: [alarm("till-down-production", "topic")],
      })),
      OUTPUTS,
    );

    expect(status.red).to.deep.equal([
      "till-canary-errors-v8-production",
      "till-down-production",
      "till-throttles-production",
    ]);
    expect(status).to.deep.include({
      serving: [
        { version: "7", percent: 90 },
        { version: "8", percent: 10 },
      ],
      deadLetters: 3,
    });
  });

  it("is why it is not known, when it cannot be read", async () => {
    const status = await readStatus(
      clients(() => Promise.reject(new Error("no answer\nat all"))),
      OUTPUTS,
    );

    expect(status).to.deep.include({ problem: "no answer", deadLetters: undefined });
  });

  const shown = (fields: object) => shownLine(parseLine(JSON.stringify(fields), 5));

  it("is a line's message with its error and the id of its call", () => {
    expect(
      shown({
        level: "ERROR",
        message: "Event failed",
        correlation_id: "c-1",
        error: { name: "TypeError", message: "no address" },
      }),
    ).to.deep.equal({
      timeMs: 5,
      level: "ERROR",
      message: "Event failed: TypeError: no address",
      id: "c-1",
    });
    expect(shown({ level: "INFO", message: "m", function_request_id: "r-1" }).id).to.equal("r-1");
  });

  it("is no frame of a stack that was written line by line", () => {
    expect(isFrame(parseLine("    at handler (file:///index.mjs:1:2)", 5))).to.equal(true);
    expect(isFrame(parseLine("TypeError: at nothing", 5))).to.equal(false);
  });

  it("is no more of a line than a page has room for, whatever its form", () => {
    expect(shown({ message: "x".repeat(10_000) }).message).to.have.length(500);
    expect(shown({ message: "one\ntwo", error: "text", correlation_id: 5 })).to.include({
      message: "one",
      id: "",
    });
  });
});
