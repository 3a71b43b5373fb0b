/**
 * What never gets into a log line.
 * Put here: names of keys whose values are personal or secret. Keys are all that is looked at: a secret
 * inside a message or under a harmless name is written, so do not put one there.
 */
const SECRET =
  /pass(word|wd|phrase)|secret|token|authori[sz]ation|cookie|api[-_]?key|private[-_]?key|credential/i;
const PERSONAL =
  /e[-_]?mail|phone|birth|ssn|iban|card[-_]?n|address|(first|last|full|sur|user)[-_]?name/i;

/** Longest string in a log line, in characters: a line over 1 MB is cut by CloudWatch and no JSON any more. */
const MAX_STRING = 4096;

/** A replacer for `JSON.stringify`. */
export const redact = (key: string, value: unknown): unknown => {
  if (value === undefined || value === null) return value;
  if (SECRET.test(key) || PERSONAL.test(key)) return "[redacted]";
  return typeof value === "string" && value.length > MAX_STRING
    ? `${value.slice(0, MAX_STRING)}… (${value.length} characters)`
    : value;
};
