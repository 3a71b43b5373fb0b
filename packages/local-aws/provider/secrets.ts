/** Secrets as Pulumi writes them on the wire: an object that carries a mark and the value. */

/** The key that marks a special value, and the mark of a secret. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const isSecret = (value: unknown): value is { readonly value: unknown } =>
  isObject(value) && value[SIGNATURE] === SECRET;

/** Objects of a class (assets, resources) are values of their own and not looked into. */
const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isObject(value) && Object.getPrototypeOf(value) === Object.prototype;

/** The value as a secret. */
export const seal = (value: unknown): unknown =>
  isSecret(value) ? value : { [SIGNATURE]: SECRET, value };

/** The value with every secret in it laid open. */
export function unseal(value: unknown): unknown {
  if (isSecret(value)) return unseal(value.value);
  if (Array.isArray(value)) return value.map(unseal);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unseal(item)]));
}

/** Whether the value is a secret or holds one. */
export function holdsSecret(value: unknown): boolean {
  if (isSecret(value)) return true;
  if (Array.isArray(value)) return value.some(holdsSecret);
  return isPlainObject(value) && Object.values(value).some(holdsSecret);
}

/** Every secret text in the value. */
function secretTexts(value: unknown, within = false): string[] {
  if (isSecret(value)) return secretTexts(value.value, true);
  if (Array.isArray(value)) return value.flatMap((item) => secretTexts(item, within));
  if (isPlainObject(value))
    return Object.values(value).flatMap((item) => secretTexts(item, within));
  return within && typeof value === "string" && value !== "" ? [value] : [];
}

/**
 * Outputs with everything secret that the inputs hold: an input keeps its own seal, and what was made from
 * a secret (an ARN from a name) is sealed too.
 */
export function sealLike(
  outputs: Readonly<Record<string, unknown>>,
  inputs: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const secrets = secretTexts(inputs);
  const reveals = (value: unknown): boolean => {
    const text = JSON.stringify([value]);
    return secrets.some((secret) => text.includes(JSON.stringify(secret).slice(1, -1)));
  };
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => {
      if (holdsSecret(inputs[key])) return [key, inputs[key]];
      return [key, reveals(value) ? seal(value) : value];
    }),
  );
}
