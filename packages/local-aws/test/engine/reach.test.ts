import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { assertReachable } from "../../engine/reach.ts";
import { failure } from "../support/failure.ts";

describe("the host of the download", () => {
  const servers: Server[] = [];

  const serve = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/engine`;
  };

  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  it("is reachable when it has what is asked for", async () => {
    const url = await serve((_request, response) => {
      response.end();
    });

    await assertReachable([url]);
  });

  it("counts as unreachable when it does not answer in time", async () => {
    const url = await serve(() => {});

    expect(await failure(assertReachable([url], 50))).to.match(/did not answer within 0\.05 s$/);
  });

  it("counts as unreachable when nobody listens", async () => {
    const url = await serve(() => {});
    servers.splice(0)[0]?.close();

    expect(await failure(assertReachable([url]))).to.match(/cannot be reached$/);
  });

  it("is of no use when it lacks one of the files", async () => {
    const present = await serve((_request, response) => {
      response.end();
    });
    const absent = await serve((_request, response) => {
      response.writeHead(404).end();
    });

    expect(await failure(assertReachable([present, absent]))).to.match(
      /answered 404 for .*engine$/,
    );
  });
});
