/**
 * Composite alarms: their rules, and what keeps their actions silent (CloudWatch user guide, "Combining
 * alarms" and "Suppressing composite alarm actions").
 */
import type { AlarmState } from "./evaluation.ts";

/** The state of an alarm by its name. */
export type StateOf = (alarmName: string) => AlarmState;

/** Whether a rule such as `(ALARM("a") OR ALARM("b")) AND NOT ALARM("c")` holds. Throws for what it cannot read. */
export function ruleHolds(rule: string, stateOf: StateOf): boolean {
  const words = rule.match(/"[^"]*"|[A-Z_]+|[()]/g) ?? [];
  const take = (expected?: string): string => {
    const word = words.shift() ?? "the end";
    if (expected !== undefined && word !== expected) {
      throw new Error(`composite alarm: ${word} where ${expected} should be, in ${rule}`);
    }
    return word;
  };
  const either = (): boolean => {
    let holds = both();
    while (words[0] === "OR") {
      take();
      // Both sides are read, whatever the first says.
      holds = both() || holds;
    }
    return holds;
  };
  const both = (): boolean => {
    let holds = single();
    while (words[0] === "AND") {
      take();
      holds = single() && holds;
    }
    return holds;
  };
  const single = (): boolean => {
    const word = take();
    if (word === "NOT") return !single();
    if (word === "TRUE" || word === "FALSE") return word === "TRUE";
    if (word === "(") {
      const inner = either();
      take(")");
      return inner;
    }
    if (word !== "ALARM" && word !== "OK" && word !== "INSUFFICIENT_DATA") {
      throw new Error(`composite alarm: unexpected ${word} in ${rule}`);
    }
    take("(");
    const name = take().slice(1, -1);
    take(")");
    return stateOf(name) === word;
  };
  const holds = either();
  if (words.length > 0) throw new Error(`composite alarm: unexpected ${words[0]} in ${rule}`);
  return holds;
}

/** How long actions wait for a suppressor to turn red, and stay silent after it is over; in ms. */
export interface Suppression {
  readonly waitMs: number;
  readonly extensionMs: number;
}

/** Decides when a composite alarm acts. Fed with its state and the suppressor's at every evaluation. */
export class ActionSuppressor {
  readonly #suppression: Suppression | undefined;
  /** When the alarm turned red; absent while it is not, and once it has acted. */
  #pendingSince: number | undefined;
  #suppressorSeenMs: number | undefined;
  #red = false;

  constructor(suppression?: Suppression) {
    this.#suppression = suppression;
  }

  /** Whether the alarm's actions are taken now. */
  acts(red: boolean, suppressorRed: boolean, nowMs: number): boolean {
    if (suppressorRed) this.#suppressorSeenMs = nowMs;
    if (red && !this.#red) this.#pendingSince = nowMs;
    if (!red) this.#pendingSince = undefined;
    this.#red = red;
    if (this.#pendingSince === undefined) return false;
    if (this.#suppression) {
      const { waitMs, extensionMs } = this.#suppression;
      const seenMs = this.#suppressorSeenMs ?? -Infinity;
      if (nowMs - seenMs < extensionMs) return false;
      if (seenMs < this.#pendingSince && nowMs - this.#pendingSince < waitMs) return false;
    }
    this.#pendingSince = undefined;
    return true;
  }
}
