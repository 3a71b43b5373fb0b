/**
 * Which values never get into a log line, by the names of their keys: what is secret or personal. A secret
 * inside a message or under a harmless name is written, so do not put one there.
 * Put here: words that any service would hide. A service adds its own in its domain: `secretKeys`.
 */

/** Hidden wherever a key has them, letters and digits alone: `dbPassword`, `X-Api-Key`, `accesskeyid`. */
const ANYWHERE =
  /pass(w(or)?d|phrase|code|port)|secret|token|credential|bearer|cookie|signature|authori[sz]ation|(api|access|private|secret|signing|session|encryption|account|master)key|sessionid|e?mail|phone|birth|address|(account|card|tax|insurance|licen[cs]e|serial)n(umber|um|o|r)|(first|last|middle|maiden|full|sur|user|given|family)name|socialsecurity|nationalid/;

/** Hidden as a word of a key, for they are part of harmless ones: `pin`, `userPin`, not `shipping`. */
const AS_WORD =
  /(^|_)(pin|otp|totp|mfa|pwd|pw|jwt|auth|sid|hmac|csrf|xsrf|cvv|cvc|cvv2|cvc2|csc|iban|bic|dob|ssn|tin|nino|pan|vat|sig|salt|nonce|mobile|fax|street|zip|postcode|lat|lng|latitude|longitude|ip|iban|passport)s?(_|$)/;

/** Keys come from callers too, so what is remembered of them is bounded. */
const MAX_REMEMBERED = 1000;

/** Decides about keys. `own` are further keys, written as in the event; case and separators do not matter. */
export function secretKeys(own: readonly string[] = []): (key: string) => boolean {
  const squashed = (key: string): string => key.replace(/[^a-z\d]/gi, "").toLowerCase();
  const ownKeys = new Set(own.map(squashed));
  const remembered = new Map<string, boolean>();
  return (key) => {
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const short = key.slice(0, 200);
    const whole = squashed(short);
    const words = short
      .replace(/([a-z\d])([A-Z])/g, "$1_$2")
      .replace(/[^a-z\d]+/gi, "_")
      .toLowerCase();
    const isSecret = ownKeys.has(whole) || ANYWHERE.test(whole) || AS_WORD.test(words);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(key, isSecret);
    return isSecret;
  };
}
