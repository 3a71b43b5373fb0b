/**
 * The way to the X-Ray daemon: UDP, so that nothing waits for it and nothing fails with it.
 * Put here: sockets. What is sent stands in xray.ts.
 */
import { createSocket, type SocketOptions } from "node:dgram";
import type { Send } from "./xray.ts";

/**
 * Opens the socket at init, where the CPU is not throttled yet. Without an address (no Lambda) nothing is sent.
 * `address` is `host:port`, or `tcp:host:port udp:host:port`.
 */
export function daemonSender(address = process.env.AWS_XRAY_DAEMON_ADDRESS): Send {
  const [, host, port] = /(?:^|udp:)([\w.-]+):(\d+)(?: |$)/.exec(address ?? "") ?? [];
  if (!host || !port) return () => {};
  // An address needs no look-up: to load `node:dns` for it costs as much as the socket.
  const isAddress = /^[\d.]+$/.test(host);
  const socket = createSocket({
    type: "udp4",
    ...(isAddress && { lookup: (address, _options, done) => done(null, address, 4) }),
  } satisfies SocketOptions);
  let connected = false;
  // Without a listener a lost daemon would end the process.
  socket.on("error", () => {});
  socket.once("connect", () => {
    connected = true;
  });
  socket.connect(Number(port), host);
  // An open socket must not keep the process from ending.
  socket.unref();
  return (message) => {
    if (connected) socket.send(message, () => {});
  };
}
