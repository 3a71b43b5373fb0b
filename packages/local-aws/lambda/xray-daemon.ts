/** A local stand-in for the X-Ray daemon: takes what is sent over UDP and keeps it. */
import { createSocket, type Socket } from "node:dgram";

/** A document that arrived; only what this project reads of it is typed. */
export interface TraceDocument {
  readonly name: string;
  readonly id: string;
  readonly trace_id?: string;
  readonly parent_id?: string;
  readonly start_time: number;
  readonly end_time?: number;
  readonly fault?: boolean;
  readonly error?: boolean;
  readonly annotations?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: { readonly exceptions: readonly { type: string; message: string }[] };
  readonly subsegments?: readonly TraceDocument[];
}

export class XrayDaemon {
  readonly #socket: Socket = createSocket("udp4");
  /** Datagrams in the order of their arrival, each as text. */
  readonly datagrams: string[] = [];

  static async start(): Promise<XrayDaemon> {
    const daemon = new XrayDaemon();
    daemon.#socket.on("message", (message) => daemon.datagrams.push(message.toString()));
    await new Promise<void>((resolve) => {
      daemon.#socket.bind(0, "127.0.0.1", resolve);
    });
    return daemon;
  }

  /** `host:port`, for `AWS_XRAY_DAEMON_ADDRESS`. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  /** The documents, without the header line that each datagram starts with. */
  get documents(): TraceDocument[] {
    return this.datagrams.map(
      (datagram) => JSON.parse(datagram.slice(datagram.indexOf("\n") + 1)) as TraceDocument,
    );
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#socket.close(resolve);
    });
  }
}
