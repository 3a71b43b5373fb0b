/** The engine's errors as people can use them: causes without their consequences, in one line each. */
import { OTHER_PROVIDER_REMEDY } from "./unknown-token.ts";

export interface Explained {
  readonly problem: string;
  readonly remedy?: string;
}

/** What registrations say that were still under way when the engine stopped: never the cause. */
const CONSEQUENCE = /resource monitor shut down|grpc.* connection closed|Cancelled on client/i;

export function explain(errors: readonly string[]): Explained {
  const provider = errors
    .map((error) => /no resource plugin 'pulumi-resource-([\w-]+)'/.exec(error)?.[1])
    .find((name) => name !== undefined);
  if (provider !== undefined) {
    return {
      problem: `the program uses the ${provider} provider, and offline runs know only aws and awsx`,
      remedy: OTHER_PROVIDER_REMEDY,
    };
  }
  const causes = errors.filter((error) => !CONSEQUENCE.test(error));
  return { problem: (causes.length > 0 ? causes : errors).join("\n") };
}
