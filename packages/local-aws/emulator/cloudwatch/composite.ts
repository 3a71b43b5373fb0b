/**
 * Composite alarms: their rules, and what keeps their actions silent (CloudWatch user guide, "Combining
 * alarms" and "Suppressing composite alarm actions").
 */
import type { AlarmState } from "./evaluation.ts";

/** The state of an alarm by its name. */
export type StateOf = (alarmName: string) => AlarmState;

const STATES: readonly string[] = ["ALARM", "OK", "INSUFFICIENT_DATA"] satisfies AlarmState[];

/** Whether a rule such as `(ALARM("a") OR ALARM("b")) AND NOT ALARM("c")` holds. Throws for what it cannot read. */
export const ruleHolds = (rule: string, stateOf: StateOf): boolean => new Rule(rule).holds(stateOf);

/** The names of the alarms that a rule reads, in its order. Throws for what it cannot read. */
export function alarmsOf(rule: string): readonly string[] {
  const names: string[] = [];
  new Rule(rule).holds((name) => {
    names.push(name);
    return "OK";
  });
  return [...new Set(names)];
}

/** One reading of a rule. Both sides of OR and AND are read, whatever the first says. */
class Rule {
  readonly #rule: string;
  readonly #words: string[];

  constructor(rule: string) {
    this.#rule = rule;
    this.#words = rule.match(/"(?:\\.|[^"\\])*"|[(),]|[^\s(),"]+/g) ?? [];
  }

  holds(stateOf: StateOf): boolean {
    const holds = this.#either(stateOf);
    if (this.#words.length > 0) throw this.#unexpected(this.#words[0]);
    return holds;
  }

  #either(stateOf: StateOf): boolean {
    let holds = this.#both(stateOf);
    while (this.#taken("OR")) holds = this.#both(stateOf) || holds;
    return holds;
  }

  #both(stateOf: StateOf): boolean {
    let holds = this.#single(stateOf);
    while (this.#taken("AND")) holds = this.#single(stateOf) && holds;
    return holds;
  }

  #single(stateOf: StateOf): boolean {
    const word = this.#take();
    if (word === "NOT") return !this.#single(stateOf);
    if (word === "TRUE" || word === "FALSE") return word === "TRUE";
    if (word === "AT_LEAST") return this.#atLeast(stateOf);
    if (word === "(") {
      const inner = this.#either(stateOf);
      this.#take(")");
      return inner;
    }
    if (!STATES.includes(word)) throw this.#unexpected(word);
    this.#take("(");
    const name = this.#name();
    this.#take(")");
    return stateOf(name) === word;
  }

  /** `AT_LEAST(2, ALARM, (a, b, c))`, also with a percentage and with `NOT ALARM`. */
  #atLeast(stateOf: StateOf): boolean {
    this.#take("(");
    const count = /^(\d+)(%?)$/.exec(this.#take());
    if (!count) throw this.#unexpected("no number in AT_LEAST");
    this.#take(",");
    const not = this.#taken("NOT");
    const state = this.#take();
    if (!STATES.includes(state)) throw this.#unexpected(state);
    this.#take(",");
    this.#take("(");
    const names = [this.#name()];
    while (this.#taken(",")) names.push(this.#name());
    this.#take(")");
    this.#take(")");
    const hits = names.filter((name) => (stateOf(name) === state) !== not).length;
    const wanted = Number(count[1]);
    return count[2] === "%" ? hits * 100 >= wanted * names.length : hits >= wanted;
  }

  /** A name, or the ARN of an alarm, quoted or not. */
  #name(): string {
    const word = this.#take();
    const name = word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, "$1") : word;
    return name.startsWith("arn:") ? (name.split(":alarm:")[1] ?? name) : name;
  }

  #taken(word: string): boolean {
    if (this.#words[0] !== word) return false;
    this.#words.shift();
    return true;
  }

  #take(expected?: string): string {
    const word = this.#words.shift() ?? "the end";
    if (expected !== undefined && word !== expected) {
      throw new Error(`composite alarm: ${word} where ${expected} should be, in ${this.#rule}`);
    }
    return word;
  }

  #unexpected(word = "the end"): Error {
    return new Error(`composite alarm: unexpected ${word} in ${this.#rule}`);
  }
}

/** How long actions wait for a suppressor to turn red, and stay silent after it is over; in ms. */
export interface Suppression {
  readonly waitMs: number;
  readonly extensionMs: number;
}

/**
 * Decides when a composite alarm acts. Fed with its state and the suppressor's at every evaluation.
 *
 * While the suppressor is red, and for the extension after, no action is taken; then the action of the state that the
 * alarm is in by then. So people may be told that something is over of which they were never told: AWS's pages do not
 * say that it keeps that from them.
 */
export class ActionSuppressor {
  readonly #suppression: Suppression | undefined;
  /** When the alarm last changed; absent once it has acted on that. */
  #pendingSince: number | undefined;
  #suppressorSeenMs: number | undefined;
  #red = false;

  constructor(suppression?: Suppression) {
    this.#suppression = suppression;
  }

  /** Whether the alarm takes the action of its state now. */
  acts(red: boolean, suppressorRed: boolean, nowMs: number): boolean {
    if (suppressorRed) this.#suppressorSeenMs = nowMs;
    if (red !== this.#red) this.#pendingSince = nowMs;
    this.#red = red;
    if (this.#pendingSince === undefined) return false;
    if (this.#suppression) {
      const { waitMs, extensionMs } = this.#suppression;
      const seenMs = this.#suppressorSeenMs ?? -Infinity;
      if (suppressorRed || nowMs - seenMs < extensionMs) return false;
      // Only what turns red waits for its suppressor to do so as well.
      const waits = red && seenMs < this.#pendingSince;
      if (waits && nowMs - this.#pendingSince < waitMs) return false;
    }
    this.#pendingSince = undefined;
    return true;
  }
}
