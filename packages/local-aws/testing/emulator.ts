/**
 * The AWS emulator for tests: started by the first test that needs it, stopped after the last.
 *
 * Every suite works in an account of its own, so that tests neither reset nor see one another.
 * Where the emulator cannot be had, its suites are skipped and say why; in CI that is a failure.
 */
import { type Emulator, startEmulator } from "../emulator/start.ts";
import { LocalAwsError } from "../errors.ts";

/** One account of the emulator. */
export interface EmulatorAccount {
  /** Twelve digits. */
  readonly accountId: string;
  readonly region: string;
  readonly url: string;
  /** For child processes: points the SDK at this account. */
  readonly environment: Record<string, string>;
  /** For SDK clients in this process. A missing operation fails at once instead of being tried again. */
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: 1;
  };
}

let running: Promise<Emulator> | undefined;
let accounts = 0;

// Root hook: it runs after the last suite of the run. In a parallel run it runs once a worker, after the first
// file that imports this; a later file of that worker starts another emulator, which ends with the worker.
after(async () => {
  const emulator = await running?.catch(() => undefined);
  running = undefined;
  await emulator?.stop();
});

/**
 * Gives the enclosing suite an account of the emulator. Call it in `describe`; call the result in tests.
 * The account stays the same for the whole suite.
 */
export function useEmulator(): () => EmulatorAccount {
  const accountId = String(100_000_000_001 + accounts++);
  let account: EmulatorAccount | undefined;
  before(async function () {
    // The first use may have to install.
    this.timeout(120_000);
    running ??= startEmulator({ progress: (message) => console.log(`  ${message}`) });
    try {
      account = accountOf(await running, accountId);
    } catch (error) {
      if (!(error instanceof LocalAwsError) || process.env["CI"]) throw error;
      console.log(`  skipped: ${this.test?.parent?.fullTitle()}: ${error.message}`);
      this.skip();
    }
  });
  return () => {
    if (!account) throw new Error("the emulator is there only within tests and their hooks");
    return account;
  };
}

const accountOf = (emulator: Emulator, accountId: string): EmulatorAccount => ({
  accountId,
  region: emulator.region,
  url: emulator.url,
  environment: emulator.environment(accountId),
  client: {
    endpoint: emulator.url,
    region: emulator.region,
    credentials: { accessKeyId: accountId, secretAccessKey: "local" },
    maxAttempts: 1,
  },
});
