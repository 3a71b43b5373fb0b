/**
 * What this package throws when it cannot do what was asked and somebody can do something about it.
 * Everything else that is thrown is a defect.
 */
export class LocalAwsError extends Error {
  override readonly name: string = "LocalAwsError";
  /** What is wrong, in one line. */
  readonly problem: string;
  /** What to do about it; absent where the problem says so itself. */
  readonly remedy: string | undefined;
  constructor(problem: string, remedy?: string, options?: ErrorOptions) {
    super(remedy === undefined ? problem : `${problem}; ${remedy}`, options);
    this.problem = problem;
    this.remedy = remedy;
  }
}
