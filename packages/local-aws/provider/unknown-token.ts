import { LocalAwsError } from "../errors.ts";
import { sdkPackage, siblings } from "./sdk.ts";

/** A resource type or function that the installed SDK has no class or function for. */
export class UnknownToken extends LocalAwsError {
  override readonly name = "UnknownToken";
  constructor(kind: "resource type" | "function", token: string) {
    const [provider = ""] = token.split(":");
    if (provider !== "aws") {
      super(
        `${token} is a ${kind} of the ${provider} provider, and offline runs know only aws and awsx`,
        OTHER_PROVIDER_REMEDY,
      );
      return;
    }
    const near = nearest(token);
    super(
      `@pulumi/aws ${sdkPackage().version} has no ${kind} ${token}`,
      near === undefined
        ? "correct the name, or install the version that has it"
        : `did you mean ${near}?`,
    );
  }
}

/** What can be done about a resource of another provider. */
export const OTHER_PROVIDER_REMEDY =
  "plan it against an account with pulumi preview, or make it with an AWS resource or a config key instead";

/** The token of the same module that differs least, if one is near enough to be meant. */
function nearest(token: string): string | undefined {
  const ranked = siblings(token)
    .map((sibling) => ({ sibling, steps: distance(token, sibling) }))
    .sort((a, b) => a.steps - b.steps);
  const [best] = ranked;
  return best !== undefined && best.steps <= 6 ? best.sibling : undefined;
}

/** Letters to add, drop or change to make one word of the other (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let index = 0; index < one.length; index += 1) {
    const next = [index + 1];
    for (let column = 0; column < other.length; column += 1) {
      const changed = (row[column] ?? 0) + (one[index] === other[column] ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
