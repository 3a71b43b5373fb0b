/** A domain of the tests' own, so that they judge the machinery whatever the service does: a word in, a word out. */
import type { Call, Domain } from "../../../function/platform/domain.ts";
import { RefusedError } from "../../../function/platform/errors.ts";
import { smokeEvent } from "../../../function/platform/smoke.ts";
import { isRecord } from "../../../function/platform/structure.ts";

export interface Word {
  readonly word: string;
  readonly [key: string]: unknown;
}

export interface Echo {
  readonly id: string;
  readonly word: string;
  readonly at: string;
}

/** What the domain reaches outside. */
export type Outside = (event: Word, call: Call) => void | Promise<void>;

export const wordDomain = (outside: Outside = () => {}): Domain<Word, Echo> => ({
  sample: { word: "sample" },
  smokeEvents: [
    smokeEvent("greet", { word: "smoke" }, 200),
    smokeEvent("refusal", { word: 7 }, 400),
  ],
  parse(input) {
    if (isRecord(input) && typeof input["word"] === "string") {
      return { ...input, word: input["word"] };
    }
    throw new RefusedError([{ path: "word", message: "must be a string" }]);
  },
  async handle(event, call) {
    call.annotate("word", event.word);
    await call.trace.step("outside", (trace) => outside(event, { ...call, trace }));
    return { id: call.newId, word: event.word, at: call.now.toISOString() };
  },
});
