/**
 * One emulator for all test files of a run, whichever of mocha's processes a file runs in: mocha's main process
 * starts it when the first suite asks, and ends it after the last. To be exported from a file that mocha requires:
 *
 *     export { mochaGlobalSetup, mochaGlobalTeardown } from "local-aws/testing/shared-emulator.ts";
 */
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Emulator, startEmulator } from "../emulator/start.ts";
import { LocalAwsError } from "../errors.ts";

/** Tells mocha's other processes where to ask. */
const VARIABLE = "LOCAL_AWS_TEST_EMULATOR";

/** What a suite gets: the emulator, and a number that no other suite of the run has. */
export interface Share {
  readonly url: string;
  readonly region: string;
  readonly suite: number;
}

let server: Server | undefined;
let emulator: Promise<Emulator> | undefined;

/** For mocha: called once a run, before any test. */
export async function mochaGlobalSetup(): Promise<void> {
  let suites = 0;
  const share = async (response: ServerResponse): Promise<void> => {
    const suite = (suites += 1);
    emulator ??= startEmulator({ progress: (message) => console.log(`  ${message}`) });
    try {
      const { url, region } = await emulator;
      response.end(JSON.stringify({ url, region, suite } satisfies Share));
    } catch (error) {
      response.statusCode = error instanceof LocalAwsError ? 503 : 500;
      response.end(JSON.stringify(error instanceof Error ? error.message : String(error)));
    }
  };
  server = createServer((_request, response) => void share(response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  process.env[VARIABLE] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** For mocha: called once a run, after the last test. */
export async function mochaGlobalTeardown(): Promise<void> {
  server?.closeAllConnections();
  server?.close();
  const running = await emulator?.catch(() => undefined);
  await running?.stop();
}

/** Asks for a share, from any process of the run. Throws `LocalAwsError` when the emulator cannot be had. */
export async function shareEmulator(): Promise<Share> {
  const url = process.env[VARIABLE];
  if (url === undefined) throw new Error("mocha was not given mochaGlobalSetup of this file");
  const answer = await fetch(url);
  const body = await answer.json();
  if (answer.ok) return body as Share;
  throw answer.status === 503 ? new LocalAwsError(String(body)) : new Error(String(body));
}
