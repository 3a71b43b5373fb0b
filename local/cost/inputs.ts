/** Reads inputs of planned resources, which can be of any type. Pure. */

export type Inputs = Readonly<Record<string, unknown>>;

/** A number, or what the service takes where there is none. */
export const numberAt = (inputs: Inputs, key: string, fallback: number): number => {
  const value = inputs[key];
  return typeof value === "number" ? value : fallback;
};

/** Text, empty where there is none. */
export const textAt = (inputs: Inputs, key: string): string => {
  const value = inputs[key];
  return typeof value === "string" ? value : "";
};

/** A list, empty where there is none. */
export const listAt = (inputs: Inputs, key: string): readonly unknown[] => {
  const value = inputs[key];
  return Array.isArray(value) ? value : [];
};

/** A group of inputs, empty where there is none. */
export const groupAt = (inputs: Inputs, key: string): Inputs => {
  const value = inputs[key];
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Inputs)
    : {};
};

/** The name at the end of an ARN. */
export const nameInArn = (arn: string): string => arn.split(/[:/]/).at(-1) ?? "";
