/** Asks the account of a stack how much it was used, and what was paid for it. */
import { PRICES } from "../../infra/observability/prices.ts";
import { openSession } from "../support/session.ts";
import { confirmed } from "../support/terminal.ts";
import { lastDays, type MeasuredUsage, measureUsage } from "./measure.ts";
import { openCostExplorer, readSpent, type Spent } from "./spent.ts";

/** Days that are looked back on. */
export const LOOKED_BACK_DAYS = 30;

export interface Asked {
  readonly measured: MeasuredUsage;
  /** Absent where only the usage was asked for. */
  readonly spent?: Spent;
}

export interface AskOptions {
  /** Ask Cost Explorer too, which is paid for. */
  readonly actual: boolean;
  /** Do not ask the user first. */
  readonly yes?: true | undefined;
}

/** Needs credentials for the stack's account. Throws `Refused`. */
export async function askAccount(stack: string, { actual, yes }: AskOptions): Promise<Asked> {
  const { clients, outputs } = await openSession(stack, { deaf: true });
  const days = lastDays(LOOKED_BACK_DAYS, clients.now());
  const measured = await measureUsage(clients, outputs, days);
  if (!actual) return { measured };
  const { usd } = PRICES.costExplorerRequest;
  await confirmed(`Cost Explorer charges $${usd.toFixed(2)} for each request. Ask it once?`, yes);
  const spent = await readSpent(openCostExplorer(outputs.region), outputs, days);
  return { measured, spent };
}
