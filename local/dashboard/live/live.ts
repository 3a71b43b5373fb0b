/** The dashboard as a page that follows the local cloud or an account. It reads, and changes nothing. */
import { once } from "node:events";
import { MINUTE_MS } from "../../../ops/support/pace.ts";
import type { Dashboard } from "../body.ts";
import { type DashboardData, readData } from "../data.ts";
import { picture } from "../draw/picture.ts";
import type { OpenedAws } from "../sources.ts";
import { Feed } from "./feed.ts";
import { type Kept, keepingUnread } from "./kept.ts";
import { startPageServer, type Stream } from "./server.ts";
import { followLog, readStatus, type ShownLine, type Status } from "./status.ts";

export interface LiveOptions {
  readonly heading: string;
  readonly dashboard: Dashboard;
  readonly opened: OpenedAws;
  /** 0 for any free one. */
  readonly port: number;
  readonly signal: AbortSignal;
  /** Called with the page's address once it can be opened. */
  readonly ready: (url: string) => void;
}

/** CloudWatch has a new point a minute, and each reading of metrics is paid for; the rest costs nothing. */
const PACE = { pictureMs: MINUTE_MS, statusMs: 5_000 } as const;
/** The local cloud costs nothing but this machine's time, and its minutes are short. */
const LOCAL_PACE = { pictureMs: 2_000, statusMs: 1_000 } as const;

/** Serves it until the signal ends it. */
export async function serveLive(options: LiveOptions): Promise<void> {
  const { heading, dashboard, opened, port, signal, ready } = options;
  const { source, describedAs, clients, logs, outputs } = opened;
  const pace = source.minuteMs === MINUTE_MS ? PACE : LOCAL_PACE;
  const pictures = new Feed<Kept>();
  let last: DashboardData | undefined;
  const readPicture = async (): Promise<Kept> => {
    const kept = keepingUnread(last, await readData(dashboard, source, opened.span(Date.now())));
    last = kept.data;
    return kept;
  };
  const statuses = new Feed<Status>();
  const lines = new Feed<readonly ShownLine[]>();

  const stream: Stream = (width, send) => {
    const stops = [
      statuses.subscribe((status) => {
        send("status", status);
      }),
      lines.subscribe((shown) => {
        send("lines", shown);
      }),
      pictures.subscribe(({ data, note }) => {
        const from = note === undefined ? describedAs : `${describedAs} · ${note}`;
        const shown = { heading, from, width, scheme: "auto", onPage: true } as const;
        send("picture", picture(dashboard, data, shown));
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  };

  const server = await startPageServer(stream, port);
  try {
    ready(server.url);
    const work = [
      pictures.run(readPicture, pace.pictureMs, signal),
      statuses.run(() => readStatus(clients, outputs), pace.statusMs, signal),
      followLog(logs, outputs, {
        everyMs: pace.statusMs,
        signal,
        report: (shown) => {
          lines.publish(shown);
        },
        listened: () => lines.awaitListener(signal),
      }),
    ];
    await Promise.race([Promise.all(work), signal.aborted ? undefined : once(signal, "abort")]);
  } finally {
    // What is still asked of AWS is not waited for.
    for (const client of [...Object.values(clients), logs]) {
      if (typeof client !== "function") client.destroy();
    }
    await server.stop();
  }
}
