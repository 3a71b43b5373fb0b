import { once } from "node:events";
import { createSocket, type Socket } from "node:dgram";
import { expect } from "chai";
import { execa } from "execa";
import { daemonSender } from "../../../function/platform/xray-daemon.ts";

const module = new URL("../../../function/platform/xray-daemon.ts", import.meta.url).href;

describe("the way to the X-Ray daemon", () => {
  let daemon: Socket;
  let port: number;
  beforeEach(async () => {
    daemon = createSocket("udp4");
    daemon.bind(0, "127.0.0.1");
    await once(daemon, "listening");
    ({ port } = daemon.address());
  });
  afterEach(() => daemon.close());

  for (const [what, address] of [
    ["host and port, as Lambda writes it", (port: number) => `127.0.0.1:${port}`],
    ["udp last", (port: number) => `tcp:127.0.0.1:1 udp:127.0.0.1:${port}`],
    ["udp first", (port: number) => `udp:127.0.0.1:${port} tcp:127.0.0.1:1`],
  ] as const) {
    it(`is found in an address with ${what}`, async () => {
      const send = daemonSender(address(port));
      const arrived = once(daemon, "message");
      // The socket is connected in a later turn, as it is before Lambda's first event.
      const sending = setInterval(() => send("document"), 5);

      const [message] = (await arrived) as [Buffer];
      clearInterval(sending);

      expect(message.toString()).to.equal("document");
    });
  }

  for (const address of ["", "nonsense", "tcp:127.0.0.1:2000", "127.0.0.1:"]) {
    it(`is none for the address "${address}"`, () => {
      expect(() => daemonSender(address)("document")).not.to.throw();
    });
  }

  for (const address of ["127.0.0.1:9", "no-such-host.invalid:2000"]) {
    it(`neither throws nor keeps the process alive without a daemon at ${address}`, async () => {
      const script = `
        const { daemonSender } = await import(${JSON.stringify(module)});
        const send = daemonSender(${JSON.stringify(address)});
        for (let turn = 0; turn < 20; turn++) {
          send("document");
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
        console.log("sent");`;

      const { stdout } = await execa(
        process.execPath,
        ["--no-warnings", "--input-type=module", "-e", script],
        { timeout: 10_000 },
      );

      expect(stdout).to.equal("sent");
    });
  }
});
