/** The stack's file without its secrets. Pure. */
import { isScalar, parseDocument, visit } from "yaml";
import { SECRET_PLACEHOLDER } from "./state.ts";

/** What opens the secrets of the file; a copy has none. */
const ENCRYPTION_KEYS = ["secretsprovider", "encryptedkey", "encryptionsalt"] as const;

/** The text of `Pulumi.<stack>.yaml` with every `secure` value replaced, and nothing that could open it. */
export function redactedStackFile(text: string): string {
  const document = parseDocument(text);
  for (const key of ENCRYPTION_KEYS) document.delete(key);
  visit(document, {
    Map: (_, map) => {
      const [only] = map.items;
      const isSealed = map.items.length === 1 && isScalar(only?.key) && only.key.value === "secure";
      return isSealed ? document.createNode(SECRET_PLACEHOLDER) : undefined;
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** What a passphrase and the secrets of the file are mixed with; undefined where no passphrase opens them. */
export function saltOf(text: string): string | undefined {
  const salt = parseDocument(text).get("encryptionsalt");
  return typeof salt === "string" ? salt : undefined;
}
