/** A table on loopback, over TLS as AWS's: in it is nothing, and it takes everything. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selfSigned } from "./certificate.ts";

export interface StandIn {
  /** Variables of a function that uses it. */
  readonly variables: Readonly<Record<string, string>>;
  /** Operations that it was asked for, `GET` for a connection that was opened beforehand. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export async function openStandIn(): Promise<StandIn> {
  const asked: string[] = [];
  const { key, cert } = selfSigned();
  const server = createServer({ key, cert }, (request, response) => {
    asked.push(String(request.headers["x-amz-target"] ?? request.method).replace(/^.*\./, ""));
    request.resume().on("end", () => response.end("{}"));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const folder = await mkdtemp(join(tmpdir(), "bench-table-"));
  const trusted = join(folder, "certificate.pem");
  await writeFile(trusted, cert);
  return {
    asked,
    variables: {
      TABLE_NAME: "bench",
      CHANGES_BUS: "bench",
      SERVICE_NAME: "bench",
      AWS_ENDPOINT_URL: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: "bench",
      AWS_SECRET_ACCESS_KEY: "bench",
      AWS_SESSION_TOKEN: "bench",
      NODE_EXTRA_CA_CERTS: trusted,
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}
