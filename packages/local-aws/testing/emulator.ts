/**
 * The AWS emulator for tests: one for the whole run, see shared-emulator.ts.
 *
 * Every suite works in an account of its own, so that tests neither reset nor see one another.
 * Where the emulator cannot be had, its suites are skipped and say why; in CI that is a failure.
 */
import { callerEnvironment } from "../emulator/start.ts";
import { LocalAwsError } from "../errors.ts";
import { type Share, shareEmulator } from "./shared-emulator.ts";

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

/**
 * Gives the enclosing suite an account of the emulator. Call it in `describe`; call the result in tests.
 * The account stays the same for the whole suite.
 */
export function useEmulator(): () => EmulatorAccount {
  let account: EmulatorAccount | undefined;
  before(async function () {
    // The first use may have to install.
    this.timeout(120_000);
    try {
      account = accountOf(await shareEmulator());
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

function accountOf({ url, region, suite }: Share): EmulatorAccount {
  const accountId = String(100_000_000_000 + suite);
  return {
    accountId,
    region,
    url,
    environment: callerEnvironment(url, region, accountId),
    client: {
      endpoint: url,
      region,
      credentials: { accessKeyId: accountId, secretAccessKey: "local" },
      maxAttempts: 1,
    },
  };
}
