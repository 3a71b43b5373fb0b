/** What the doctor's checks have in common. */
import type { AwsLocation } from "../../infra/arns.ts";
import type { Settings } from "../../infra/settings/parse.ts";

/** Something that is wrong, or will be. */
export interface Finding {
  /** `error`: something does not work now. `warning`: it works, but not as it should. */
  readonly severity: "error" | "warning";
  /** What is wrong, in one sentence. */
  readonly problem: string;
  /** What to do, in one clause. */
  readonly remedy: string;
}

/** What every check may rely on: the stack's settings are valid, and the credentials are good. */
export interface DoctorContext {
  /** The project's folder. */
  readonly root: string;
  readonly stack: string;
  readonly settings: Settings;
  readonly location: AwsLocation;
}

export interface Check {
  /** For example `identity`. */
  readonly name: string;
  /** Looks, and changes nothing. No finding means that all is well. */
  readonly run: (context: DoctorContext) => Promise<readonly Finding[]>;
}
