/**
 * Which values never get into a log line, by the names of their keys: what is secret or personal. A secret
 * inside a message or under a harmless name is written, so do not put one there.
 * Put here: words that any service would hide. A service adds its own in its domain: `secretKeys`.
 *
 * Lists, not one large regular expression: compiling that took 0.6 ms of every cold start.
 */

const words = (text: string): string[] => text.split(" ");

/** Hidden wherever a key has them, letters and digits alone: `dbPassword`, `X-Api-Key`, `accesskeyid`. */
const ANYWHERE = words(
  "secret token credential bearer cookie signature authorization authorisation " +
    "sessionid mail phone birth address socialsecurity nationalid " +
    "passwd password passphrase passcode passport " +
    "apikey accesskey privatekey signingkey sessionkey encryptionkey accountkey masterkey " +
    "accountnum accountno accountnr cardnum cardno cardnr taxnum taxno taxnr insurancenum insuranceno insurancenr " +
    "licensenum licenseno licensenr licencenum licenceno licencenr serialnum serialno serialnr " +
    "firstname lastname middlename maidenname fullname surname username givenname familyname",
);

/** Hidden as a word of a key, for they are part of harmless ones: `pin`, `userPin`, not `shipping`. */
const AS_WORD = words(
  "pin otp totp mfa pwd pw jwt auth sid hmac csrf xsrf cvv cvc cvv2 cvc2 csc iban bic dob ssn tin nino pan vat sig salt " +
    "nonce mobile fax street zip postcode lat lng latitude longitude ip",
);

const isHiddenWord = (word: string): boolean =>
  AS_WORD.includes(word) || (word.endsWith("s") && AS_WORD.includes(word.slice(0, -1)));

/** Keys come from callers too, so what is remembered of them is bounded. */
const MAX_REMEMBERED = 1000;

/** The words of a key in small letters: `userPin`, `user_pin` and `USER-PIN` alike. */
const wordsOf = (key: string): string[] =>
  key
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/);

/** Decides about keys. `own` are further keys, written as in the event; case and separators do not matter. */
export function secretKeys(own: readonly string[] = []): (key: string) => boolean {
  const ownKeys = new Set(own.map((key) => wordsOf(key).join("")));
  const remembered = new Map<string, boolean>();
  return (key) => {
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const parts = wordsOf(key.slice(0, 200));
    const whole = parts.join("");
    const isSecret =
      ownKeys.has(whole) ||
      parts.some(isHiddenWord) ||
      ANYWHERE.some((word) => whole.includes(word));
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(key, isSecret);
    return isSecret;
  };
}
