/** What AWS publishes of its resource types and the SDK does not say; tools/generate-knowledge.ts writes it. */
import { readFileSync } from "node:fs";

/** Each part is absent where nothing is published, or its names match no input of the SDK's. */
export interface KnownType {
  /** Inputs whose change makes a new resource of it. */
  readonly replaceOn?: readonly string[];
  /** Whether there may be more of them, because names did not match. */
  readonly partial?: true;
  /** Form of its ARN: `{partition}`, `{region}`, `{account}`, `{id}`, and inputs by their names. */
  readonly arn?: string;
  /** What its id is: `arn`, or the input of this name. Absent: AWS draws it. */
  readonly id?: string;
}

export interface Knowledge {
  /** Version of `@pulumi/aws` that the names are of. */
  readonly sdk: string;
  readonly types: Readonly<Record<string, KnownType>>;
}

let read: Knowledge | undefined;

/** Read when it is first asked for: a plan of hand-described types never needs it. */
export const knowledge = (): Knowledge =>
  (read ??= JSON.parse(
    readFileSync(new URL("knowledge.json", import.meta.url), "utf8"),
  ) as Knowledge);
